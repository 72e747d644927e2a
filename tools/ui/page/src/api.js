// Asks the server. Errors are those that --json prints: {code, message, changed, hint}.
import { secret } from "./door.js";

class ApiError extends Error {
  constructor(error) {
    super(error.message);
    Object.assign(this, error);
  }
}

/** The server does not answer: it was ended. */
class GoneError extends ApiError {
  constructor(changed = false, hint = "start it again in the project, and open the address that it prints: savepoint ui") {
    super({ code: "gone", message: "savepoint ui has ended, or cannot be reached", changed, hint });
  }
}

const listeners = new Set();
let alive = true;

/** Has `listener` hear when the server goes away, and when it is back. */
export function onAlive(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setAlive(now) {
  if (now !== alive) {
    alive = now;
    listeners.forEach((listener) => listener(now));
  }
}

async function ask(path, options = {}) {
  let response;
  let document;
  try {
    response = await fetch(path, { ...options, credentials: "omit", headers: { "X-Savepoint": secret, ...options.headers } });
    document = response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : null;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    setAlive(false);
    throw new GoneError();
  }
  setAlive(response.status !== 403 || document !== null);
  if (document === null) throw new GoneError();
  if (document.error) throw new ApiError(document.error);
  return document;
}

/** A name of any bytes, for the query of an address. */
export const keyOf = (name) => (typeof name === "string" ? encodeURIComponent(name) : [...atob(name.base64)].map((byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`).join(""));

export function get(path, query = {}, signal = undefined) {
  const words = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${key === "path" ? value : encodeURIComponent(value)}`); // a path is encoded already
  return ask(`/api/${path}${words.length ? `?${words.join("&")}` : ""}`, { signal });
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const post = (path, wanted) => ask(path, { method: "POST", body: JSON.stringify(wanted), headers: { "Content-Type": "application/json" } });

/** Tells a job to stop. How it ended is heard from who follows it; that it has ended already is no matter. */
export const stop = (job) => post("/api/stop", { job }).catch(() => {});

const k_unknown_end = {
  gone: new GoneError(null, "what was at work comes to its end without it: 'savepoint status' and 'savepoint log' say how"),
  not_found: new ApiError({ code: "unknown_end", message: "how it ended is not known", changed: null, hint: "see 'savepoint log'" }),
};

/** Follows a job to its end; `hears` gets each look at it. Returns {job, document, messages, exit_code}. */
export async function follow(job, hears = () => {}) {
  for (let wait = 40; ; wait = Math.min(wait * 1.5, 250)) {
    const now = await get("job", { job }).catch((error) => {
      throw k_unknown_end[error.code] ?? error;
    });
    if (now.state === "done") {
      if (now.document?.error) throw new ApiError(now.document.error);
      return now;
    }
    hears(now);
    await pause(wait);
  }
}

const k_patience = 15000;
const own = new Set();
let asking = 0;

/** Whether this page has started a job itself, as far as that can be known. */
export const isOwn = (job) => asking > 0 || own.has(job);

async function start(wanted) {
  asking += 1;
  try {
    const { job } = await post("/api/actions", wanted);
    own.add(job);
    return job;
  } finally {
    asking -= 1;
  }
}

/** Has something done, and follows it to its end, or has it stopped when `signal` says so. What only looks waits for what is at work. */
export async function act(wanted, hears = () => {}, signal = undefined) {
  const isLook = wanted.plan || wanted.action === "rows";
  const end = Date.now() + (isLook ? k_patience : 0);
  for (;;) {
    if (signal?.aborted) throw new ApiError({ code: "cancelled", message: "stopped on request", changed: false });
    try {
      const job = await start(wanted);
      const halt = () => stop(job);
      signal?.addEventListener("abort", halt);
      if (signal?.aborted) halt();
      try {
        hears({ job });
        return await follow(job, hears);
      } finally {
        signal?.removeEventListener("abort", halt);
      }
    } catch (error) {
      if (!["busy", "unknown_end"].includes(error.code) || Date.now() >= end) throw error;
      await pause(150);
    }
  }
}
