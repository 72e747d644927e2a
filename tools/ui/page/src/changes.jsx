import { useEffect, useRef, useState } from "preact/hooks";
import { useStateOf } from "./about.js";
import { get } from "./api.js";
import { Databases } from "./databases.jsx";
import { Letter } from "./letter.jsx";
import { PagedList, usePages } from "./list.jsx";
import { Patch } from "./patch.jsx";
import { Path } from "./path.jsx";
import { Rows } from "./rows.jsx";
import { counted, shortId, size, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";

/** What is compared: the snapshot with the one before, a picked one, or the project as it is now. */
function useSides(snapshot, previous, picked) {
  const [wanted, setWanted] = useState("previous");
  useEffect(() => {
    if (picked && picked.id !== snapshot.id) setWanted("picked");
  }, [picked?.id]);
  const nearest = previous ? "previous" : "now";
  const against = wanted === "previous" || (wanted === "picked" && (!picked || picked.id === snapshot.id)) ? nearest : wanted;
  const other = against === "previous" ? previous : picked;
  // Whichever is older stands before. Ids do not tell which that is: several are of one second.
  const [before, after] = against === "now" || !other ? [snapshot.id, ""] : other.sequence < snapshot.sequence ? [other.id, snapshot.id] : [snapshot.id, other.id];
  return { against, setAgainst: setWanted, before, after };
}

function Counts({ whole }) {
  return (
    <p class="counts">
      {Object.entries(whole.counts)
        .filter(([, number]) => number > 0)
        .map(([change, number]) => (
          <span key={change}>
            <Letter change={change} /> {number.toLocaleString("en")} {change === "metadata" ? "only mode or time" : change}
          </span>
        ))}
    </p>
  );
}

/** What could not be read, and so may differ. */
function NotCompared({ paths }) {
  if (paths.length === 0) return null;
  return (
    <details>
      <summary>
        <span class="chip warn">{counted(paths.length, "path")} could not be compared</span>
      </summary>
      <ul class="paths">
        {paths.slice(0, 200).map((one, at) => (
          <li key={at}>
            <code>{visible(one.path)}</code> {visible(one.reason)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function File({ file }) {
  return (
    <>
      <Letter change={file.change} />
      <span class="name">
        <Path path={file.path}>{file.kind === "directory" && "/"}</Path>
      </span>
      <span class="number dim">{file.change === "modified" ? `${size(file.size_before)} → ${size(file.size_after)}` : size(file.change === "removed" ? file.size_before : file.size_after)}</span>
    </>
  );
}

/** What differs. `restores` counts those that were done while this page was open: after each the project is another one. */
export function Changes({ snapshot, previous, picked, restores }) {
  const { against, setAgainst, before, after } = useSides(snapshot, previous, picked);
  const [filter, setFilter] = useState("");
  const [again, setAgain] = useState(0);
  const isNow = after === "";
  const subject = `${before} ${after} ${isNow ? `${restores} ${again}` : ""}`;
  const compared = useRef(null);
  const key = `${subject} ${filter}`;
  const [selected, setSelected] = useStateOf(key, -1);
  const [open, setOpen] = useStateOf(key, null); // {file: its place in the list} or {database, table}
  const list = useRef(null);
  const pages = usePages(
    async (offset, limit, signal) => {
      const anew = isNow && compared.current !== subject ? 1 : "";
      const { files, total, ...rest } = await get("diff", { before, after, filter, anew, offset, limit }, signal);
      compared.current = subject;
      return { items: files, total, ...rest };
    },
    key,
  );
  const show = (at) => {
    setSelected(at);
    setOpen({ file: at });
    pages.onSeen(Math.max(0, at - 1), at + 2);
  };
  const close = () => {
    setOpen(null);
    requestAnimationFrame(() => list.current?.focus());
  };
  const whole = pages.first;
  const same = whole && pages.total === 0 && !filter && whole.databases.length === 0 && whole.config.length === 0;
  return (
    <div class="pane fill">
      <div class="bar">
        <label>
          compare with{" "}
          <select value={against} onChange={(event) => setAgainst(event.currentTarget.value)}>
            {previous && <option value="previous">the one before ({shortId(previous.id)})</option>}
            <option value="now">the project as it is now</option>
            {picked && picked.id !== snapshot.id && <option value="picked">the picked one ({shortId(picked.id)})</option>}
          </select>
        </label>
        {isNow && <button type="button" onClick={() => setAgain(again + 1)}>Look again</button>}
        <input type="search" placeholder="part of a path" aria-label="Only paths with" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      </div>
      {pages.error && <Trouble error={pages.error} />}
      {!whole && !pages.error && <p class="waiting" role="status">Comparing…</p>}
      {whole && !open && <NotCompared paths={whole.not_compared} />}
      {same && <p class="dim">No differences.</p>}
      {open?.table && <Rows key={key} before={before} after={after} database={open.database} table={open.table} onClose={close} />}
      {open?.file !== undefined && pages.items.get(open.file) && (
        <Patch before={before} after={after} file={pages.items.get(open.file)} at={open.file} total={pages.total} onStep={show} onClose={close} />
      )}
      {whole && !same && !open && (
        <>
          <Counts whole={whole} />
          <Databases whole={whole} onRows={(database, table) => setOpen({ database, table })} />
          <PagedList
            id="changes"
            label="Files that differ"
            listRef={list}
            pages={pages}
            rowHeight={28}
            selected={selected}
            onSelect={setSelected}
            onOpen={show}
            render={(file) => <File file={file} />}
          />
        </>
      )}
    </div>
  );
}
