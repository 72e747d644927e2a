import { counted, shortId, size, visible, withoutUnseen } from "./text.js";

function Paths({ items }) {
  return (
    <ul class="paths">
      {items.slice(0, 100).map((one, at) => (
        <li key={at}>
          {one.snapshot} <code>{visible(one.path)}</code> {visible(one.what ?? one.reason)}
        </li>
      ))}
    </ul>
  );
}

const k_saved_with_gaps = 7;
/** Whether a snapshot was taken of less than somebody would want. */
export const hasGaps = (done) => done.exit_code === k_saved_with_gaps;

function Saved({ done }) {
  const { id, skipped } = done.document;
  return (
    <>
      <p>Saved {shortId(id)}{hasGaps(done) ? ", but something was left out:" : "."}</p>
      {hasGaps(done) && <Paths items={skipped.filter((one) => one.error)} />}
    </>
  );
}

function Verified({ done: { document } }) {
  return (
    <>
      <p>{document.ok ? <><span class="good">✓</span> {counted(document.snapshots_checked, "snapshot")} and {counted(document.chunks_checked, "chunk")} are whole.</> : <><span class="bad">!</span> {counted(document.problems.length, "problem")}:</>}</p>
      <Paths items={document.problems} />
    </>
  );
}

function Changed({ done: { document, messages } }) {
  return (
    <>
      <p>
        {document.changes ? counted(document.changes.length, "change") : `${size(document.bytes_freed)} are free`}
        {document.safety_snapshot && (
          <>
            . What was there before is in <code>{document.safety_snapshot}</code>
          </>
        )}
        .
      </p>
      {document.missing?.length > 0 && <p class="chip warn">Could not be given: {document.missing.map((path) => visible(path)).join(", ")}</p>}
      {messages && <pre class="messages">{withoutUnseen(messages)}</pre>}
    </>
  );
}

/** What came of an action that did what it should, or found what it looked for. */
export function Outcome({ done }) {
  const Words = { snapshot: Saved, verify: Verified }[done.action] ?? Changed;
  return (
    <div class="outcome" role="status">
      <Words done={done} />
    </div>
  );
}
