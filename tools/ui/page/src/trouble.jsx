import { withoutUnseen } from "./text.js";

/** An error in three parts: what failed, whether anything was changed, what to do. */
export function Trouble({ error }) {
  return (
    <div class="trouble" role="alert">
      <strong>{withoutUnseen(error.message)}</strong>
      {error.changed === true && <span> Something was changed{error.change ? `: ${withoutUnseen(error.change)}` : ""}.</span>}
      {error.changed === false && <span> Nothing was changed.</span>}
      {error.changed === null && <span> It is not known whether anything was changed.</span>}
      {error.hint && <p>{withoutUnseen(error.hint)}</p>}
    </div>
  );
}
