import { useEffect, useMemo, useRef } from "preact/hooks";
import { useEscape } from "./escape.js";
import { Lines, More, insteadOf, useLines } from "./lines.jsx";
import { nameOf, size, visible, visibleLine } from "./text.js";
import { Trouble } from "./trouble.jsx";

/** What is in a file of a snapshot. */
export function Contents({ snapshot, entry, onClose }) {
  const { about, lines, error, missing, more } = useLines("contents", { id: snapshot.id, path: entry.key });
  const rows = useMemo(() => lines.map((line, number) => ({ text: typeof line === "string" ? visibleLine(line) : nameOf(line), kind: "same", at: [number + 1] })), [lines]);
  const box = useRef(null);
  useEscape(onClose);
  useEffect(() => box.current.focus(), []);
  return (
    <section class="inner" aria-label="Contents" ref={box} tabIndex={-1}>
      <header>
        <button type="button" onClick={onClose}>← The directory</button>
        <h3>
          <span class="path">{visible(entry.name)}</span> <span class="dim">{size(entry.size)}</span>
        </h3>
      </header>
      {error && <Trouble error={error} />}
      {!about && !error && <p class="waiting" role="status">Reading…</p>}
      {about && about.is !== "text" && <p class="dim">{insteadOf(about.is)}</p>}
      {about?.is === "text" && lines.length === 0 && <p class="dim">It is empty.</p>}
      {lines.length > 0 && <Lines rows={rows} label="Its lines" />}
      <More missing={missing} onMore={more} />
    </section>
  );
}
