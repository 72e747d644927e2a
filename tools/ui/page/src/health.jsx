import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";
import { Outcome } from "./outcome.jsx";
import { useSizeOfStore } from "./space.jsx";
import { age, counted, duration, shortId, size, time, visible } from "./text.js";
import { Trouble } from "./trouble.jsx";
import { Progress } from "./work.jsx";

function Log({ version }) {
  const [operations, setOperations] = useState(null);
  const [error, setError] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    get("log", { limit: 500 }).then((log) => {
      setOperations(log.operations);
      setError(null);
    }, setError);
  }, [version]);
  if (error) return <Trouble error={error} />;
  if (!operations) return <p class="waiting">Reading the log…</p>;
  const shown = failed ? operations.filter((one) => !one.ok) : operations;
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={failed} onChange={(event) => setFailed(event.currentTarget.checked)} /> only what did not go well
      </label>
      {shown.length === 0 && <p class="dim">Nothing.</p>}
      {shown.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Operations">
          <table class="plain log">
            <thead>
              <tr>
                <th scope="col">began</th>
                <th scope="col">operation</th>
                <th scope="col">trigger</th>
                <th scope="col">result</th>
                <th scope="col" class="number">took</th>
                <th scope="col">what</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, 200).map((one, at) => (
                <tr key={at} class={one.ok ? "" : "failed"}>
                  <td>
                    <time dateTime={one.at} title={time(one.at)}>
                      {age(one.at)}
                    </time>
                  </td>
                  <td>{visible(one.operation)}</td>
                  <td>{visible(one.trigger)}</td>
                  <td>{one.ok ? "ok" : `exit code ${one.exit_code}`}</td>
                  <td class="number">{duration(one.duration_ms)}</td>
                  <td>
                    {one.snapshot && <code>{shortId(one.snapshot)}</code>} {one.bytes_added > 0 && `+${size(one.bytes_added)}`} {one.changes > 0 && counted(one.changes, "change")} {visible(one.error)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** `action` is kept by who shows this, so that how it ended is still there for who looks at something else meanwhile. */
export function Health({ state, version, action, onChanged }) {
  const [health, setHealth] = useState(null);
  const [error, setError] = useState(null);
  const [readData, setReadData] = useState(true);
  useEffect(() => {
    get("health").then((now) => {
      setHealth(now);
      setError(null);
    }, setError);
  }, [version]);
  const verify = () => action.run({ action: "verify", read_data: readData }).then(onChanged);
  const whole = useSizeOfStore(version);
  return (
    <main class="wide">
      <h1>Health</h1>
      {error && <Trouble error={error} />}
      {!health && !error && <p class="waiting" role="status">Looking…</p>}
      {health && (
        <>
          <p class="lead">{health.ok ? <><span class="good">✓</span> All is well.</> : <><span class="bad">!</span> {counted(health.problems.length, "thing")} to see to.</>}</p>
          <ul class="problems">
            {health.problems.map((problem) => (
              <li key={problem.check}>
                <strong>{visible(problem.message)}</strong>
                <span class="dim">
                  {" "}
                  <code>{visible(problem.hint)}</code>
                </span>
              </li>
            ))}
          </ul>
          <dl class="facts">
            <div>
              <dt>last snapshot</dt>
              <dd>{health.last ? `${age(health.last.created_at)} (${shortId(health.last.id)})` : "none yet"}</dd>
            </div>
            <div>
              <dt>last verified</dt>
              <dd>{health.verified_at ? `${age(health.verified_at)}, ${time(health.verified_at)}` : "never, as far as the log reaches"}</dd>
            </div>
            <div>
              <dt>store</dt>
              <dd>
                {whole} in <code>{visible(state.store)}</code>
              </dd>
            </div>
          </dl>
        </>
      )}
      <h2>Verify</h2>
      <p>Check that all snapshots are what was written.</p>
      <div class="bar">
        <label class="check">
          <input type="checkbox" checked={readData} onChange={(event) => setReadData(event.currentTarget.checked)} /> read every stored byte
        </label>
        <button type="button" onClick={verify} disabled={action.state === "busy"}>Verify now</button>
      </div>
      {action.state === "busy" && <Progress look={action.look} onStop={action.halt} />}
      {action.error && <Trouble error={action.error} />}
      {action.state === "done" && <Outcome done={action.result} />}
      <h2>What was done</h2>
      <Log version={version} />
    </main>
  );
}
