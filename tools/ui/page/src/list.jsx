import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const k_spare_rows = 8;
const k_border = 2;

/** The row at a height, of rows that begin at `tops`. */
function rowAt(tops, height) {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * A long list of which only what is seen is drawn. Keys move the selection, if there is one. `rowHeight` is that of all
 * rows, or `tops` says where each begins, and behind the last one where they end; it is as high as they are, where there is room.
 * Enter opens a row, and a click with `opensOnClick`. What is selected is brought into view when `subject` is another one: rows may
 * also move because others come.
 */
export function VirtualList({ id, label, count, rowHeight, tops, render, selected = -1, subject = selected, onSelect, onOpen, opensOnClick = false, onSeen, className = "", listRef }) {
  const own = useRef(null);
  const box = listRef ?? own;
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);

  useLayoutEffect(() => {
    const watcher = new ResizeObserver(() => setHeight(box.current?.clientHeight || 600));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const topOf = (at) => (tops ? tops[at] : at * rowHeight);
  const at = (from) => (tops ? rowAt(tops, from) : Math.floor(from / rowHeight));
  useLayoutEffect(() => {
    if (selected < 0 || !box.current) return;
    const [from, to] = [topOf(selected), topOf(selected + 1)];
    if (from < box.current.scrollTop) box.current.scrollTop = from;
    else if (to > box.current.scrollTop + box.current.clientHeight) box.current.scrollTop = to - box.current.clientHeight;
  }, [subject, selected < 0, rowHeight]);

  const first = Math.max(0, Math.min(count, at(top)) - k_spare_rows);
  const last = Math.min(count, at(top + height) + 1 + k_spare_rows);
  useEffect(() => onSeen?.(first, last), [first, last, count]);

  const move = (event) => {
    const page = Math.max(1, at(top + height) - at(top) - 1);
    const to = { ArrowDown: selected + 1, ArrowUp: selected - 1, PageDown: selected + page, PageUp: selected - page, Home: 0, End: count - 1 }[event.key];
    if (event.key === "Enter" && selected >= 0) {
      onOpen?.(selected);
      event.preventDefault();
    } else if (to !== undefined && onSelect && count > 0) {
      onSelect(Math.max(0, Math.min(count - 1, to)));
      event.preventDefault();
    }
  };

  const rows = [];
  for (let number = first; number < last; number += 1) {
    rows.push(
      <div
        key={number}
        id={`${id}-${number}`}
        role={onSelect ? "option" : "listitem"}
        aria-selected={onSelect ? number === selected : undefined}
        aria-posinset={number + 1}
        aria-setsize={count}
        class={`row ${number === selected ? "selected" : ""}`}
        style={{ transform: `translateY(${topOf(number)}px)`, height: `${topOf(number + 1) - topOf(number)}px` }}
        onClick={
          onSelect &&
          (() => {
            onSelect(number);
            if (opensOnClick) onOpen(number);
          })
        }
        onDblClick={onOpen && !opensOnClick ? () => onOpen(number) : undefined}
      >
        {render(number)}
      </div>,
    );
  }
  return (
    <div
      ref={box}
      id={id}
      class={`list ${className}`}
      style={{ height: `${topOf(count) + k_border}px` }}
      tabIndex={0}
      role={onSelect ? "listbox" : "list"}
      aria-label={label}
      aria-activedescendant={onSelect && selected >= first && selected < last ? `${id}-${selected}` : undefined}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={move}
    >
      <div class="whole" role="presentation" style={{ height: `${topOf(count)}px` }}>
        {rows}
      </div>
    </div>
  );
}

const k_rest = 150;

/**
 * A long list of the server's, of which only the pages that are seen are fetched: `load(offset, limit, signal)`. Where one `key`
 * follows upon the other, as when a key is held, nothing is asked before there is rest.
 */
export function usePages(load, key, limit = 500) {
  const [state, setState] = useState({ items: new Map(), total: null, first: null, error: null });
  const asked = useRef(new Set());
  const wanted = useRef(new AbortController());
  const changedAt = useRef(-Infinity);

  const fetchPage = (page) => {
    if (asked.current.has(page)) return;
    asked.current.add(page);
    const { signal } = wanted.current;
    load(page * limit, limit, signal).then(
      ({ items, total, ...rest }) => {
        if (signal.aborted) return;
        setState((before) => {
          const all = new Map(before.items);
          items.forEach((item, at) => all.set(page * limit + at, item));
          return { items: all, total, first: before.first ?? rest, error: null };
        });
      },
      (error) => signal.aborted || setState((before) => ({ ...before, error })),
    );
  };

  useEffect(() => {
    const now = performance.now();
    const timer = setTimeout(() => fetchPage(0), now - changedAt.current < k_rest ? k_rest : 0);
    changedAt.current = now;
    wanted.current = new AbortController();
    asked.current = new Set();
    setState({ items: new Map(), total: null, first: null, error: null });
    return () => {
      clearTimeout(timer);
      wanted.current.abort();
    };
  }, [key]);

  const onSeen = (first, last) => {
    if (state.total === null) return;
    for (let page = Math.floor(first / limit); page * limit < Math.min(last, state.total); page += 1) fetchPage(page);
  };
  return { ...state, onSeen };
}

/** A list of files that comes in pages: `render` gets what is there already. */
export function PagedList({ pages, render, ...list }) {
  return (
    <VirtualList
      {...list}
      className="files"
      count={pages.total ?? 0}
      opensOnClick
      onSeen={pages.onSeen}
      render={(at) => (pages.items.has(at) ? render(pages.items.get(at)) : <span class="waiting">…</span>)}
    />
  );
}
