import { Letter } from "./letter.jsx";
import { counted, nameOf, visible } from "./text.js";

const rowsOf = (rows) => (rows === null ? "–" : rows.toLocaleString("en"));
const differenceOf = ({ before, after }) => (after === null ? "gone" : before === null ? "new" : (after - before).toLocaleString("en", { signDisplay: "exceptZero" }));

function Tables({ tables, onRows }) {
  return (
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">table</th>
          <th scope="col" class="number">rows before</th>
          <th scope="col" class="number">after</th>
          <th scope="col" class="number">difference</th>
          {onRows && <td />}
        </tr>
      </thead>
      <tbody>
        {tables.map((table) => (
          <tr key={nameOf(table.name)}>
            <td>{visible(table.name)}</td>
            <td class="number">{rowsOf(table.before)}</td>
            <td class="number">{rowsOf(table.after)}</td>
            <td class="number">{differenceOf(table)}</td>
            {onRows && (
              <td class="number">
                <button type="button" class="link" aria-label={`Rows of ${visible(table.name)}`} onClick={() => onRows(table.name)}>rows</button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Database({ database, onRows }) {
  const changed = database.tables.filter((table) => table.before !== table.after);
  const others = database.tables.filter((table) => table.before === table.after);
  const rows = database.driver === "sqlite" ? (table) => onRows(database.name, table) : null; // of others they cannot be compared
  return (
    <section class="database">
      <h3>
        <Letter change={database.change} /> {visible(database.name)}
        {database.migration_before !== database.migration_after && (
          <span class="dim">
            {" "}
            migration {visible(database.migration_before) || "–"} → {visible(database.migration_after) || "–"}
          </span>
        )}
        {database.schema_changed && <span class="chip warn">another schema</span>}
      </h3>
      {changed.length > 0 && <Tables tables={changed} onRows={rows} />}
      {changed.length === 0 && <p class="dim">Other contents, the same number of rows in every table.</p>}
      {others.length > 0 && rows && (
        <details open={changed.length === 0}>
          <summary>{counted(others.length, "table")} with as many rows as before</summary>
          <Tables tables={others} onRows={rows} />
        </details>
      )}
    </section>
  );
}

/** The databases and settings files that differ. */
export function Databases({ whole, onRows }) {
  if (whole.databases.length === 0 && whole.config.length === 0) return null;
  return (
    <div class="databases" tabIndex={0} role="region" aria-label="Databases and settings that differ">
      {whole.databases.map((database) => (
        <Database key={nameOf(database.name)} database={database} onRows={onRows} />
      ))}
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
  );
}
