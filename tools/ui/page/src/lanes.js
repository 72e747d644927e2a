// The graph at the left of the timeline: the history of git, and where on it each snapshot was taken.
import { nameOf } from "./text.js";

const k_most_lanes = 6;

/** What a snapshot was taken on. */
export const branchOf = (snapshot) => nameOf(snapshot.branch) || (snapshot.commit ? "(detached)" : "");

/** All of `commits`, those that others come from before those others. */
function oldestFirst(commits) {
  const missing = new Map();
  const children = new Map();
  for (const commit of commits.values()) {
    const parents = commit.parents.filter((parent) => commits.has(parent));
    missing.set(commit.id, parents.length);
    parents.forEach((parent) => (children.get(parent) ?? children.set(parent, []).get(parent)).push(commit.id));
  }
  const ordered = [...commits.keys()].filter((id) => missing.get(id) === 0);
  for (let at = 0; at < ordered.length; at += 1) {
    for (const child of children.get(ordered[at]) ?? []) {
      missing.set(child, missing.get(child) - 1);
      if (missing.get(child) === 0) ordered.push(child);
    }
  }
  return ordered;
}

/** Of the commits that are shown, the nearest that each comes from, past those that are not. */
function linesBetween(commits, isShown) {
  const lines = new Map();
  const nearest = new Map(); // of any commit: itself if it is shown, else those it comes from
  for (const id of oldestFirst(commits)) {
    const known = commits.get(id).parents.filter((parent) => nearest.has(parent));
    const from = known.length === 1 ? nearest.get(known[0]) : [...new Set(known.flatMap((parent) => nearest.get(parent)))];
    if (isShown(id)) lines.set(id, from);
    nearest.set(id, isShown(id) ? [id] : from);
  }
  return lines;
}

/**
 * The rows of the graph, from the top: {snapshot} or {commit}, and in `parents` the rows that lines lead down to. A commit
 * stands below the snapshots taken at it and below the commits that come from it. A commit without snapshots, where
 * HEAD or a branch is now, stands above the snapshots of the one that it comes from.
 */
function rowsOf(snapshots, commits, withTips) {
  const at = new Map(); // by commit: its snapshots that are still to come
  snapshots.forEach((one) => at.set(one.commit, (at.get(one.commit) ?? 0) + 1));
  const isShown = (id) => at.has(id) || (withTips && (commits.get(id).head || commits.get(id).names.length > 0));
  const lines = linesBetween(commits, isShown);
  const waits = new Map([...lines.keys()].map((id) => [id, at.get(id) ?? 0]));
  lines.forEach((parents) => parents.forEach((parent) => waits.set(parent, waits.get(parent) + 1)));

  const rows = [];
  const done = (id) => {
    waits.set(id, waits.get(id) - 1);
    if (waits.get(id) === 0) place(id);
  };
  const place = (first) => {
    const ready = [first];
    while (ready.length > 0) {
      const id = ready.shift();
      rows.push({ commit: commits.get(id) });
      for (const parent of lines.get(id)) {
        waits.set(parent, waits.get(parent) - 1);
        if (waits.get(parent) === 0) ready.push(parent);
      }
    }
  };
  // Tips that nothing waits for, by the commit with snapshots that they stand above.
  const tips = new Map();
  lines.forEach((parents, id) => {
    if (waits.get(id) > 0) return;
    let below = parents[0];
    while (below !== undefined && !at.has(below)) below = lines.get(below)[0];
    (tips.get(below) ?? tips.set(below, []).get(below)).push(id);
  });
  (tips.get(undefined) ?? []).forEach(place);
  for (const snapshot of snapshots) {
    (tips.get(snapshot.commit) ?? []).forEach(place);
    tips.delete(snapshot.commit);
    rows.push({ snapshot });
    if (lines.has(snapshot.commit)) done(snapshot.commit);
  }
  lead(rows, lines);
  return rows;
}

/** Sets where the lines of each row lead: to the next of the same commit, and from a commit to those it comes from. */
function lead(rows, lines) {
  const next = new Map(); // by commit: its first row below the one that is looked at
  const onBranch = new Map(); // of what git does not know any more: by branch
  for (let number = rows.length - 1; number >= 0; number -= 1) {
    const { snapshot, commit } = rows[number];
    const id = commit?.id ?? snapshot.commit;
    const found = commit ? lines.get(id).map((parent) => next.get(parent)) : [next.get(id) ?? (lines.has(id) ? undefined : onBranch.get(branchOf(snapshot)))];
    rows[number].parents = [...new Set(found)].filter((row) => row !== undefined).sort((a, b) => a - b);
    next.set(id, number);
    if (snapshot && !lines.has(id)) onBranch.set(branchOf(snapshot), number);
  }
}

/** Gives each row a lane, and says which lines pass it, come into it from above and leave it below. */
function layOut(rows) {
  const waiting = []; // by lane: the row that its line leads to, or null
  const free = (from) => {
    let lane = waiting.indexOf(null, from);
    if (lane < 0) lane = Math.max(waiting.length, from);
    return lane < k_most_lanes ? lane : -1;
  };
  rows.forEach((row, number) => {
    row.into = waiting.flatMap((to, lane) => (to === number ? [lane] : []));
    row.through = waiting.flatMap((to, lane) => (to !== null && to !== number ? [lane] : []));
    row.lane = row.into[0] ?? free(0);
    row.into.forEach((lane) => (waiting[lane] = null));
    row.out = [];
    row.parents.forEach((parent, which) => {
      if (row.lane < 0) return;
      const other = which === 0 ? row.lane : waiting.indexOf(parent) >= 0 ? waiting.indexOf(parent) : free(row.lane + 1);
      if (other < 0) return; // there is no room for this line
      while (waiting.length <= other) waiting.push(null);
      waiting[other] = parent;
      row.out.push({ lane: other, to: parent });
    });
    if (row.lane < 0) row.lane = k_most_lanes;
    while (waiting.length > 0 && waiting[waiting.length - 1] === null) waiting.pop();
  });
}

/**
 * What the timeline shows: for each snapshot {above, entry, below}, rows of the graph; `wide` is the number of lanes.
 * `commits` are those that the server tells; without `withTips` only those that snapshots were taken at are shown.
 */
export function arrange(snapshots, commits, withTips) {
  const rows = rowsOf(snapshots, commits, withTips);
  layOut(rows);
  const items = [];
  let above = [];
  for (const row of rows) {
    if (row.snapshot) {
      items.push({ above, entry: row, below: [] });
      above = [];
    } else if (items.length === 0) {
      above.push(row);
    } else {
      items[items.length - 1].below.push(row);
    }
  }
  return { items, wide: rows.reduce((most, row) => Math.max(most, row.lane, ...row.through), 0) + 1 };
}
