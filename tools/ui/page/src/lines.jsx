import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "./api.js";
import { counted } from "./text.js";

const k_page = 2000;

/** What is said instead of lines. */
export const insteadOf = (is) =>
  ({
    binary: "It is no text.",
    "too large": "It is larger than 16 MiB: its lines are not shown.",
    secret: "Values of settings are not shown.",
    "no file": "It has no contents to be shown.",
  })[is];

/** The lines of a file, or of a patch, a part at a time: {about, lines, error, missing, more}. */
export function useLines(what, query) {
  const [state, setState] = useState({ about: null, lines: [], error: null });
  const wanted = useRef(null);
  const key = JSON.stringify(query);
  const load = (offset) => {
    const mine = `${key} ${offset}`;
    if (wanted.current === mine) return; // a click was doubled
    wanted.current = mine;
    get(what, { ...query, offset, limit: k_page }).then(
      (about) => wanted.current === mine && setState((now) => ({ about, lines: offset === 0 ? about.lines ?? [] : [...now.lines, ...about.lines], error: null })),
      (error) => wanted.current === mine && setState({ about: null, lines: [], error }),
    );
  };
  useEffect(() => {
    setState({ about: null, lines: [], error: null });
    load(0);
    return () => {
      wanted.current = null;
    };
  }, [key]);
  const missing = state.about?.is === "text" ? state.about.total - state.lines.length : 0;
  return { ...state, missing, more: () => load(state.lines.length) };
}

/** Lines with their numbers: {text, kind, at[]}. */
export function Lines({ rows, label }) {
  return (
    <div class="patch" tabIndex={0} role="region" aria-label={label}>
      <table>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number} class={row.kind}>
              {row.at.map((at, side) => (
                <td key={side} class="at" data-at={at} />
              ))}
              <td>
                <code>{row.text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function More({ missing, onMore }) {
  if (missing <= 0) return null;
  return (
    <p>
      <button type="button" onClick={onMore}>Show more</button> <span class="dim">{counted(missing, "more line")}</span>
    </p>
  );
}
