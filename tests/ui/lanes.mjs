// What holds of the graph of every history: node lanes.mjs LANES. Histories are made up, the same ones each time.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const { arrange } = await import(pathToFileURL(process.argv[2]));

let seed = 1;
function any(below) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
}

/** Commits of which each comes from some before it, and snapshots taken at any of them, at none, or at one that is gone. */
function history() {
  const commits = new Map();
  const many = 1 + any(15);
  for (let at = 0; at < many; at += 1) {
    const parents = new Set(Array.from({ length: at === 0 ? 0 : any(3) }, () => `c${any(at)}`));
    if (any(10) === 0) parents.add("gone");
    commits.set(`c${at}`, { id: `c${at}`, parents: [...parents], subject: "", names: any(4) === 0 ? ["branch"] : [], head: at === many - 1 });
  }
  const places = [null, "gone", ...commits.keys()];
  const snapshots = Array.from({ length: 1 + any(20) }, (_, at) => ({ id: `s${at}`, commit: places[any(places.length)], branch: "branch" }));
  return { commits, snapshots };
}

function check({ commits, snapshots }, withTips) {
  const { items } = arrange(snapshots, commits, withTips);
  assert.deepEqual(items.map((item) => item.entry.snapshot), snapshots, "the snapshots stay in their order");
  const rows = items.flatMap((item) => [...item.above, item.entry, ...item.below]);
  const at = new Map(rows.map((row, number) => [(row.snapshot ?? row.commit).id, number]));
  const shown = new Set(snapshots.map((one) => one.commit).filter((id) => commits.has(id)));
  if (withTips) commits.forEach((one) => (one.head || one.names.length > 0) && shown.add(one.id));
  assert.equal(rows.length, snapshots.length + shown.size, "each commit is there once");
  shown.forEach((id) => assert.ok(at.has(id)));
  snapshots.filter((one) => commits.has(one.commit)).forEach((one) => assert.ok(at.get(one.commit) > at.get(one.id), "a commit stands below its snapshots"));
  rows.forEach((row, number) => row.parents.forEach((parent) => assert.ok(parent > number, "lines lead down")));
  // Each line is followed down its lane to the row that it leads to.
  const waiting = new Map();
  rows.forEach((row, number) => {
    row.into.forEach((lane) => {
      assert.equal(waiting.get(lane), number, "a line ends where it leads to");
      waiting.delete(lane);
    });
    assert.deepEqual([...waiting.keys()].sort(), [...row.through].sort(), "all others pass");
    assert.ok(!row.through.includes(row.lane), "no line passes through a dot");
    row.out.forEach(({ lane, to }) => {
      assert.ok(row.parents.includes(to), "a line leads to where the row comes from");
      assert.ok([undefined, to].includes(waiting.get(lane)), "lines share a lane only where they lead to the same");
      waiting.set(lane, to);
    });
    if (row.lane < 6) assert.ok(row.out.length > 0 || row.parents.length === 0, "what has a lane has a line");
  });
  assert.equal(waiting.size, 0, "every line ends");
}

for (let round = 0; round < 2000; round += 1) {
  const one = history();
  check(one, true);
  check(one, false);
}
