import { useRef } from "preact/hooks";
import { useStateOf } from "./about.js";
import { get } from "./api.js";
import { Contents } from "./contents.jsx";
import { PagedList, usePages } from "./list.jsx";
import { shortId, size, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";

export function Files({ snapshot }) {
  const [trail, setTrail] = useStateOf(snapshot.id, []); // {name, key}
  const here = trail.length ? trail[trail.length - 1].key : "";
  const key = `${snapshot.id} ${here}`;
  const [selected, setSelected] = useStateOf(key, -1);
  const [file, setFile] = useStateOf(key, null); // whose contents are shown
  const list = useRef(null);
  const pages = usePages((offset, limit, signal) => get("files", { id: snapshot.id, path: here, offset, limit }, signal).then(({ entries, total }) => ({ items: entries, total })), key);
  const open = (at) => {
    const entry = pages.items.get(at);
    if (entry?.kind === "directory") setTrail([...trail, { name: entry.name, key: entry.key }]);
    else if (entry?.kind === "file") setFile(entry);
  };
  const go = (to) => {
    setFile(null);
    setTrail(to);
  };
  const close = () => {
    setFile(null);
    requestAnimationFrame(() => list.current?.focus());
  };
  return (
    <div class="pane fill">
      <nav class="trail" aria-label="Directory">
        <button type="button" class="link" onClick={() => go([])}>
          {shortId(snapshot.id)}
        </button>
        {trail.map((part, at) => (
          <button key={part.key} type="button" class="link" onClick={() => go(trail.slice(0, at + 1))}>
            / {visible(part.name)}
          </button>
        ))}
      </nav>
      {pages.error && <Trouble error={pages.error} />}
      {file && <Contents snapshot={snapshot} entry={file} onClose={close} />}
      {!file && (
        <PagedList
          id="files"
          listRef={list}
          label="Files of the snapshot"
          pages={pages}
          rowHeight={30}
          selected={selected}
          onSelect={setSelected}
          onOpen={open}
          render={(entry) => (
            <>
              <span class={`name ${entry.kind}`}>
                {visible(entry.name)}
                {entry.kind === "directory" && "/"}
                {entry.target && <span class="dim"> → {visible(entry.target)}</span>}
              </span>
              <span class="number dim">{entry.kind === "file" ? size(entry.size) : ""}</span>
            </>
          )}
        />
      )}
    </div>
  );
}
