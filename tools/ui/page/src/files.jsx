import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "./api.js";
import { Contents } from "./contents.jsx";
import { VirtualList, usePages } from "./list.jsx";
import { shortId, size, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";

export function Files({ snapshot }) {
  const [trail, setTrail] = useState([]); // {name, key}
  useEffect(() => setTrail([]), [snapshot.id]);
  const here = trail.length ? trail[trail.length - 1].key : "";
  const [selected, setSelected] = useState(-1);
  const [file, setFile] = useState(null); // whose contents are shown
  const list = useRef(null);
  const pages = usePages(
    (offset, limit) => get("files", { id: snapshot.id, path: here, offset, limit }).then(({ entries, total }) => ({ items: entries, total })),
    `${snapshot.id} ${here}`,
  );
  useEffect(() => {
    setSelected(-1);
    setFile(null);
  }, [here, snapshot.id]);
  const open = (at) => {
    const entry = pages.items.get(at);
    if (entry?.kind === "directory") setTrail([...trail, { name: entry.name, key: entry.key }]);
    else if (entry?.kind === "file") setFile(entry);
  };
  const close = () => {
    setFile(null);
    requestAnimationFrame(() => list.current?.focus());
  };
  return (
    <div class="pane fill">
      <nav class="trail" aria-label="Directory">
        <button type="button" class="link" onClick={() => setTrail([])}>
          {shortId(snapshot.id)}
        </button>
        {trail.map((part, at) => (
          <button key={part.key} type="button" class="link" onClick={() => setTrail(trail.slice(0, at + 1))}>
            / {visible(part.name)}
          </button>
        ))}
      </nav>
      {pages.error && <Trouble error={pages.error} />}
      {file && <Contents snapshot={snapshot} entry={file} onClose={close} />}
      {!file && (
        <VirtualList
          id="files"
          listRef={list}
          label="Files of the snapshot"
          className="files"
          count={pages.total ?? 0}
          rowHeight={30}
          selected={selected}
          onSelect={setSelected}
          onOpen={open}
          opensOnClick
          onSeen={pages.onSeen}
          render={(at) => {
            const entry = pages.items.get(at);
            if (!entry) return <span class="waiting">…</span>;
            return (
              <>
                <span class={`name ${entry.kind}`}>
                  {visible(entry.name)}
                  {entry.kind === "directory" && "/"}
                  {entry.target && <span class="dim"> → {visible(entry.target)}</span>}
                </span>
                <span class="number dim">{entry.kind === "file" ? size(entry.size) : ""}</span>
              </>
            );
          }}
        />
      )}
    </div>
  );
}
