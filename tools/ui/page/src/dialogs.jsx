import { useState } from "preact/hooks";
import { Dialog } from "./dialog.jsx";
import { Outcome, hasGaps } from "./outcome.jsx";
import { nameOf, shortId, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";
import { Progress, useAction } from "./work.jsx";

export function SnapshotDialog({ onClose, onDone }) {
  const [note, setNote] = useState("");
  const [tags, setTags] = useState("");
  const [pin, setPin] = useState(false);
  const action = useAction();
  const submit = async (event) => {
    event.preventDefault();
    const done = await action.run({ action: "snapshot", note, tags: tags.split(/[\s,]+/).filter(Boolean), pin });
    if (done && !hasGaps(done)) onDone(done.document.id, `Saved ${shortId(done.document.id)}`);
  };
  if (action.state === "done" && hasGaps(action.result)) {
    const close = () => onDone(action.result.document.id, null);
    return (
      <Dialog title="Saved, but not everything" onClose={close}>
        <Outcome done={action.result} />
        <div class="buttons">
          <button type="button" class="primary" autofocus onClick={close}>Close</button>
        </div>
      </Dialog>
    );
  }
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
        {action.state === "busy" && <Progress look={action.look} onStop={action.halt} />}
        <div class="buttons">
          <button type="button" onClick={onClose} disabled={action.state === "busy"}>Cancel</button>
          <button type="submit" class="primary" disabled={action.state === "busy"}>Take it</button>
        </div>
      </form>
    </Dialog>
  );
}

/** For a note or a tag. What is noted elsewhere meanwhile is shown, not overwritten unseen. */
export function WordDialog({ kind, snapshot, onClose, onDone }) {
  const noted = kind === "note" ? nameOf(snapshot.note) : "";
  const [typed, setText] = useState(null);
  const [began] = useState(noted);
  const text = typed ?? noted;
  const action = useAction();
  const busy = action.state === "busy";
  const submit = async (event) => {
    event.preventDefault();
    const done = await action.run({ action: kind, snapshot: snapshot.id, text });
    if (done) onDone(snapshot.id, kind === "note" ? "Noted" : `Tagged ${visible(text)}`);
  };
  return (
    <Dialog title={kind === "note" ? "What is it for?" : "Give it a tag"} onClose={onClose} busy={busy}>
      <form onSubmit={submit}>
        <label class="field">
          {kind === "note" ? "Note" : "Tag"}
          {kind === "note" ? (
            <textarea autofocus rows={Math.min(8, text.split("\n").length + 1)} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          ) : (
            <input autofocus required value={text} onInput={(event) => setText(event.currentTarget.value)} />
          )}
        </label>
        {typed !== null && noted !== began && <p class="chip warn" role="status">Noted elsewhere meanwhile: {visible(noted)}</p>}
        {action.error && <Trouble error={action.error} />}
        {busy && <Progress look={action.look} onStop={action.halt} />}
        <div class="buttons">
          <button type="button" onClick={onClose} disabled={busy}>Cancel</button>
          <button type="submit" class="primary" disabled={busy}>{kind === "note" ? "Note it" : "Tag it"}</button>
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
  ["Enter Esc", "in changes and files: the contents of a file, and back"],
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
