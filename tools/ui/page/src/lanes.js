// The lines at the left of the timeline: one for each branch that snapshots were taken on.

const k_most_lanes = 6;
export const branchOf = (snapshot) => (typeof snapshot.branch === "string" ? snapshot.branch : snapshot.branch?.printable) ?? (snapshot.commit ? "(detached)" : "");

/** The branch whose line stays at the left: the main one by its name, else the one with the most snapshots. */
function trunkOf(snapshots) {
  const many = new Map();
  snapshots.forEach((snapshot) => many.set(branchOf(snapshot), (many.get(branchOf(snapshot)) ?? 0) + 1));
  return ["main", "master", "trunk"].find((name) => many.has(name)) ?? [...many].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/**
 * For each snapshot, the newest first: {lane, through, starts, ends, into}. `through` are the lanes of other branches
 * that pass; `starts`: nothing of its line is above it; `ends`: it is the oldest of its branch, and its line goes over
 * into that of the next one, in the lane `into` (null for the last of all).
 */
export function lanesOf(snapshots) {
  const oldest = new Map();
  snapshots.forEach((snapshot, at) => oldest.set(branchOf(snapshot), at));
  const trunk = trunkOf(snapshots);
  const lanes = [null]; // by lane: its branch, or null; the first is the trunk's
  const rows = [];
  const take = (branch) => {
    let free = branch === trunk ? 0 : lanes.indexOf(null, 1);
    if (free < 0) free = Math.min(lanes.length, k_most_lanes - 1);
    lanes[free] = branch;
    return free;
  };
  snapshots.forEach((snapshot, at) => {
    const branch = branchOf(snapshot);
    const known = lanes.indexOf(branch);
    const lane = known >= 0 ? known : take(branch);
    const ends = oldest.get(branch) === at;
    const through = lanes.flatMap((other, index) => (other !== null && index !== lane ? [index] : []));
    if (ends) lanes[lane] = null;
    rows.push({ lane, through, starts: known < 0, ends, into: null });
  });
  rows.forEach((row, at) => {
    const below = rows[at + 1];
    if (row.ends && below) {
      row.into = below.lane;
      below.starts = false;
    }
  });
  return rows;
}

export const widestOf = (rows) => rows.reduce((most, row) => Math.max(most, row.lane, ...row.through), 0) + 1;
