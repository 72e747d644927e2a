import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";
import { age, counted, nameOf, size, time, titleOf, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";

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

export function Overview({ snapshot }) {
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
