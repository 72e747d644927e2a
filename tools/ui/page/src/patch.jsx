import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, keyOf } from "./api.js";
import { useEscape } from "./escape.js";
import { Letter } from "./letter.jsx";
import { counted, nameOf, size, visible, visibleLine } from "./text.js";
import { Trouble } from "./trouble.jsx";

const k_page = 2000;
const k_signs = { "+": "plus", "-": "minus", "@": "hunk", "\\": "remark" };
const k_instead = {
  binary: "It is no text.",
  "too large": "It is larger than 16 MiB, and not compared by lines.",
  secret: "Values of settings are not shown.",
  "no file": "It has no contents to be shown.",
};

/** Lines of a patch with the numbers they have before and after. */
function numbered(lines) {
  let [before, after] = [0, 0];
  return lines.map((line) => {
    const text = typeof line === "string" ? visibleLine(line) : nameOf(line);
    const sign = text[0];
    if (sign === "@") {
      [, before, after] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text)?.map(Number) ?? [0, 0, 0];
      return { text, kind: "hunk" };
    }
    return {
      text,
      kind: k_signs[sign] ?? "same",
      before: sign === " " || sign === "-" ? before++ : "",
      after: sign === " " || sign === "+" ? after++ : "",
    };
  });
}

function Lines({ lines }) {
  const all = useMemo(() => numbered(lines), [lines]);
  return (
    <div class="patch" tabIndex={0} role="region" aria-label="What differs, line by line">
      <table>
        <tbody>
          {all.map((line, at) => (
            <tr key={at} class={line.kind}>
              <td class="at" data-at={line.before} />
              <td class="at" data-at={line.after} />
              <td>
                <code>{line.text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What differs in a file, as `savepoint diff` shows it. */
export function Patch({ before, after, file, at, total, onStep, onClose }) {
  const [state, setState] = useState({ about: null, lines: [], error: null });
  const wanted = useRef(null);
  const box = useRef(null);
  const path = keyOf(file.path);
  useEscape(onClose);
  const load = (offset) => {
    const key = `${before} ${after} ${path}`;
    wanted.current = key;
    get("patch", { before, after, path, offset, limit: k_page }).then(
      (about) => wanted.current === key && setState((now) => ({ about, lines: offset === 0 ? about.lines ?? [] : [...now.lines, ...about.lines], error: null })),
      (error) => wanted.current === key && setState({ about: null, lines: [], error }),
    );
  };
  useEffect(() => {
    setState({ about: null, lines: [], error: null });
    load(0);
    box.current.focus();
    return () => (wanted.current = null);
  }, [before, after, path]);
  const { about, lines, error } = state;
  const missing = about?.is === "text" ? about.total - lines.length : 0;
  return (
    <section class="inner" aria-label="Contents" ref={box} tabIndex={-1}>
      <header>
        <button type="button" onClick={onClose}>← All changes</button>
        <h3>
          <Letter change={file.change} /> <span class="path">{visible(file.path)}</span>
          {about?.is === "text" && lines.length > 0 && (
            <span class="dim">
              <span class="plus">+{about.insertions.toLocaleString("en")}</span> <span class="minus">−{about.deletions.toLocaleString("en")}</span>
            </span>
          )}
        </h3>
        <div class="steps">
          <button type="button" aria-label="The file before" disabled={at === 0} onClick={() => onStep(at - 1)}>↑</button>
          <button type="button" aria-label="The next file" disabled={at + 1 >= total} onClick={() => onStep(at + 1)}>↓</button>
        </div>
      </header>
      {error && <Trouble error={error} />}
      {!about && !error && <p class="waiting" role="status">Reading…</p>}
      {about && about.is !== "text" && (
        <p class="dim">
          {k_instead[about.is]} {file.kind === "file" && about.is !== "secret" && `${size(file.size_before)} before, ${size(file.size_after)} after.`}
        </p>
      )}
      {about?.is === "text" && lines.length === 0 && <p class="dim">The contents are the same: only mode, time or attributes differ.</p>}
      {lines.length > 0 && <Lines lines={lines} />}
      {missing > 0 && (
        <p>
          <button type="button" onClick={() => load(lines.length)}>Show more</button> <span class="dim">{counted(missing, "more line")}</span>
        </p>
      )}
    </section>
  );
}
