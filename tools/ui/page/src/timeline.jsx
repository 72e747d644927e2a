import { useMemo } from "preact/hooks";
import { branchOf, lanesOf, widestOf } from "./lanes.js";
import { VirtualList } from "./list.jsx";
import { age, clock, counted, day, shortId, size, titleOf, visible } from "./text.js";

export const k_row = 52;
const k_lane = 14;
const x = (lane) => lane * k_lane + 10;

function Graph({ row, wide }) {
  const middle = k_row / 2;
  return (
    <svg class="graph" width={wide * k_lane + 8} height={k_row} aria-hidden="true">
      {row.through.map((lane) => (
        <path key={lane} class="line" d={`M${x(lane)} 0V${k_row}`} />
      ))}
      {!row.starts && <path class="line own" d={`M${x(row.lane)} 0V${middle}`} />}
      {!row.ends && <path class="line own" d={`M${x(row.lane)} ${middle}V${k_row}`} />}
      {row.into !== null && <path class="line own" d={`M${x(row.lane)} ${middle}C${x(row.lane)} ${k_row} ${x(row.into)} ${middle} ${x(row.into)} ${k_row}`} />}
      <circle class={row.safety ? "dot hollow" : "dot"} cx={x(row.lane)} cy={middle} r={row.safety ? 3.5 : 4.5} />
    </svg>
  );
}

function Row({ snapshot, row, wide, newDay }) {
  const branch = branchOf(snapshot);
  const databases = snapshot.components.filter((one) => one.kind === "database").length;
  return (
    <>
      <Graph row={{ ...row, safety: snapshot.trigger === "safety" }} wide={wide} />
      <div class="what">
        <div class="line1">
          <span class="title">{titleOf(snapshot)}</span>
          {snapshot.pinned && <span class="chip accent">pinned</span>}
          {!snapshot.complete && <span class="chip warn">incomplete</span>}
          {snapshot.tags.map((tag) => (
            <span key={tag} class="chip">
              {visible(tag)}
            </span>
          ))}
        </div>
        <div class="line2">
          <code>{shortId(snapshot.id)}</code>
          {branch && <span class="branch">{visible(branch)}</span>}
          {snapshot.commit && (
            <code>
              {snapshot.commit.slice(0, 8)}
              {snapshot.dirty ? "+" : ""}
            </code>
          )}
          {databases > 0 && <span>{counted(databases, "database")}</span>}
        </div>
      </div>
      <div class="when">
        <time dateTime={snapshot.created_at} title={day(snapshot.created_at)}>
          {newDay ? age(snapshot.created_at) : clock(snapshot.created_at)}
        </time>
        <span class="added">+{size(snapshot.bytes_added)}</span>
      </div>
    </>
  );
}

/** The snapshots, the newest first, beside the branches they were taken on. */
export function Timeline({ snapshots, selected, onSelect, onOpen, listRef }) {
  const rows = useMemo(() => lanesOf(snapshots), [snapshots]);
  const wide = useMemo(() => widestOf(rows), [rows]);
  const at = useMemo(() => snapshots.findIndex((one) => one.id === selected), [snapshots, selected]);
  const isNewDay = (index) => index === 0 || snapshots[index].created_at.slice(0, 10) !== snapshots[index - 1].created_at.slice(0, 10);
  return (
    <VirtualList
      id="timeline"
      label="Snapshots, the newest first"
      className="timeline"
      listRef={listRef}
      count={snapshots.length}
      rowHeight={k_row}
      selected={at}
      onSelect={(index) => onSelect(snapshots[index].id)}
      onOpen={onOpen}
      render={(index) => <Row snapshot={snapshots[index]} row={rows[index]} wide={wide} newDay={isNewDay(index)} />}
    />
  );
}
