// How things are written.

/** A name, whatever its bytes: those that are not UTF-8 come as {base64, printable}. */
export const nameOf = (value) => (value === null || value === undefined ? "" : typeof value === "string" ? value : value.printable);

const k_letters = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\" };
const bytesOf = (letter) => [...new TextEncoder().encode(letter)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
/** Marks that nobody sees, but that turn text around or make a name look like another one, as \u{200b}. */
export const withoutUnseen = (text) => text.replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, (mark) => `\\u{${mark.codePointAt(0).toString(16)}}`);

/** A name or a note as the terminal writes it: control characters as \n or \x1b, a backslash doubled. */
export const visible = (value) =>
  withoutUnseen(typeof value === "string" ? value.replace(/[\u0000-\u001f\u007f-\u009f\\]/g, (letter) => k_letters[letter] ?? bytesOf(letter)) : nameOf(value));

/** A line of a file: the same, but tabs and backslashes of what is UTF-8, of which code is full, as they are. */
export const visibleLine = (line) =>
  withoutUnseen(typeof line === "string" ? line.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, (letter) => k_letters[letter] ?? bytesOf(letter)) : nameOf(line));

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  let value = bytes;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 || value >= 1000 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

export const counted = (number, noun, plural = `${noun}s`) => `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

export function age(when, now = Date.now()) {
  const seconds = Math.max(0, (now - new Date(when).getTime()) / 1000);
  if (seconds < 45) return "just now";
  for (const [unit, length] of [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const many = Math.round(seconds / length);
    if (seconds >= length * 0.95 && many >= 1) return `${counted(many, unit)} ago`;
  }
  return "1 minute ago";
}

export const time = (when) => new Date(when).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
const dateOf = (when) => new Date(when).toDateString();
export const isSameDay = (one, other) => dateOf(one) === dateOf(other);

/** The time of today, else the day as well. */
export function clock(when, now = Date.now()) {
  const date = isSameDay(when, now) ? {} : { day: "numeric", month: "short", ...(new Date(when).getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" }) };
  return new Date(when).toLocaleString(undefined, { ...date, hour: "2-digit", minute: "2-digit" });
}

const owners = new Map(); // of ends of ids: how many have them
const endsOf = (id) => id.split("-").map((_, at, parts) => parts.slice(parts.length - 1 - at).join("-"));

/** Says which snapshots there are, so that short ids tell them apart. */
export function knowIds(ids) {
  owners.clear();
  ids.forEach((id) => endsOf(id).forEach((end) => owners.set(end, (owners.get(end) ?? 0) + 1)));
}

/** The shortest end of an id that no other snapshot has, as commands take it. */
export const shortId = (id) => endsOf(id).find((end) => (owners.get(end) ?? 0) < 2) ?? id;

export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10000 ? 2 : 0)} s`;
}

/** What people call a snapshot: its note, else its trigger. */
export function titleOf(snapshot) {
  const note = visible(nameOf(snapshot.note).split("\n")[0]);
  if (note) return note;
  if (snapshot.trigger === "safety") return "before a restore";
  if (snapshot.trigger === "manual" || snapshot.trigger === "ui") return "snapshot by hand";
  return visible(snapshot.trigger);
}
