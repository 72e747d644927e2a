import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { get } from "./api.js";
import { branchOf } from "./lanes.js";
import { counted, nameOf, shortId, size, time, titleOf, visible } from "./text.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** How large the store is, in words. */
export function useSizeOfStore(version) {
  const [bytes, setBytes] = useState(null);
  useEffect(() => {
    get("space").then((space) => setBytes(space.bytes), () => {}); // what is wrong is said elsewhere
  }, [version]);
  return bytes === null ? "…" : size(bytes);
}

/** A moment on the axis, as exactly as the axis is. */
const moment = (seconds, step) =>
  new Date(seconds * 1000).toLocaleString(undefined, step >= 1728000 ? { month: "short", year: "numeric" } : step >= 86400 ? { day: "numeric", month: "short" } : step >= 60 ? { hour: "2-digit", minute: "2-digit" } : { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Seconds between two marks of the axis: there is nothing to tell apart within one. */
const k_steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1728000, 2592000, 7776000, 15552000, 31536000];

/** How the store grew: what each snapshot added, summed up. */
function Growth({ snapshots }) {
  const box = useRef(null);
  useEffect(() => {
    const times = [];
    const sums = [];
    let sum = 0;
    for (const snapshot of [...snapshots].reverse()) {
      sum += snapshot.bytes_added;
      times.push(new Date(snapshot.created_at).getTime() / 1000);
      sums.push(sum);
    }
    let plot;
    const draw = () => {
      plot?.destroy();
      const axis = { stroke: colour("--dim"), grid: { stroke: colour("--edge"), width: 1 }, ticks: { stroke: colour("--edge"), width: 1 } };
      plot = new uPlot(
        {
          width: Math.max(box.current.clientWidth, 200),
          height: 240,
          series: [
            { label: "taken", value: (_, value) => (value === null ? "–" : time(value * 1000)) },
            { label: "stored", stroke: colour("--accent"), width: 2, fill: colour("--accent-soft"), paths: uPlot.paths.stepped({ align: 1 }), value: (_, value) => (value === null ? "–" : size(value)) },
          ],
          axes: [{ ...axis, space: 80, incrs: k_steps, values: (_, all, axisAt, space, step) => all.map((at) => moment(at, step)) }, { ...axis, size: 76, values: (_, all) => all.map(size) }],
          scales: { y: { range: (_, least, most) => [0, most * 1.05 || 1] } },
          cursor: { drag: { x: true, y: false } },
        },
        [times, sums],
        box.current,
      );
    };
    const watcher = new ResizeObserver(draw);
    watcher.observe(box.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      watcher.disconnect();
      scheme.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [snapshots]);
  return <div class="plot" ref={box} role="img" aria-label="How the store grew over time; the tables below say the same in numbers" />;
}

function Bars({ caption, rows, onOpen }) {
  const most = Math.max(1, ...rows.map((row) => row.bytes));
  return (
    <table class="plain bars">
      <caption>{caption}</caption>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              {onOpen ? (
                <button type="button" class="link" onClick={() => onOpen(row.key)}>
                  {row.name}
                </button>
              ) : (
                row.name
              )}
            </th>
            <td class="number">{size(row.bytes)}</td>
            <td class="bar-cell" aria-hidden="true">
              <div class="barline" style={{ width: row.bytes > 0 ? `max(2px, ${(100 * row.bytes) / most}%)` : 0 }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function summedBy(snapshots, keyOf) {
  const sums = new Map();
  for (const snapshot of snapshots) {
    const key = keyOf(snapshot);
    sums.set(key, (sums.get(key) ?? 0) + snapshot.bytes_added);
  }
  return [...sums].map(([key, bytes]) => ({ key, name: visible(key), bytes })).sort((a, b) => b.bytes - a.bytes).slice(0, 12);
}

export function Space({ snapshots, state, version, complete, onOpen }) {
  const whole = useSizeOfStore(version);
  const largest = useMemo(
    () =>
      [...snapshots]
        .sort((a, b) => b.bytes_added - a.bytes_added)
        .slice(0, 12)
        .map((one) => ({ key: one.id, name: `${shortId(one.id)} ${titleOf(one)}`, bytes: one.bytes_added })),
    [snapshots],
  );
  const byTrigger = useMemo(() => summedBy(snapshots, (one) => nameOf(one.trigger)), [snapshots]);
  const byBranch = useMemo(() => summedBy(snapshots, (one) => branchOf(one) || "(no branch)"), [snapshots]);
  const newest = snapshots[0];
  const parts = newest ? newest.components.map((one) => ({ key: one.kind + nameOf(one.name), name: one.kind === "database" ? `database ${visible(one.name)}` : one.kind, bytes: one.bytes })).sort((a, b) => b.bytes - a.bytes) : [];
  return (
    <main class="wide">
      <h1>Space</h1>
      <p class="lead">
        The store takes <strong>{whole}</strong> for {counted(state.snapshots, "snapshot")}.{" "}
        <span class="dim">
          <code>{visible(state.store)}</code>
        </span>
        {!complete && <span role="status"> Reading all of them…</span>}
      </p>
      {snapshots.length === 0 ? (
        <p class="dim">There is nothing to draw yet.</p>
      ) : (
        <>
          <h2>How it grew</h2>
          <p class="dim">What each snapshot added that was not in the store before, from {time(snapshots[snapshots.length - 1].created_at)}. What prune gave back is not taken off.</p>
          <Growth snapshots={snapshots} />
          <div class="columns">
            <Bars caption="What the newest one holds" rows={parts} />
            <Bars caption="Added, by what caused it" rows={byTrigger} />
            <Bars caption="Added, by branch" rows={byBranch} />
            <Bars caption="The snapshots that added most" rows={largest} onOpen={onOpen} />
          </div>
        </>
      )}
    </main>
  );
}
