import { useEffect, useRef, useState } from "preact/hooks";
import { act } from "./api.js";
import { Trouble } from "./details.jsx";
import { VirtualList } from "./list.jsx";
import { counted, nameOf, shortId, size, titleOf, visible } from "./text.js";

/** A dialog of the browser's own: it holds the focus, and Escape closes it. */
function Dialog({ title, onClose, busy = false, children }) {
  const box = useRef(null);
  useEffect(() => {
    const back = document.activeElement;
    box.current.showModal();
    return () => back?.focus?.();
  }, []);
  return (
    <dialog
      ref={box}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
      onClose={() => (busy ? box.current?.showModal() : onClose())} // a second Escape closes it without asking
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

function Progress({ look }) {
  const began = useRef(null);
  const told = look?.progress;
  if (told && began.current?.stage !== told.stage) began.current = { stage: told.stage, at: performance.now(), bytes: told.bytes };
  const seconds = began.current ? (performance.now() - began.current.at) / 1000 : 0;
  const rate = seconds > 0.5 && told ? (told.bytes - began.current.bytes) / seconds : 0;
  const left = rate > 0 && told.total > told.bytes ? (told.total - told.bytes) / rate : 0;
  return (
    <div class="progress" role="status">
      <progress aria-label="Progress" {...(told?.total ? { max: told.total, value: Math.min(told.bytes, told.total) } : {})} />
      <p>
        {told ? `${told.stage}: ${counted(told.files, "file")}, ${size(told.bytes)}` : "Working…"}
        {told?.total ? ` of ${size(told.total)}` : ""}
        {rate > 0 ? `, ${size(rate)}/s` : ""}
        {left >= 1 ? `, ${Math.ceil(left)} s left` : ""}
      </p>
    </div>
  );
}

/** Runs an action; `state` is "idle", "busy" or "done". */
function useAction() {
  const [state, setState] = useState("idle");
  const [look, setLook] = useState(null);
  const [error, setError] = useState(null);
  const [result, setResult] = useState(null);
  const run = async (wanted) => {
    setState("busy");
    setError(null);
    setLook(null);
    try {
      const done = await act(wanted, setLook);
      setResult(done);
      setState("done");
      return done;
    } catch (failed) {
      setError(failed);
      setState("idle");
      return null;
    }
  };
  return { state, look, error, result, run };
}

export function SnapshotDialog({ onClose, onDone }) {
  const [note, setNote] = useState("");
  const [tags, setTags] = useState("");
  const [pin, setPin] = useState(false);
  const action = useAction();
  const submit = async (event) => {
    event.preventDefault();
    const done = await action.run({ action: "snapshot", note, tags: tags.split(/[\s,]+/).filter(Boolean), pin });
    if (done) onDone(done.document.id, `Saved ${shortId(done.document.id)}${done.exit_code === 7 ? ", but something was left out" : ""}`);
  };
  return (
    <Dialog title="Take a snapshot" onClose={onClose} busy={action.state === "busy"}>
      <form onSubmit={submit}>
        <label class="field">
          What is it for?
          <input autofocus value={note} maxLength={2000} onInput={(event) => setNote(event.currentTarget.value)} placeholder="before the migration" />
        </label>
        <label class="field">
          Tags
          <input value={tags} onInput={(event) => setTags(event.currentTarget.value)} placeholder="separated by spaces" />
        </label>
        <label class="check">
          <input type="checkbox" checked={pin} onChange={(event) => setPin(event.currentTarget.checked)} /> Pin it: prune never removes it
        </label>
        {action.error && <Trouble error={action.error} />}
        {action.state === "busy" && <Progress look={action.look} />}
        <div class="buttons">
          <button type="button" onClick={onClose} disabled={action.state === "busy"}>Cancel</button>
          <button type="submit" class="primary" disabled={action.state === "busy"}>Take it</button>
        </div>
      </form>
    </Dialog>
  );
}

export function WordDialog({ kind, snapshot, onClose, onDone }) {
  const [text, setText] = useState(kind === "note" ? nameOf(snapshot.note) : "");
  const action = useAction();
  const submit = async (event) => {
    event.preventDefault();
    const done = await action.run({ action: kind, snapshot: snapshot.id, text });
    if (done) onDone(snapshot.id, kind === "note" ? "Noted" : `Tagged ${text}`);
  };
  return (
    <Dialog title={kind === "note" ? "What is it for?" : "Give it a tag"} onClose={onClose}>
      <form onSubmit={submit}>
        <label class="field">
          {kind === "note" ? "Note" : "Tag"}
          {kind === "note" ? (
            <textarea autofocus rows={Math.min(8, text.split("\n").length + 1)} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          ) : (
            <input autofocus required value={text} onInput={(event) => setText(event.currentTarget.value)} />
          )}
        </label>
        {action.error && <Trouble error={action.error} />}
        <div class="buttons">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary">{kind === "note" ? "Note it" : "Tag it"}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Plan({ document }) {
  if (document.removed) {
    return (
      <>
        <ul class="paths">
          {document.removed.map((one) => (
            <li key={one.id}>
              <code>{one.id}</code>
            </li>
          ))}
        </ul>
        <p>About {size(document.bytes_freed)} become free.</p>
      </>
    );
  }
  // A recovery that is not due any more says no more than that.
  const { changes = [], config_left = [], versions = [], git = [], missing = [] } = document;
  return (
    <>
      {changes.length === 0 && <p>Nothing to do: {document.restored === null ? "no recovery is due any more" : "the project is as in this snapshot"}.</p>}
      {changes.length > 0 && (
        <>
          <p>{counted(changes.length, "change")}:</p>
          <VirtualList
            id="plan"
            label="What would change"
            className="files plan"
            count={changes.length}
            rowHeight={28}
            render={(at) => {
              const change = changes[at];
              return (
                <>
                  <span class={`action ${change.action}`}>{change.action}</span>
                  <span class="name">
                    {visible(change.path)}
                    {change.into && <span class="dim"> in {visible(change.into)}</span>}
                    {change.action === "database" && !change.compared && <span class="dim"> (changed since it was last saved, or not known)</span>}
                  </span>
                  <span class="number dim">{size(change.bytes)}</span>
                </>
              );
            }}
          />
        </>
      )}
      {config_left.length > 0 && (
        <p class="dim">
          Left as they are: {config_left.map((path) => visible(path)).join(", ")}
        </p>
      )}
      {versions.map((version) => (
        <p key={nameOf(version.label)} class="dim">
          Version of {visible(version.label)}: {visible(version.then)} in the snapshot, {visible(version.now)} today
        </p>
      ))}
      {git.flatMap((one) => one.since).map((commit) => (
        <p key={commit.commit} class="dim">
          Made since, reachable as {commit.kept_as}: <code>{commit.commit.slice(0, 10)}</code> {visible(commit.subject)}
        </p>
      ))}
      {missing.length > 0 && <p class="chip warn">Cannot be given: {missing.map((path) => visible(path)).join(", ")}</p>}
    </>
  );
}

const k_options = [
  ["with_config", "Also settings files that git ignores, such as .env"],
  ["git", "Also branch, HEAD and index"],
  ["keep_extra", "Leave files that the snapshot does not have"],
];
const k_parts = [["", "everything"], ["code", "only the code"], ["database", "only the databases"], ["config", "only settings files"]];

const k_words = {
  restore: { title: (snapshot) => `Restore “${titleOf(snapshot)}”`, go: "Restore", done: "Restored", safe: true },
  undo: { title: () => "Undo the last restore", go: "Undo", done: "Undone", safe: true },
  delete: { title: (snapshot) => `Delete “${titleOf(snapshot)}”`, go: "Delete", done: "Deleted", safe: false },
  continue: { title: () => "Finish the interrupted restore", go: "Finish it", done: "Finished", safe: false },
  rollback: { title: () => "Go back to what was before the interrupted restore", go: "Go back", done: "Gone back", safe: false },
};

/** What takes something away: shows the plan, asks, does just that, and says how it ended. */
export function PlanDialog({ kind, snapshot, onClose, onDone, onUndo }) {
  const words = k_words[kind];
  const [options, setOptions] = useState({ with_config: false, git: false, keep_extra: false, only: "" });
  const [typed, setTyped] = useState({});
  const plan = useAction();
  const action = useAction();
  const wanted =
    kind === "restore"
      ? { action: "restore", snapshot: snapshot.id, ...options }
      : kind === "delete"
        ? { action: "delete", snapshot: snapshot.id }
        : kind === "undo"
          ? { action: "undo" }
          : { action: "recover", direction: kind };
  const key = JSON.stringify(wanted);
  useEffect(() => {
    if (action.state === "idle") plan.run({ ...wanted, plan: true });
  }, [key]);

  const document = plan.state === "done" ? plan.result.document : null;
  const guarded = document?.guarded ?? [];
  const refused = guarded.filter((one) => one.refused === "always");
  const toType = guarded.filter((one) => one.refused !== "always");
  const confirmed = toType.every((one) => typed[nameOf(one.name)] === nameOf(one.name));
  const empty = document?.changes?.length === 0 || document?.removed?.length === 0;
  const busy = action.state === "busy";
  const submit = async (event) => {
    event.preventDefault();
    const done = await action.run({ ...wanted, confirm: toType.map((one) => nameOf(one.name)) });
    if (done) onDone();
  };
  const said = action.result?.document;

  if (action.state === "done") {
    return (
      <Dialog title={`${words.done}.`} onClose={onClose}>
        <p role="status">
          {said.changes ? counted(said.changes.length, "change") : `${size(said.bytes_freed)} are free`}
          {said.safety_snapshot && (
            <>
              . What was there before is in <code>{said.safety_snapshot}</code>
            </>
          )}
          .
        </p>
        {said.missing?.length > 0 && <p class="chip warn">Could not be given: {said.missing.map((path) => visible(path)).join(", ")}</p>}
        {action.result.messages && <pre class="messages">{action.result.messages}</pre>}
        <div class="buttons">
          {words.safe && said.safety_snapshot && <button type="button" onClick={onUndo}>Undo…</button>}
          <button type="button" class="primary" autofocus onClick={onClose}>Close</button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={words.title(snapshot)} onClose={onClose} busy={busy}>
      <form onSubmit={submit}>
        {kind === "restore" && (
          <fieldset disabled={busy || plan.state === "busy"}>
            <legend>What</legend>
            <select aria-label="Which part" value={options.only} onChange={(event) => setOptions({ ...options, only: event.currentTarget.value })}>
              {k_parts.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            {k_options.map(([name, label]) => (
              <label key={name} class="check">
                <input type="checkbox" checked={options[name]} onChange={(event) => setOptions({ ...options, [name]: event.currentTarget.checked })} /> {label}
              </label>
            ))}
          </fieldset>
        )}
        {plan.error && <Trouble error={plan.error} />}
        {plan.state === "busy" && <Progress look={plan.look} />}
        {document && !busy && <Plan document={document} />}
        {refused.map((one) => (
          <p key={nameOf(one.name)} class="trouble">
            {visible(one.where)}: {visible(one.reason)}
          </p>
        ))}
        {!busy &&
          toType.map((one) => (
            <label key={nameOf(one.name)} class="field guarded">
              {visible(one.where)}: {visible(one.reason)}. Type <strong>{visible(one.name)}</strong> to overwrite it
              <input autocomplete="off" spellcheck={false} value={typed[nameOf(one.name)] ?? ""} onInput={(event) => setTyped({ ...typed, [nameOf(one.name)]: event.currentTarget.value })} />
            </label>
          ))}
        {action.error && <Trouble error={action.error} />}
        {busy && <Progress look={action.look} />}
        {words.safe && document && !empty && !busy && <p class="dim">A safety snapshot is taken first: undo goes back to it.</p>}
        <div class="buttons">
          <button type="button" onClick={onClose} disabled={busy}>Cancel</button>
          {action.error && (
            <button type="button" onClick={() => plan.run({ ...wanted, plan: true })} disabled={busy}>Look at the plan again</button>
          )}
          <button type="submit" class={kind === "delete" ? "danger" : "primary"} disabled={busy || !document || empty || refused.length > 0 || !confirmed}>
            {words.go}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const k_keys = [
  ["j k ↓ ↑", "the next snapshot, the one before"],
  ["Enter", "to its details"],
  ["/", "filter"],
  ["s", "take a snapshot"],
  ["r", "restore it"],
  ["u", "undo the last restore"],
  ["d", "what changed"],
  ["f", "its files"],
  ["o", "overview"],
  ["x", "pick it to compare with others"],
  ["p", "pin or unpin it"],
  ["t", "tag it"],
  ["n", "note what it is for"],
  ["Delete", "delete it"],
  ["1 2 3", "timeline, space, health"],
  ["?", "this list"],
];

export function HelpDialog({ onClose }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts keys">
        {k_keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        This page is made with Preact and uPlot: <a href="/licenses.txt">licences</a>.
      </p>
      <div class="buttons">
        <button type="button" class="primary" autofocus onClick={onClose}>Close</button>
      </div>
    </Dialog>
  );
}
