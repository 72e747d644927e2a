// How things are written: node text.mjs TEXT.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const { duration, visible, withoutUnseen } = await import(pathToFileURL(process.argv[2]));

const written = { 0: "0.00 s", 1234: "1.23 s", 59400: "59 s", 59999: "1 min 0 s", 61000: "1 min 1 s", 119600: "2 min 0 s" };
for (const [milliseconds, words] of Object.entries(written)) assert.equal(duration(Number(milliseconds)), words);

// What turns text around is seen, wherever it stands; a message keeps its backslashes.
for (const mark of ["\u061c", "\u200f", "\u202e", "\u2066"]) {
  const shown = `a\\u{${mark.codePointAt(0).toString(16)}}b`;
  assert.equal(withoutUnseen(`a${mark}b`), shown);
  assert.equal(visible(`a${mark}b`), shown);
}
assert.equal(withoutUnseen("'a\\b'"), "'a\\b'");
