import { useRef, useState } from "preact/hooks";
import { act } from "./api.js";
import { counted, size } from "./text.js";

/** How far something at work is. `onStop` tells it to stop. */
export function Progress({ look, onStop }) {
  const [stopping, setStopping] = useState(false);
  const began = useRef(null);
  const told = look?.progress;
  if (told && began.current?.stage !== told.stage) began.current = { stage: told.stage, at: performance.now(), bytes: told.bytes };
  const seconds = began.current ? (performance.now() - began.current.at) / 1000 : 0;
  const rate = seconds > 0.5 && told ? (told.bytes - began.current.bytes) / seconds : 0;
  const left = rate > 0 && told.total > told.bytes ? (told.total - told.bytes) / rate : 0;
  return (
    <div class="progress" role="status">
      <progress aria-label="Progress" {...(told?.total ? { max: told.total, value: Math.min(told.bytes, told.total) } : {})} />
      <p>
        {told ? `${told.stage}: ${told.files > 0 ? `${counted(told.files, "file")}, ` : ""}${size(told.bytes)}` : "Working…"}
        {told?.total ? ` of ${size(told.total)}` : ""}
        {rate > 0 ? `, ${size(rate)}/s` : ""}
        {left >= 1 ? `, ${Math.ceil(left)} s left` : ""}
      </p>
      {onStop && (
        <button
          type="button"
          disabled={stopping}
          onClick={() => {
            setStopping(true);
            onStop();
          }}
        >
          {stopping ? "Stopping…" : "Stop"}
        </button>
      )}
    </div>
  );
}

/** Runs an action; `state` is "idle", "busy" or "done". `halt` tells it to stop, if it is busy, or to wait no longer for its turn. */
export function useAction() {
  const [state, setState] = useState("idle");
  const [look, setLook] = useState(null);
  const [error, setError] = useState(null);
  const [result, setResult] = useState(null);
  const wish = useRef(null);
  const run = async (wanted) => {
    setState("busy");
    setError(null);
    setLook(null);
    wish.current = new AbortController();
    try {
      const done = await act(wanted, setLook, wish.current.signal);
      setResult(done);
      setState("done");
      return done;
    } catch (failed) {
      setError(failed);
      setState("idle");
      return null;
    }
  };
  const halt = () => wish.current?.abort();
  return { state, look, error, result, run, halt };
}
