"""SQLite databases: savepoint beside sqlite3's own backup, zstd, cp, restic and borg."""
import json
import os
import shutil
import subprocess

import corpora
from measuring import Section, Target, environment, in_turn, kept_in_memory, let_files_age, measure, median, output, size, table_of_runs, table_of_sizes, warm, warm_memory

STEPS = {"twenty": "20 rows changed", "scattered": "1 % of the rows changed", "appended": "1 % of rows added"}


FEW = 3  # runs of what is slow, and no target


class Project:
    """One database, and a store of its own for each tool."""
    def __init__(self, directory, scratch):
        self.directory, self.top, self.scratch = directory, scratch / "sqlite", scratch
        self.database = self.top / "app.db"
        self.store = scratch / "sqlite-store"
        self.env = environment(SAVEPOINT_STORE=self.store, RESTIC_REPOSITORY=scratch / "restic", RESTIC_PASSWORD="x",
                               RESTIC_CACHE_DIR=scratch / "restic-cache", BORG_REPO=scratch / "borg", BORG_CACHE_DIR=scratch / "borg-cache",
                               BORG_CONFIG_DIR=scratch / "borg-config", BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes", XDG_DATA_HOME=scratch / "data")

    def begin(self):
        for path in (self.top, self.store, *[self.scratch / name for name in ("restic", "restic-cache", "borg", "borg-cache", "borg-config")]):
            shutil.rmtree(path, ignore_errors=True)
        self.top.mkdir()
        self.put("base")
        self.run("restic init -q && borg init -e none")

    def put(self, name):
        shutil.copyfile(self.directory / f"{name}.db", self.database)
        os.sync()

    def run(self, command):
        warm(self.top, self.store)
        warm_memory(2 * size(self.directory / "base.db"))
        return measure(command, self.top, self.env)

    def added(self):
        """Takes a snapshot, and says how many bytes that added."""
        return json.loads(output(["savepoint", "snapshot", "--json"], self.top, self.env))["bytes_added"]


FIRST = {"savepoint": "savepoint snapshot --quiet",
         "sqlite3 .backup, then zstd -1": "sqlite3 app.db '.backup {scratch}/copy.db' && zstd -1 -q -f {scratch}/copy.db -o {scratch}/copy.zst",
         "sqlite3 .backup, then zstd -1 -T0": "sqlite3 app.db '.backup {scratch}/copy.db' && zstd -1 -T0 -q -f {scratch}/copy.db -o {scratch}/copy.zst",
         "sqlite3 .backup": "sqlite3 app.db '.backup {scratch}/copy.db'",
         "restic": "restic backup -q .", "borg": "borg create -C zstd,1 ::a-$RANDOM$RANDOM ."}


def firsts(project, runs):
    results = {name: [] for name in FIRST}
    for number in range(runs):
        project.begin()
        for name, command in FIRST.items():
            if name in ("restic", "borg") and number >= FEW:
                continue
            results[name].append(project.run(command.format(scratch=project.scratch)))
    return results


def steps(project, runs):
    """What each step takes, by tool, and adds to the store of each."""
    results, added = {}, {}
    for number in range(runs):
        for step, title in STEPS.items():
            if step != "scattered" and number > 0:
                continue
            project.begin()
            for command in (FIRST["savepoint"], *([FIRST["restic"], FIRST["borg"]] if number == 0 else [])):
                project.run(command)
            project.put(step)
            before = {name: size(project.scratch / name) for name in ("restic", "borg")}
            tools = {"savepoint": FIRST["savepoint"], "sqlite3 .backup": FIRST["sqlite3 .backup"].format(scratch=project.scratch)}
            tools |= {name: FIRST[name] for name in before if number == 0}
            stored = size(project.store / "packs")
            for name, command in tools.items():
                results.setdefault(title, {}).setdefault(name, []).append(project.run(command))
            if number == 0:
                added[title] = {"savepoint": size(project.store / "packs") - stored} | {name: size(project.scratch / name) - was for name, was in before.items()}
                added[title]["the changed pages, after zstd -1"] = compressed_pages(project, step)
    return results, added


def compressed_pages(project, step):
    compressor = subprocess.Popen(["zstd", "-1", "-q", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(project.scratch / "pages", "wb") as pages:
        for page in corpora.changed_pages(project.directory / "base.db", project.directory / f"{step}.db"):
            pages.write(page)
    compressor.communicate()
    return len(subprocess.run(["zstd", "-1", "-q", "-c", project.scratch / "pages"], stdout=subprocess.PIPE, check=True).stdout)


def restores(project, runs):
    """The whole database where none is, and in place where a hundredth of its rows changed, beside cp of the file, on disk."""
    project.begin()
    kept = output(["savepoint", "snapshot", "--quiet"], project.top, project.env).strip()
    copy = f"cp {project.directory}/base.db {project.scratch}/copy.db && sync {project.scratch}/copy.db"
    results = {"restore of all": {"savepoint": [], "cp, on disk": []}, "restore in place, 1 % of the rows changed": {"savepoint": [], "cp, on disk": []}}
    for _ in range(runs):
        for title, prepare in (("restore of all", project.database.unlink), ("restore in place, 1 % of the rows changed", lambda: project.put("scattered"))):
            prepare()
            (project.scratch / "copy.db").unlink(missing_ok=True)
            os.sync()
            results[title]["savepoint"].append(project.run(f"savepoint restore {kept} --yes --quiet"))
            results[title]["cp, on disk"].append(project.run(copy))
    return results


def unchanged(project, runs):
    """What a database of which nothing changed adds to the time of a snapshot, and whether it is read."""
    empty = project.scratch / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    (empty / "file").write_text("x\n")
    project.begin()
    for directory in (project.top, empty):
        for _ in range(2):
            let_files_age()
            output(["savepoint", "snapshot", "--if-changed", "--quiet"], directory, project.env)
    results = in_turn(runs * 3, {"savepoint": lambda: measure("savepoint snapshot --if-changed --quiet", project.top, project.env),
                                 "without the database": lambda: measure("savepoint snapshot --if-changed --quiet", empty, project.env)})
    trace = project.scratch / "trace"
    subprocess.run(["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=read,pread64,mmap", "savepoint", "snapshot", "--if-changed", "--quiet"],
                   cwd=project.top, env=project.env, stdout=subprocess.DEVNULL, check=True)
    got = sum(int(line.rsplit("=", 1)[1].split()[0]) for line in open(trace, encoding="utf-8", errors="replace")
              if f"<{project.database}>" in line and "mmap" not in line)
    return results, got


def bench(title, directory, runs, scratch, limits):
    with kept_in_memory(*directory.iterdir()):
        return run(title, directory, runs, scratch, limits)


def run(title, directory, runs, scratch, limits):
    project = Project(directory, scratch)
    first, (step_runs, added) = firsts(project, runs), steps(project, runs)
    quiet, got = unchanged(project, runs)
    def target(name, *numbers, **more):
        return Target(f"{title}: {name}", *numbers, **more)
    scattered = STEPS["scattered"]
    targets = [target("20 rows changed, added", added[STEPS["twenty"]]["savepoint"] / 1e6, limits["twenty"], unit="MB"),
               target("1 % of the rows changed, added", added[scattered]["savepoint"] / 1e6, limits["scattered"], 2, unit="MB"),
               target("1 % changed, bytes added, against the changed pages after zstd -1",
                      added[scattered]["savepoint"] / added[scattered]["the changed pages, after zstd -1"], 1.05),
               target("1 % changed, against sqlite3 .backup", median(step_runs[scattered]["savepoint"]) / median(step_runs[scattered]["sqlite3 .backup"]), 1.5),
               target("nothing changed, added to the time of a snapshot", (median(quiet["savepoint"]) - median(quiet["without the database"])) * 1000, 2, unit="ms"),
               target("nothing changed, bytes of it read", got, 4096, unit="bytes"),
               target("first snapshot, against sqlite3 .backup, then zstd -1", median(first["savepoint"]) / median(first["sqlite3 .backup, then zstd -1"]), 1.2)]
    tables = {"first snapshot": first, "nothing changed": quiet} | step_runs
    if limits["restore"]:
        back = restores(project, runs)
        tables |= back
        targets += [target(f"{case}, against cp and fsync", median(tools["savepoint"]) / median(tools["cp, on disk"]), 1.3) for case, tools in back.items()]
    lines = table_of_runs(tables)
    for step, sizes in added.items():
        lines += table_of_sizes(f"added: {step}", sizes)
    for path in (project.top, project.store):
        shutil.rmtree(path, ignore_errors=True)
    return Section(f"{title}", targets, lines)
