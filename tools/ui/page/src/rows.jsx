import { useEffect, useState } from "preact/hooks";
import { Inner } from "./inner.jsx";
import { counted, nameOf, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";
import { Progress, useAction } from "./work.jsx";

const k_at_once = 200;

function Cells({ sign, values, others }) {
  return (
    <tr class={sign === "+" ? "plus" : "minus"}>
      <td class="sign">{sign === "+" ? "+" : "−"}</td>
      {values.map((value, at) => (
        <td key={at} class={others && nameOf(others[at]) !== nameOf(value) ? "other" : ""}>
          <code>{value === null ? "–" : visible(value)}</code>
        </td>
      ))}
    </tr>
  );
}

function Table({ found }) {
  const [many, setMany] = useState(k_at_once);
  const all = found.added + found.removed + found.modified;
  const shown = found.rows.slice(0, many);
  return (
    <>
      <p class="counts">
        <span class="minus">{counted(found.removed, "row")} gone</span>
        <span>{found.modified.toLocaleString("en")} changed</span>
        <span class="plus">{found.added.toLocaleString("en")} new</span>
      </p>
      {all > 0 && (
        <div class="patch rows" tabIndex={0} role="region" aria-label="Rows that differ">
          <table>
            <thead>
              <tr>
                <td />
                {found.columns.map((column) => (
                  <th key={nameOf(column)} scope="col" class={found.key.some((one) => nameOf(one) === nameOf(column)) ? "key" : ""}>
                    {visible(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.flatMap((row, at) => [
                row.before && <Cells key={`${at}-`} sign="-" values={row.before} others={row.after} />,
                row.after && <Cells key={`${at}+`} sign="+" values={row.after} others={row.before} />,
              ])}
            </tbody>
          </table>
        </div>
      )}
      {all > shown.length && (
        <p>
          {found.rows.length > shown.length && <button type="button" onClick={() => setMany(many + k_at_once)}>Show more</button>} <span class="dim">{counted(all - shown.length, "more row")}</span>
        </p>
      )}
    </>
  );
}

/** Which rows of a table of SQLite differ: compared when somebody asks, since that may take long. */
export function Rows({ before, after, database, table, onClose }) {
  const action = useAction();
  useEffect(() => {
    action.run({ action: "rows", before, after, database, table });
    return () => action.halt();
  }, []);
  const heading = (
    <span class="path">
      {visible(database)}: {visible(table)}
    </span>
  );
  return (
    <Inner label="Rows" back="All changes" heading={heading} onClose={onClose}>
      {action.error && <Trouble error={action.error} />}
      {action.state === "busy" && <Progress look={action.look} onStop={action.halt} />}
      {action.state === "done" && <Table found={action.result.document.rows[0]} />}
    </Inner>
  );
}
