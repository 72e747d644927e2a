import { useMemo } from "preact/hooks";
import { arrange, branchOf } from "./lanes.js";
import { VirtualList } from "./list.jsx";
import { age, clock, counted, isSameDay, nameOf, shortId, size, time, titleOf, visible } from "./text.js";

const k_entry = 52;
const k_commit = 26;
const k_lane = 14;
const k_colours = 6;
const x = (lane) => lane * k_lane + 10;
const colour = (lane) => ({ stroke: `var(--lane-${lane % k_colours})` });

/** The lines beside a row, and its dot: hollow for a safety snapshot, a small square for a commit. */
function Graph({ row, wide, height, shape }) {
  const middle = height / 2;
  const here = x(row.lane);
  return (
    <svg class="graph" width={wide * k_lane + 8} height={height} aria-hidden="true">
      {row.through.map((lane) => (
        <path key={`t${lane}`} class="line" style={colour(lane)} d={`M${x(lane)} 0V${height}`} />
      ))}
      {row.into.map((lane) => (
        <path key={`i${lane}`} class="line into" style={colour(lane)} d={lane === row.lane ? `M${here} 0V${middle}` : `M${x(lane)} 0C${x(lane)} ${middle} ${here} 0 ${here} ${middle}`} />
      ))}
      {row.out.map(({ lane }) => (
        <path key={`o${lane}`} class="line out" style={colour(lane)} d={lane === row.lane ? `M${here} ${middle}V${height}` : `M${here} ${middle}C${here} ${height} ${x(lane)} ${middle} ${x(lane)} ${height}`} />
      ))}
      {shape === "commit" ? <rect class="dot commit" x={here - 3.5} y={middle - 3.5} width="7" height="7" rx="1.5" /> : <circle class={`dot ${shape}`} cx={here} cy={middle} r={shape === "hollow" ? 3.5 : 4.5} />}
    </svg>
  );
}

function Commit({ row, wide }) {
  const { id, subject, names, head } = row.commit;
  return (
    <div class="commit-line" data-commit={id}>
      <Graph row={row} wide={wide} height={k_commit} shape="commit" />
      <code>{id.slice(0, 8)}</code>
      {head && <span class="chip accent">HEAD</span>}
      {names.map((name) => (
        <span key={nameOf(name)} class="chip ref">
          {visible(name)}
        </span>
      ))}
      <span class="subject">{visible(subject)}</span>
    </div>
  );
}

function Entry({ row, wide, newDay }) {
  const { snapshot } = row;
  const branch = branchOf(snapshot);
  const databases = snapshot.components.filter((one) => one.kind === "database").length;
  return (
    <div class="entry">
      <Graph row={row} wide={wide} height={k_entry} shape={snapshot.trigger === "safety" ? "hollow" : ""} />
      <div class="what">
        <div class="line1">
          <span class="title">{titleOf(snapshot)}</span>
          {snapshot.pinned && <span class="chip accent">pinned</span>}
          {!snapshot.complete && <span class="chip warn">incomplete</span>}
          {snapshot.tags.map((tag) => (
            <span key={nameOf(tag)} class="chip">
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
        <time dateTime={snapshot.created_at} title={time(snapshot.created_at)}>
          {newDay ? age(snapshot.created_at) : clock(snapshot.created_at)}
        </time>
        <span class="added">+{size(snapshot.bytes_added)}</span>
      </div>
    </div>
  );
}

/** Where each item begins, and behind the last one where they end. */
function topsOf(items) {
  const tops = [0];
  for (const item of items) tops.push(tops[tops.length - 1] + k_entry + k_commit * (item.above.length + item.below.length));
  return tops;
}

/** The snapshots, the newest first, beside the history of git. */
export function Timeline({ snapshots, commits, filter, selected, onSelect, onOpen, listRef }) {
  const { items, wide } = useMemo(() => arrange(snapshots, commits, filter === ""), [snapshots, commits, filter]);
  const tops = useMemo(() => topsOf(items), [items]);
  const at = useMemo(() => items.findIndex((one) => one.entry.snapshot.id === selected), [items, selected]);
  const takenAt = (index) => items[index].entry.snapshot.created_at;
  return (
    <VirtualList
      id="timeline"
      label="Snapshots, the newest first"
      className="timeline"
      listRef={listRef}
      count={items.length}
      tops={tops}
      selected={at}
      subject={`${selected} ${filter}`}
      onSelect={(index) => onSelect(items[index].entry.snapshot.id)}
      onOpen={onOpen}
      render={(index) => (
        <>
          {items[index].above.map((row) => (
            <Commit key={row.commit.id} row={row} wide={wide} />
          ))}
          <Entry row={items[index].entry} wide={wide} newDay={index === 0 || !isSameDay(takenAt(index), takenAt(index - 1))} />
          {items[index].below.map((row) => (
            <Commit key={row.commit.id} row={row} wide={wide} />
          ))}
        </>
      )}
    />
  );
}
