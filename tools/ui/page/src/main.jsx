import { render } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { act, get, isOwn, onAlive } from "./api.js";
import { AtWork, Notice, isShownAtWork } from "./atwork.jsx";
import { Details } from "./details.jsx";
import { HelpDialog, SnapshotDialog, WordDialog } from "./dialogs.jsx";
import { secret } from "./door.js";
import { Health } from "./health.jsx";
import { useCommits, useSelection, useSnapshots } from "./history.js";
import { branchOf } from "./lanes.js";
import { PlanDialog } from "./plan.jsx";
import { Space } from "./space.jsx";
import "./style/base.css";
import "./style/frame.css";
import "./style/timeline.css";
import "./style/details.css";
import "./style/contents.css";
import "./style/dialogs.css";
import "./style/views.css";
import "./style/phone.css";
import { age, counted, nameOf, visible, withoutUnseen } from "./text.js";
import { Timeline } from "./timeline.jsx";
import { Trouble } from "./trouble.jsx";
import { useAction } from "./work.jsx";

const k_look_again = 4000;

function matches(snapshot, words) {
  if (words.length === 0) return true;
  const text = [snapshot.id, nameOf(snapshot.note), nameOf(snapshot.trigger), branchOf(snapshot), snapshot.commit ?? "", ...snapshot.tags.map(nameOf), snapshot.pinned ? "pinned" : "", snapshot.dirty ? "dirty" : ""].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

const k_views = [["timeline", "Timeline"], ["space", "Space"], ["health", "Health"]];

function App() {
  const [state, setState] = useState(null);
  const [error, setError] = useState(null);
  const [alive, setAlive] = useState(true);
  const [version, setVersion] = useState(0);
  const [view, setView] = useState("timeline");
  const [tab, setTab] = useState("overview");
  const [filter, setFilter] = useState("");
  const [picked, setPicked] = useState(null);
  const [dialog, setDialog] = useState(null);
  const [said, setSaid] = useState(null);
  const [failure, setFailure] = useState(null);
  const [others, setOthers] = useState([]); // jobs that another page began, or this one before it was loaded anew
  const [restores, setRestores] = useState(0);
  const verification = useAction();
  const lastSign = useRef(null);
  const list = useRef(null);
  const details = useRef(null);
  const search = useRef(null);
  const all = useSnapshots(version);
  const hasFirst = all.snapshots.length > 0 || all.complete || all.error !== null; // the rest can wait for that
  const commits = useCommits(hasFirst ? version : null);
  const changed = useCallback(() => setVersion((before) => before + 1), []);
  const ended = (action) => {
    if (["restore", "undo", "recover"].includes(action)) setRestores((before) => before + 1);
    changed();
  };

  // What may change behind the page: hooks and terminals take snapshots too.
  useEffect(() => {
    if (!hasFirst) return undefined;
    let timer;
    let wanted = true;
    const look = async () => {
      if (!document.hidden) {
        try {
          const now = await get("state");
          const sign = JSON.stringify([now.newest, now.snapshots, now.marks, now.recovery, now.head]);
          if (lastSign.current !== null && lastSign.current !== sign) changed();
          lastSign.current = sign;
          setState(now);
          const { job } = now;
          if (isShownAtWork(job) && !isOwn(job.job)) setOthers((before) => (before.some((one) => one.job === job.job) ? before : [...before, job]));
          setError(null);
        } catch (failed) {
          setError(failed);
        }
      }
      if (wanted) timer = setTimeout(look, k_look_again);
    };
    look();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [version, hasFirst]);
  useEffect(() => onAlive((now) => {
    setAlive(now);
    if (now) changed();
  }), []);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(null), 6000);
    return () => clearTimeout(timer);
  }, [said]);

  const words = useMemo(() => filter.toLowerCase().split(/\s+/).filter(Boolean), [filter]);
  const shown = useMemo(() => (words.length === 0 ? all.snapshots : all.snapshots.filter((one) => matches(one, words))), [all.snapshots, words]);
  const [selected, setSelected] = useSelection(all.snapshots, shown);
  const snapshot = useMemo(() => all.snapshots.find((one) => one.id === selected), [all.snapshots, selected]);
  const previous = useMemo(() => {
    const older = snapshot ? all.snapshots.slice(all.snapshots.indexOf(snapshot) + 1) : [];
    return older.find((one) => nameOf(one.project) === nameOf(snapshot.project) && nameOf(one.worktree) === nameOf(snapshot.worktree)) ?? null;
  }, [all.snapshots, snapshot]);

  const pickedOne = useMemo(() => all.snapshots.find((one) => one.id === picked) ?? null, [all.snapshots, picked]);

  const finish = (id, text) => {
    setDialog(null);
    setSaid(text);
    if (id) setSelected(id);
    changed();
  };
  const mark = async (action, text) => {
    setFailure(null);
    try {
      await act({ action, snapshot: snapshot.id, text });
      setSaid({ pin: "Pinned", unpin: "Unpinned", untag: `Took the tag ${visible(text)} away` }[action]);
      changed();
    } catch (failed) {
      setFailure(failed);
    }
  };
  const onAction = (action, text) => {
    if (!snapshot && !["snapshot", "undo", "help"].includes(action)) return;
    if (action === "pin") mark(snapshot.pinned ? "unpin" : "pin");
    else if (action === "untag") mark(action, text);
    else if (action === "pick") setPicked(picked === snapshot.id ? null : snapshot.id);
    else setDialog({ kind: action, snapshot });
  };

  // At once: a key that is pressed before the next frame is for what is shown already.
  useLayoutEffect(() => {
    const keys = (event) => {
      const inField = event.target.closest?.("input, textarea, select, dialog");
      if (dialog || inField || event.ctrlKey || event.metaKey || event.altKey) {
        if (event.key === "Escape" && event.target === search.current) {
          setFilter("");
          list.current?.focus();
        }
        return;
      }
      const at = shown.findIndex((one) => one.id === selected);
      const select = (to) => {
        if (shown[to]) setSelected(shown[to].id);
      };
      const inTimeline = view === "timeline";
      const does = {
        j: () => select(at + 1),
        k: () => select(at - 1),
        "/": () => search.current?.focus(),
        s: () => onAction("snapshot"),
        u: () => onAction("undo"),
        "?": () => onAction("help"),
        1: () => setView("timeline"),
        2: () => setView("space"),
        3: () => setView("health"),
        ...(inTimeline && {
          r: () => onAction("restore"),
          p: () => onAction("pin"),
          t: () => onAction("tag"),
          n: () => onAction("note"),
          x: () => onAction("pick"),
          d: () => setTab("changes"),
          f: () => setTab("files"),
          o: () => setTab("overview"),
          Delete: () => onAction("delete"),
        }),
      }[event.key];
      if (does) {
        event.preventDefault();
        does();
      }
    };
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  });

  if (!state && all.snapshots.length === 0) return <div class="starting">{error ? <Trouble error={error} /> : "Opening the project…"}</div>;
  const isEmpty = all.total === 0 && all.complete;
  return (
    <>
      <header class="top">
        <div class="brand">
          <strong>{state ? visible(state.project?.name) || "savepoint" : "…"}</strong>
          {state?.head && (
            <span class="dim head">
              {state.head.branch ? visible(state.head.branch) : "(detached)"}
              {state.head.commit && <code> {state.head.commit.slice(0, 8)}</code>}
            </span>
          )}
        </div>
        <nav aria-label="Views">
          {k_views.map(([name, label]) => (
            <button key={name} type="button" aria-current={view === name ? "page" : undefined} onClick={() => setView(name)}>
              {label}
            </button>
          ))}
        </nav>
        <div class="commands">
          <button type="button" onClick={() => onAction("undo")} disabled={all.total === 0}>Undo…</button>
          <button type="button" class="primary" onClick={() => onAction("snapshot")}>Snapshot…</button>
          <button type="button" class="round" aria-label="Keys" onClick={() => onAction("help")}>?</button>
        </div>
      </header>
      {!alive && (
        <div class="banner bad" role="alert">
          <strong>savepoint ui has ended.</strong> Start it again in the project, and open the new address.
        </div>
      )}
      {error && alive && <Trouble error={error} />}
      {state?.recovery && (
        <div class="banner warn" role="alert">
          <span>
            A restore of <code>{state.recovery.target}</code> was interrupted: the project is between two states.
          </span>
          <button type="button" onClick={() => setDialog({ kind: "continue" })}>Finish it…</button>
          <button type="button" onClick={() => setDialog({ kind: "rollback" })}>Go back…</button>
        </div>
      )}
      {others.map((job) => (
        <AtWork
          key={job.job}
          job={job}
          onEnd={() => ended(job.action)}
          onUndo={() => setDialog({ kind: "undo" })}
          onDismiss={() => setOthers((before) => before.filter((one) => one !== job))}
        />
      ))}
      {failure && (
        <Notice onDismiss={() => setFailure(null)}>
          <Trouble error={failure} />
        </Notice>
      )}
      {view === "timeline" && (
        <main class={`split ${isEmpty ? "alone" : ""}`}>
          <section class="left" aria-label="Timeline">
            <h1 class="unseen">Timeline</h1>
            <div class="search">
              <input ref={search} type="search" aria-label="Filter snapshots" placeholder="Filter: a note, tag, branch, commit …" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
              <span class="dim" role="status">
                {words.length > 0 ? `${shown.length.toLocaleString("en")} of ` : ""}
                {counted(all.total, "snapshot")}
                {all.snapshots[0] ? `, ${age(all.snapshots[0].created_at)}` : ""}
              </span>
            </div>
            {all.error && <Trouble error={all.error} />}
            {isEmpty ? (
              <div class="empty">
                <p>No snapshots yet.</p>
                <button type="button" class="primary" onClick={() => onAction("snapshot")}>Take the first one…</button>
              </div>
            ) : (
              <Timeline snapshots={shown} commits={commits} filter={words.join(" ")} selected={selected} onSelect={setSelected} onOpen={() => details.current?.focus()} listRef={list} />
            )}
          </section>
          {!isEmpty && <Details snapshot={snapshot} previous={previous} picked={pickedOne} restores={restores} tab={tab} onTab={setTab} onAction={onAction} detailsRef={details} />}
        </main>
      )}
      {view === "space" && state && (
        <Space
          snapshots={all.snapshots}
          state={state}
          version={version}
          complete={all.complete}
          onOpen={(id) => {
            setFilter("");
            setSelected(id);
            setView("timeline");
          }}
        />
      )}
      {view === "health" && state && <Health state={state} version={version} action={verification} onChanged={changed} />}
      <div class="toast" role="status" aria-live="polite">
        {said && <span>{withoutUnseen(said)}</span>}
      </div>
      {dialog?.kind === "snapshot" && <SnapshotDialog onClose={() => setDialog(null)} onDone={finish} />}
      {dialog?.kind === "help" && <HelpDialog onClose={() => setDialog(null)} />}
      {["tag", "note"].includes(dialog?.kind) && <WordDialog kind={dialog.kind} snapshot={all.snapshots.find((one) => one.id === dialog.snapshot.id) ?? dialog.snapshot} onClose={() => setDialog(null)} onDone={finish} />}
      {["restore", "undo", "delete", "continue", "rollback"].includes(dialog?.kind) && (
        <PlanDialog
          key={dialog.kind + (dialog.snapshot?.id ?? "")}
          kind={dialog.kind}
          snapshot={dialog.snapshot}
          onClose={() => setDialog(null)}
          onDone={ended}
          onUndo={() => setDialog({ kind: "undo" })}
        />
      )}
    </>
  );
}

const place = document.getElementById("app");
place.replaceChildren();
render(
  secret ? (
    <App />
  ) : (
    <p class="starting">
      Open the address that <code>savepoint ui</code> printed: it lets this page in.
    </p>
  ),
  place,
);
