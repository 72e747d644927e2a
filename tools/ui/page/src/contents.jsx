import { useMemo } from "preact/hooks";
import { Inner } from "./inner.jsx";
import { Lines, More, insteadOf, useLines } from "./lines.jsx";
import { size, visible, visibleLine } from "./text.js";
import { Trouble } from "./trouble.jsx";

/** What is in a file of a snapshot. */
export function Contents({ snapshot, entry, onClose }) {
  const { about, lines, error, missing, more } = useLines("contents", { id: snapshot.id, path: entry.key });
  const rows = useMemo(() => lines.map((line, number) => ({ text: visibleLine(line), kind: "same", at: [number + 1] })), [lines]);
  const heading = (
    <>
      <span class="path">{visible(entry.name)}</span> <span class="dim">{size(entry.size)}</span>
    </>
  );
  return (
    <Inner label="Contents" back="The directory" heading={heading} subject={entry.key} onClose={onClose}>
      {error && <Trouble error={error} />}
      {!about && !error && <p class="waiting" role="status">Reading…</p>}
      {about && about.is !== "text" && <p class="dim">{insteadOf(about.is)}</p>}
      {about?.is === "text" && lines.length === 0 && <p class="dim">It is empty.</p>}
      {lines.length > 0 && <Lines rows={rows} label="Its lines" />}
      <More missing={missing} onMore={more} />
    </Inner>
  );
}
