"""Stores with many snapshots: what a new one costs, what looking at them costs, what taking them away costs."""
import os
import shutil
import subprocess
import time

import corpora
from measuring import BIN, Section, Target, environment, in_turn, measure, median, output, size, spawned, table_of_runs, table_of_sizes

SNAPSHOTS = 10_000


def fifty(runs, scratch):
    """50 snapshots of a small project, of whose rows 0.02 % change each time; then all but the last are removed."""
    project = scratch / "fifty"
    project.mkdir()
    corpora.small_project(project)
    env = environment(SAVEPOINT_STORE=scratch / "fifty-store", RESTIC_REPOSITORY=scratch / "fifty-restic", RESTIC_PASSWORD="x",
                      RESTIC_CACHE_DIR=scratch / "fifty-cache")
    store, restic = scratch / "fifty-store", scratch / "fifty-restic"
    subprocess.run("restic init -q", shell=True, cwd=project, env=env, check=True)
    sizes = {}
    for number in range(50):
        if number:
            corpora.touch_rows(project / "app.db", 11, number)  # 0.02 %
        measure("savepoint snapshot --quiet", project, env)
        measure("restic backup -q --exclude .git .", project, env)
        if number == 0:
            sizes["savepoint, one snapshot"] = size(store)
    sizes |= {"savepoint, 50 snapshots": size(store), "restic, 50 snapshots": size(restic)}
    results = {"savepoint": [], "restic": []}
    for _ in range(runs):
        for name, directory, variable, command in (("savepoint", store, "SAVEPOINT_STORE", "savepoint prune --keep-last 1 --yes --quiet"),
                                                   ("restic", restic, "RESTIC_REPOSITORY", "restic forget -q --keep-last 1 --prune")):
            copy = scratch / "fifty-copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(directory, copy, symlinks=True)
            os.sync()
            results[name].append(measure(command, project, env | {variable: str(copy)}))
            if name == "savepoint":
                sizes["savepoint, the last one kept"] = size(copy)
    shutil.rmtree(scratch / "fifty-copy")
    return sizes, results


class Many:
    """A project of a file that changes, and so many snapshots of it."""
    def __init__(self, scratch, name, count):
        self.top, self.store = scratch / f"many-{name}", scratch / f"many-{name}-store"
        self.env = environment(SAVEPOINT_STORE=self.store)
        self.top.mkdir()
        for number in range(200):
            (self.top / f"file{number}").write_text(f"{number}\n" * 50)
        corpora.make_repository(self.top)
        begin = time.monotonic()
        for number in range(count):
            (self.top / "changes").write_text(f"{number}\n")
            output([BIN / "savepoint-snapshot", "--quiet"], self.top, self.env)
        self.made_in = time.monotonic() - begin

    def take(self):
        with open(self.top / "changes", "a", encoding="ascii") as file:
            file.write("more\n")
        return spawned([BIN / "savepoint-snapshot", "-C", self.top, "--quiet"], self.top, self.env)

    def run(self, *arguments):
        return spawned([BIN / "savepoint", "-C", self.top, *arguments], self.top, self.env)


def many(runs, scratch):
    few, lots = Many(scratch, "few", 10), Many(scratch, "lots", SNAPSHOTS)
    newest = output([BIN / "savepoint", "list", "--quiet"], lots.top, lots.env).split()[0]
    results = {f"a snapshot, {SNAPSHOTS:,} in the store (savepoint) and 10": in_turn(runs * 3, {"savepoint": lots.take, "with 10": few.take}),
               f"list, {SNAPSHOTS:,} snapshots": {"savepoint": [lots.run("list") for _ in range(runs)]},
               f"list --json, {SNAPSHOTS:,} snapshots": {"savepoint": [lots.run("list", "--json") for _ in range(runs)]},
               f"show, {SNAPSHOTS:,} snapshots": {"savepoint": [lots.run("show", newest) for _ in range(runs)]},
               "--version": {"savepoint": [lots.run("--version") for _ in range(runs * 3)]}}
    before = size(lots.store / "packs")
    freed_by = prune(lots)
    results[f"prune of {SNAPSHOTS - 1000:,} snapshots of {SNAPSHOTS:,}"] = {"savepoint": [freed_by["run"]]}
    return results, freed_by | {"before": before, "after": size(lots.store / "packs")}


def prune(lots):
    """Removes 9,000 of 10,000 snapshots, and says what that wrote."""
    trace = lots.top.parent / "trace"
    copy = lots.store.with_name("many-copy-store")
    shutil.copytree(lots.store, copy)
    run = measure("savepoint prune --keep-last 1000 --yes --quiet", lots.top, lots.env)
    subprocess.run(["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=write,pwrite64,writev", "savepoint", "prune", "--keep-last", "1000", "--yes", "--quiet"],
                   cwd=lots.top, env=lots.env | {"SAVEPOINT_STORE": str(copy)}, stdout=subprocess.DEVNULL, check=True)
    written = sum(int(line.rsplit("=", 1)[1].split()[0]) for line in open(trace, encoding="utf-8", errors="replace")
                  if f"{copy}/scratch/" in line or f"{copy}/packs/" in line)
    shutil.rmtree(copy)
    return {"run": run, "written": written}


def bench(runs, scratch):
    sizes, last = fifty(runs, scratch)
    results, pruned = many(runs, scratch)
    names = list(results)
    growing = results[names[0]]
    freed = max(1, pruned["before"] - pruned["after"])
    targets = [Target("50 snapshots, 0.02 % of the rows changed each: store, against one snapshot",
                      sizes["savepoint, 50 snapshots"] / sizes["savepoint, one snapshot"], 1.05),
               Target("keep the last of these 50, against restic", median(last["savepoint"]) / median(last["restic"]), 0.25),
               Target(f"a snapshot: {SNAPSHOTS:,} in the store against 10", median(growing["savepoint"]) / median(growing["with 10"]), 1.1),
               *[Target(f"{name}", median(results[name]["savepoint"]) * 1000, 50, unit="ms") for name in (names[1], names[3])],
               Target("--version", median(results["--version"]["savepoint"]) * 1000, 5, unit="ms"),
               Target(names[-1], pruned["run"].seconds, 30, unit="s"),
               Target(f"{names[-1]}: written, against what was freed", pruned["written"] / freed, 1.2)]
    return Section("Many snapshots", targets, table_of_runs({"keep the last of 50": last} | results)
                   + table_of_sizes("50 snapshots", sizes, "savepoint, one snapshot"))
