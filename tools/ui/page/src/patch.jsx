import { useMemo } from "preact/hooks";
import { keyOf } from "./api.js";
import { Inner } from "./inner.jsx";
import { Letter } from "./letter.jsx";
import { Lines, More, insteadOf, useLines } from "./lines.jsx";
import { size, visible, visibleLine } from "./text.js";
import { Trouble } from "./trouble.jsx";

const k_signs = { "+": "plus", "-": "minus", "@": "hunk", "\\": "remark" };
/** Lines of a patch with the numbers they have before and after. */
function numbered(lines) {
  let [before, after] = [0, 0];
  return lines.map((line) => {
    const text = visibleLine(line);
    const sign = text[0];
    if (sign === "@") {
      [, before, after] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text)?.map(Number) ?? [0, 0, 0];
      return { text, kind: "hunk", at: ["", ""] };
    }
    return { text, kind: k_signs[sign] ?? "same", at: [sign === " " || sign === "-" ? before++ : "", sign === " " || sign === "+" ? after++ : ""] };
  });
}

/** What differs in a file, as `savepoint diff` shows it. */
export function Patch({ before, after, file, at, total, onStep, onClose }) {
  const path = keyOf(file.path);
  const { about, lines, error, missing, more } = useLines("patch", { before, after, path });
  const rows = useMemo(() => numbered(lines), [lines]);
  const heading = (
    <>
      <Letter change={file.change} /> <span class="path">{visible(file.path)}</span>
      {about?.is === "text" && lines.length > 0 && (
        <span class="dim">
          <span class="plus">+{about.insertions.toLocaleString("en")}</span> <span class="minus">−{about.deletions.toLocaleString("en")}</span>
        </span>
      )}
    </>
  );
  const steps = (
    <div class="steps">
      <button type="button" aria-label="The file before" disabled={at === 0} onClick={() => onStep(at - 1)}>↑</button>
      <button type="button" aria-label="The next file" disabled={at + 1 >= total} onClick={() => onStep(at + 1)}>↓</button>
    </div>
  );
  return (
    <Inner label="Contents" back="All changes" heading={heading} steps={steps} subject={path} onClose={onClose}>
      {error && <Trouble error={error} />}
      {!about && !error && <p class="waiting" role="status">Reading…</p>}
      {about && about.is !== "text" && (
        <p class="dim">
          {insteadOf(about.is)} {file.kind === "file" && about.is !== "secret" && `${size(file.size_before)} before, ${size(file.size_after)} after.`}
        </p>
      )}
      {about?.is === "text" && lines.length === 0 && <p class="dim">The contents are the same: only mode, time or attributes differ.</p>}
      {lines.length > 0 && <Lines rows={rows} label="What differs, line by line" />}
      <More missing={missing} onMore={more} />
    </Inner>
  );
}
