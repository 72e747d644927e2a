import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";
import { VirtualList, usePages } from "./list.jsx";
import { age, counted, nameOf, shortId, size, time, titleOf, visible } from "./text.js";

export function Trouble({ error }) {
  return (
    <div class="trouble" role="alert">
      <strong>{error.message}</strong>
      {error.changed === true && <span> Something was changed{error.change ? `: ${error.change}` : ""}.</span>}
      {error.changed === false && <span> Nothing was changed.</span>}
      {error.changed === null && <span> It is not known whether anything was changed.</span>}
      {error.hint && <p>{error.hint}</p>}
    </div>
  );
}

function Facts({ rows }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function statusOf({ status }) {
  const parts = [["staged", status.staged_count], ["unstaged", status.unstaged_count], ["untracked", status.untracked_count], ["in conflict", status.conflict_count]].filter(([, many]) => many > 0);
  return parts.length === 0 ? "clean" : parts.map(([word, many]) => `${many.toLocaleString("en")} ${word}`).join(", ");
}

function Overview({ snapshot }) {
  const [all, setAll] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let wanted = true;
    setAll(null);
    setError(null);
    get("snapshot", { id: snapshot.id }).then((one) => wanted && setAll(one), (failed) => wanted && setError(failed));
    return () => {
      wanted = false;
    };
  }, [snapshot.id]);
  const git = all?.git;
  const leftOut = all?.left_out ?? [];
  const code = all?.components.find((one) => one.kind === "code");
  const databases = (all?.components ?? []).filter((one) => one.kind === "database");
  return (
    <div class="pane">
      {error && <Trouble error={error} />}
      <Facts
        rows={[
          ["note", titleOf(snapshot) !== visible(snapshot.note) && visible(snapshot.note)],
          ["taken", `${time(snapshot.created_at)} (${age(snapshot.created_at)})`],
          ["trigger", visible(snapshot.trigger)],
          ["branch", snapshot.branch ? visible(snapshot.branch) : snapshot.commit ? "(detached)" : null],
          ["commit", snapshot.commit && <><code>{snapshot.commit.slice(0, 12)}</code> {visible(all?.subject)}</>],
          ["git status", git && statusOf(git)],
          ["operation", git?.operation],
          ["size", `${size(snapshot.bytes)}, of which ${size(snapshot.bytes_added)} were new to the store`],
          ["id", <code>{snapshot.id}</code>],
        ]}
      />
      <h3>What is in it</h3>
      <table class="plain">
        <tbody>
          {snapshot.components.map((component) => (
            <tr key={component.kind + nameOf(component.name)}>
              <th scope="row">{component.kind === "database" ? visible(component.name) : component.kind}</th>
              <td>{component.kind === "database" ? "database" : component.kind === "code" && code ? counted(code.files, "file") : ""}</td>
              <td class="number">{size(component.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {databases.map((database) => (
        <details key={nameOf(database.name)}>
          <summary>
            {visible(database.name)}: {counted(database.tables?.length ?? 0, "table")}
            {database.migration && `, migration ${visible(database.migration)}`}
          </summary>
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">table</th>
                <th scope="col" class="number">
                  rows
                </th>
              </tr>
            </thead>
            <tbody>
              {(database.tables ?? []).map((table) => (
                <tr key={nameOf(table.name)}>
                  <td>{visible(table.name)}</td>
                  <td class="number">{table.rows.toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
      {leftOut.length > 0 && (
        <details>
          <summary>{counted(leftOut.length, "path")} left out</summary>
          <ul class="paths">
            {leftOut.slice(0, 200).map((one, at) => (
              <li key={at}>
                <code>{visible(one.path)}</code> {visible(one.reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Files({ snapshot }) {
  const [trail, setTrail] = useState([]); // {name, key}
  useEffect(() => setTrail([]), [snapshot.id]);
  const here = trail.length ? trail[trail.length - 1].key : "";
  const [selected, setSelected] = useState(-1);
  const pages = usePages(
    (offset, limit) => get("files", { id: snapshot.id, path: here, offset, limit }).then(({ entries, total }) => ({ items: entries, total })),
    `${snapshot.id} ${here}`,
  );
  useEffect(() => setSelected(-1), [here, snapshot.id]);
  const open = (at) => {
    const entry = pages.items.get(at);
    if (entry?.kind === "directory") setTrail([...trail, { name: entry.name, key: entry.key }]);
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
      <VirtualList
        id="files"
        label="Files of the snapshot"
        className="files"
        count={pages.total ?? 0}
        rowHeight={30}
        selected={selected}
        onSelect={(at) => {
          setSelected(at);
          if (at === selected) open(at);
        }}
        onOpen={open}
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
    </div>
  );
}

const k_letters = { added: "A", removed: "D", modified: "M", metadata: "t" };

export function Letter({ change }) {
  return (
    <abbr class={`letter ${change}`} title={change}>
      {k_letters[change]}
    </abbr>
  );
}

const rowsOf = (rows) => (rows === null ? "–" : rows.toLocaleString("en"));

function Databases({ databases }) {
  return databases.map((database) => {
    const changed = database.tables.filter((table) => table.before !== table.after);
    return (
      <section key={nameOf(database.name)} class="database">
        <h3>
          <Letter change={database.change} /> {visible(database.name)}
          {database.migration_before !== database.migration_after && (
            <span class="dim">
              {" "}
              migration {visible(database.migration_before) || "–"} → {visible(database.migration_after) || "–"}
            </span>
          )}
        </h3>
        {changed.length === 0 && <p class="dim">Other contents, the same number of rows in every table.</p>}
        {changed.length > 0 && (
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">table</th>
                <th scope="col" class="number">rows before</th>
                <th scope="col" class="number">after</th>
                <th scope="col" class="number">difference</th>
              </tr>
            </thead>
            <tbody>
              {changed.map((table) => (
                <tr key={nameOf(table.name)}>
                  <td>{visible(table.name)}</td>
                  <td class="number">{rowsOf(table.before)}</td>
                  <td class="number">{rowsOf(table.after)}</td>
                  <td class="number">{table.before !== null && table.after !== null ? (table.after - table.before).toLocaleString("en", { signDisplay: "always" }) : table.after === null ? "gone" : "new"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    );
  });
}

function Changes({ snapshot, previous, picked }) {
  const [against, setAgainst] = useState(previous ? "previous" : "now");
  const [filter, setFilter] = useState("");
  useEffect(() => {
    if (against === "previous" && !previous) setAgainst("now");
    if (against === "picked" && !picked) setAgainst(previous ? "previous" : "now");
  }, [snapshot.id, previous, picked]);
  useEffect(() => {
    if (picked && picked.id !== snapshot.id) setAgainst("picked");
  }, [picked?.id]);
  const other = against === "previous" ? previous : picked;
  // Whichever is older stands before. Ids do not tell which that is: several are of one second.
  const [before, after] = against === "now" || !other ? [snapshot.id, ""] : other.sequence < snapshot.sequence ? [other.id, snapshot.id] : [snapshot.id, other.id];
  const pages = usePages(
    (offset, limit) =>
      get("diff", { before, after, filter, offset, limit }).then(({ files, total, ...rest }) => ({ items: files, total, ...rest })),
    `${before} ${after} ${filter}`,
  );
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
        <input type="search" placeholder="part of a path" aria-label="Only paths with" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      </div>
      {pages.error && <Trouble error={pages.error} />}
      {!whole && !pages.error && <p class="waiting" role="status">Comparing…</p>}
      {same && <p class="dim">No differences.</p>}
      {whole && !same && (
        <>
          <p class="counts">
            {Object.entries(whole.counts)
              .filter(([, number]) => number > 0)
              .map(([change, number]) => (
                <span key={change}>
                  <Letter change={change} /> {number.toLocaleString("en")} {change}
                </span>
              ))}
          </p>
          {whole.not_compared.length > 0 && <p class="chip warn">{counted(whole.not_compared.length, "path")} could not be compared</p>}
          {(whole.databases.length > 0 || whole.config.length > 0) && (
            <div class="databases">
              <Databases databases={whole.databases} />
              {whole.config.map((file) => (
                <section key={nameOf(file.path)} class="database">
                  <h3>
                    <Letter change={file.change} /> {visible(file.path)}
                  </h3>
                  <p>
                    {file.keys_added.map((key) => <code key={`+${nameOf(key)}`} class="plus">+ {visible(key)}</code>)}
                    {file.keys_removed.map((key) => <code key={`-${nameOf(key)}`} class="minus">− {visible(key)}</code>)}
                  </p>
                </section>
              ))}
            </div>
          )}
          <VirtualList
            id="changes"
            label="Files that differ"
            className="files"
            count={pages.total ?? 0}
            rowHeight={28}
            onSeen={pages.onSeen}
            render={(at) => {
              const file = pages.items.get(at);
              if (!file) return <span class="waiting">…</span>;
              return (
                <>
                  <Letter change={file.change} />
                  <span class="name">
                    {visible(file.path)}
                    {file.kind === "directory" && "/"}
                  </span>
                  <span class="number dim">{file.change === "modified" ? `${size(file.size_before)} → ${size(file.size_after)}` : size(file.change === "removed" ? file.size_before : file.size_after)}</span>
                </>
              );
            }}
          />
        </>
      )}
    </div>
  );
}

const k_tabs = [["overview", "Overview"], ["changes", "Changes"], ["files", "Files"]];

/** All about the selected snapshot, and what can be done with it. */
export function Details({ snapshot, previous, picked, tab, onTab, onAction, detailsRef }) {
  if (!snapshot) return <section class="details empty" aria-label="Details">Select a snapshot.</section>;
  return (
    <section class="details" aria-label="Details" ref={detailsRef} tabIndex={-1}>
      <header>
        <h2>{titleOf(snapshot)}</h2>
        <div class="actions">
          <button type="button" class="primary" onClick={() => onAction("restore")}>Restore…</button>
          <button type="button" onClick={() => onAction("pin")}>{snapshot.pinned ? "Unpin" : "Pin"}</button>
          <button type="button" onClick={() => onAction("tag")}>Tag…</button>
          <button type="button" onClick={() => onAction("note")}>Note…</button>
          <button type="button" aria-pressed={picked?.id === snapshot.id} onClick={() => onAction("pick")}>{picked?.id === snapshot.id ? "Picked" : "Pick to compare"}</button>
          <button type="button" class="danger" onClick={() => onAction("delete")}>Delete…</button>
        </div>
        <div class="tabs" role="tablist" aria-label="Views of the snapshot">
          {k_tabs.map(([name, label]) => (
            <button key={name} id={`tab-${name}`} type="button" role="tab" aria-selected={tab === name} aria-controls="view" onClick={() => onTab(name)}>
              {label}
            </button>
          ))}
        </div>
      </header>
      <div id="view" class="view" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "overview" && <Overview snapshot={snapshot} />}
        {tab === "files" && <Files snapshot={snapshot} />}
        {tab === "changes" && <Changes snapshot={snapshot} previous={previous} picked={picked} />}
      </div>
    </section>
  );
}
