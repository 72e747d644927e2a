import { useEffect, useState } from "preact/hooks";
import { Dialog } from "./dialog.jsx";
import { VirtualList } from "./list.jsx";
import { Outcome } from "./outcome.jsx";
import { Path } from "./path.jsx";
import { counted, nameOf, size, titleOf, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";
import { Progress, useAction } from "./work.jsx";

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
                  <span class={`action ${change.action}`}>{change.action === "metadata" ? "mode, time" : change.action}</span>
                  <span class="name">
                    <Path path={change.path} />
                    {change.into && <span class="dim"> in {visible(change.into)}</span>}
                    {change.action === "database" && !change.compared && <span class="dim"> (may have changed since it was last saved)</span>}
                  </span>
                  <span class="number dim">{change.bytes > 0 && size(change.bytes)}</span>
                </>
              );
            }}
          />
        </>
      )}
      {config_left.length > 0 && (
        <p class="dim">
          Left as they are, since git ignores them: {config_left.map((path) => visible(path)).join(", ")}
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
const k_components = [["", "everything"], ["code", "only the code"], ["database", "only the databases"], ["config", "only settings files"]];

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
  useEffect(() => () => plan.halt(), []); // nobody looks at it any more

  const document = plan.state === "done" ? plan.result.document : null;
  const guarded = document?.guarded ?? [];
  const refused = guarded.filter((one) => one.refused === "always");
  const toType = guarded.filter((one) => one.refused !== "always");
  const confirmed = toType.every((one) => typed[nameOf(one.name)] === visible(one.name)); // as it is to be read here
  const empty = document?.changes?.length === 0 || document?.removed?.length === 0;
  const busy = action.state === "busy";
  const submit = async (event) => {
    event.preventDefault();
    await action.run({ ...wanted, shown_by: plan.result.job, confirm: toType.map((one) => one.name) });
    onDone(wanted.action); // also where it failed: it may have come half way
  };

  if (action.state === "done") {
    return (
      <Dialog title={`${words.done}.`} onClose={onClose}>
        <Outcome done={action.result} />
        <div class="buttons">
          {action.result.document.safety_snapshot && <button type="button" onClick={onUndo}>Undo…</button>}
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
            <select aria-label="Which components" value={options.only} onChange={(event) => setOptions({ ...options, only: event.currentTarget.value })}>
              {k_components.map(([value, label]) => (
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
        {plan.state === "busy" && <Progress look={plan.look} onStop={plan.halt} />}
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
        {busy && <Progress look={action.look} onStop={action.halt} />}
        {words.safe && document && !empty && !busy && <p class="dim">A safety snapshot is taken first: undo goes back to it.</p>}
        <div class="buttons">
          <button type="button" onClick={onClose} disabled={busy}>Cancel</button>
          {(action.error || plan.error) && (
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
