import { useEffect, useState } from "preact/hooks";
import { follow, stop } from "./api.js";
import { Outcome } from "./outcome.jsx";
import { Trouble } from "./trouble.jsx";
import { Progress } from "./work.jsx";

const k_jobs = {
  snapshot: { now: "A snapshot is being taken", then: "A snapshot was taken" },
  restore: { now: "A restore is at work", then: "A restore has ended" },
  undo: { now: "A restore is being undone", then: "A restore was undone" },
  recover: { now: "An interrupted restore is being recovered", then: "An interrupted restore was recovered" },
  delete: { now: "A snapshot is being deleted", then: "A snapshot was deleted" },
  verify: { now: "The store is being verified", then: "The store was verified" },
};

/** Whether somebody would want to know of a job: not of a plan, or of rows that are compared. */
export const isShownAtWork = (job) => Boolean(job) && !job.plan && job.action in k_jobs;

/** Something that stays until somebody has read it. */
export function Notice({ onDismiss, children }) {
  return (
    <div class="banner notice">
      {children}
      <button type="button" onClick={onDismiss}>Dismiss</button>
    </div>
  );
}

/** What is at work since before this page was opened, or for another one; then how it ended. */
export function AtWork({ job, onEnd, onUndo, onDismiss }) {
  const [look, setLook] = useState(job);
  const [done, setDone] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    follow(job.job, setLook).then(setDone, setError).then(onEnd);
  }, []);
  if (!done && !error) {
    return (
      <div class="banner warn">
        <strong>{k_jobs[job.action].now}.</strong>
        <Progress look={look} onStop={() => stop(job.job)} />
      </div>
    );
  }
  return (
    <Notice onDismiss={onDismiss}>
      {error && <Trouble error={error} />}
      {done && (
        <>
          <strong>{k_jobs[job.action].then}.</strong>
          <Outcome done={done} />
        </>
      )}
      {done?.document.safety_snapshot && <button type="button" onClick={onUndo}>Undo…</button>}
    </Notice>
  );
}
