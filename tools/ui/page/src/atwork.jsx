import { useEffect, useState } from "preact/hooks";
import { follow, stop } from "./api.js";
import { Progress } from "./work.jsx";

const k_at_work = { snapshot: "A snapshot is being taken", restore: "A restore is at work", undo: "A restore is being undone", recover: "An interrupted restore is being recovered", delete: "A snapshot is being deleted", verify: "The store is being verified" };

/** Whether somebody would want to know of a job: not of a plan, or of rows that are compared. */
export const isShownAtWork = (job) => Boolean(job) && !job.plan && job.action in k_at_work;

/** What is at work since before this page was opened. */
export function AtWork({ job, onEnd }) {
  const [look, setLook] = useState(job);
  useEffect(() => {
    follow(job.job, setLook).then(
      () => onEnd("Done"),
      (error) => onEnd(error.message),
    );
  }, [job.job]);
  return (
    <div class="banner warn">
      <strong>{k_at_work[job.action]}.</strong>
      <Progress look={look} onStop={() => stop(job.job)} />
    </div>
  );
}
