// The snapshots and the commits that the timeline shows.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "./api.js";
import { knowIds } from "./text.js";

const k_first_page = 200;
const k_page = 5000;

/** When what was given to be shown can be seen. */
const shownAtLast = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/** All snapshots, the newest first: the first of them at once, the others behind. */
export function useSnapshots(version) {
  const [all, setAll] = useState({ snapshots: [], total: 0, complete: false, error: null });
  const held = useRef(0);
  useEffect(() => {
    let wanted = true;
    const load = async () => {
      const found = [];
      try {
        for (let total = 1; found.length < total; ) {
          const part = await get("snapshots", { offset: found.length, limit: found.length === 0 ? k_first_page : k_page });
          if (!wanted) return;
          found.push(...part.snapshots);
          total = part.snapshots.length === 0 ? 0 : part.total;
          const complete = found.length >= part.total;
          if (!complete && found.length <= held.current) continue; // what is selected may be in the rest
          held.current = found.length;
          knowIds(found.map((one) => one.id));
          setAll({ snapshots: [...found], total: part.total, complete, error: null });
          await shownAtLast();
        }
      } catch (error) {
        if (wanted) setAll((before) => ({ ...before, error }));
      }
    };
    load();
    return () => {
      wanted = false;
    };
  }, [version]);
  return all;
}

/** The id of the selected snapshot. Where that is deleted the one in its place is next, and the first where it is filtered out. */
export function useSelection(snapshots, shown) {
  const [selected, select] = useState(null);
  const place = useRef(0);
  useEffect(() => {
    if (shown.length === 0 || shown.some((one) => one.id === selected)) return;
    const isFilteredOut = snapshots.some((one) => one.id === selected);
    select(shown[isFilteredOut ? 0 : Math.min(place.current, shown.length - 1)].id);
  }, [shown]); // alone: a snapshot that was just taken is selected before the list has it
  useEffect(() => {
    const at = shown.findIndex((one) => one.id === selected);
    if (at >= 0) place.current = at;
  }, [shown, selected]);
  return [selected, select];
}

const k_no_commits = new Map();

/** The commits that snapshots were taken at, and what they come from; without a `version`, none yet. */
export function useCommits(version) {
  const [commits, setCommits] = useState(k_no_commits);
  useEffect(() => {
    if (version === null) return undefined;
    let wanted = true;
    get("commits").then(
      (told) => wanted && setCommits(new Map(told.commits.map((one) => [one.id, one]))),
      () => wanted && setCommits(k_no_commits), // the list says what is wrong
    );
    return () => {
      wanted = false;
    };
  }, [version]);
  return commits;
}
