"""Trees of files: savepoint beside tar, git, restic and borg."""
import os
import shutil
import subprocess
import time

import corpora
import postgres
from measuring import (Section, Target, environment, flushes, in_turn, let_files_age, measure, median, output, size, spawned, state, table_of_runs, table_of_sizes, told,
                       warm, warm_memory)

# ext4 without a journal avoids the inodes of files that were deleted within the last minute: files are made twelve times slower then.
AFTER_DELETING = 65


class Peer:
    """A tool under measure: shell commands with {src}, {out} and {work} filled in."""
    def __init__(self, name, most_runs=None, prepare="", **cases):
        self.name, self.most_runs, self.prepare, self.cases = name, most_runs, prepare, cases


GIT_STATUS = "git -C {src} -c core.untrackedCache=false status --porcelain"
PEERS = [
    Peer("savepoint",
         first="savepoint -C {src} snapshot --quiet",
         unchanged="savepoint -C {src} snapshot --if-changed --quiet",
         changed="savepoint -C {src} snapshot --quiet",
         one="savepoint restore latest --store {work}/store --to {out} --quiet --yes -- {file}",
         verify="savepoint verify --all --read-data --store {work}/store --quiet",
         restore="savepoint restore latest --store {work}/store --to {out} --quiet --yes"),
    Peer("tar | zstd -1",
         first="tar -C {src} --exclude=./.git -cf - . | zstd -1 -T0 -q -f -o {work}/all.tar.zst",
         verify="zstd -tq {work}/all.tar.zst",
         restore="mkdir {out} && zstd -dcq {work}/all.tar.zst | tar -C {out} -xf -"),
    Peer("git status", unchanged=GIT_STATUS, changed=GIT_STATUS),
    Peer("restic", prepare="restic init -q",
         first="restic backup -q --exclude .git {src}", unchanged="restic backup -q --exclude .git {src}",
         changed="restic backup -q --exclude .git {src}", one="restic restore -q latest --target {out} --include {src}/{file}",
         verify="restic check -q --read-data", restore="restic restore -q latest --target {out}"),
    Peer("borg", most_runs=3, prepare="borg init -e none",
         first="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         unchanged="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         changed="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         verify="borg check --verify-data",
         restore="mkdir {out} && cd {out} && borg extract ::$(borg list --last 1 --format '{{archive}}')"),
]
TITLES = {"first": "first snapshot", "unchanged": "nothing changed", "changed": "10 files changed", "one": "restore of one file, into a directory",
          "verify": "verify all data", "restore": "restore into an empty directory"}
OFTEN = {"unchanged": 3, "one": 2}  # what is short is measured more often
SHORT = 0.5  # seconds
FILES_OF_LINUX = 78_000


class Tree:
    def __init__(self, name, source, runs, scratch):
        self.name, self.source, self.runs, self.scratch = name, source, runs, scratch
        self.results = {title: {} for title in TITLES.values()}
        self.sizes = {}
        self.files = output(["git", "ls-files", "-z"], source, environment()).split("\0")[:-1]
        self.editable = [file for file in self.files if file.endswith((".c", ".h", ".js"))]

    def work(self, peer):
        return self.scratch / "".join(letter for letter in peer.name if letter.isalnum())

    def environment(self, peer):
        work = self.work(peer)
        return environment(SAVEPOINT_STORE=work / "store", RESTIC_REPOSITORY=work / "repo", RESTIC_PASSWORD="x", RESTIC_CACHE_DIR=work / "cache",
                           BORG_REPO=work / "repo", BORG_CACHE_DIR=work / "cache", BORG_CONFIG_DIR=work / "config",
                           BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes", BORG_RELOCATED_REPO_ACCESS_IS_OK="yes")

    def change_files(self, number):
        for i in range(10):
            with open(self.source / self.editable[(i * 7919 + number) % len(self.editable)], "a", encoding="ascii") as file:
                file.write(f"/* {number} */\n")

    def run(self):
        for case in TITLES:
            for number in range(self.runs):
                peers = [peer for peer in PEERS if case in peer.cases and (peer.most_runs is None or number < peer.most_runs)]
                # In turn, and each time another one first: whoever comes first finds the machine as the one before left it.
                first = number % len(peers)
                if case == "changed":
                    self.change_files(number)
                for turn in range(OFTEN.get(case, 1)):
                    for peer in peers[first:] + peers[:first]:
                        if turn == 0 or self.results[TITLES[case]][peer.name][-1].seconds < SHORT:
                            self.run_peer(case, peer, number, turn)
                if case == "restore":
                    self.remove_restored()
        return self

    def remove_restored(self):
        subprocess.run(["rm", "-rf", *self.scratch.glob("restore-*")], check=True)
        os.sync()
        time.sleep(AFTER_DELETING)

    def run_peer(self, case, peer, number, turn):
        work, env = self.work(peer), self.environment(peer)
        out = self.scratch / f"{case}-{number}-{turn}-{work.name}"
        if case == "first":
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            if peer.prepare:
                measure(peer.prepare, self.source, env)
        command = peer.cases[case].format(src=self.source, out=out, work=work, file=self.files[len(self.files) // 2])
        os.sync()
        if case == "unchanged" and turn == 0 and number == 0:  # once without counting: caches settle, young files grow old
            measure(command, self.source, env)
        warm(self.source if case == "first" else work)
        if case in ("first", "restore"):
            warm_memory(3 << 30)
        done = measure(command, self.source, env)
        self.results[TITLES[case]].setdefault(peer.name, []).append(done)
        told(f"{self.name}: {TITLES[case]}: {peer.name}", done)
        if case == "first":
            self.sizes[peer.name] = size(work)

    def ratio(self, case, peer):
        tools = self.results[TITLES[case]]
        return median(tools["savepoint"]) / median(tools[peer])

    def targets(self):
        def target(name, value, must, goal=None, unit="×"):
            return Target(f"{self.name}: {name}", value, must, goal, unit)
        found = [target("first snapshot, against tar | zstd -1", self.ratio("first", "tar | zstd -1"), 1.0, 0.75),
                 target("first snapshot, against restic", self.ratio("first", "restic"), 0.25),
                 target("bytes stored, against tar.zst", self.sizes["savepoint"] / self.sizes["tar | zstd -1"], 1.05, 1.0),
                 target("10 files changed, against git status", self.ratio("changed", "git status"), 1.3, 1.0),
                 target("restore into an empty directory, against tar -x", self.ratio("restore", "tar | zstd -1"), 1.2, 0.8),
                 target("restore into an empty directory, against restic", self.ratio("restore", "restic"), 0.33),
                 target("restore of one file", median(self.results[TITLES["one"]]["savepoint"]) * 1000, 10, 5, "ms"),
                 target("verify --read-data, against restic check --read-data", self.ratio("verify", "restic"), 0.25),
                 target("peak memory of all of these", max(run.memory for tools in self.results.values() for run in tools["savepoint"]),
                        96 * max(1, len(self.files) / FILES_OF_LINUX), 64, "MiB")]
        return found

    def tables(self):
        return table_of_runs(self.results) + table_of_sizes("stored after the first snapshot", self.sizes)

    def clean(self):
        for path in self.scratch.iterdir():
            subprocess.run(["rm", "-rf", path], check=True)
        subprocess.run(["git", "checkout", "-q", "."], cwd=self.source, check=True)


def unchanged_with_databases(tree, runs, databases):
    """A snapshot of the tree, an SQLite database and one of PostgreSQL, of which nothing changed, and going back after ten changed files."""
    source, scratch = tree.source, tree.scratch
    server = postgres.Postgres()
    ours = [source / ".env", source / "bench.db"]
    exclude = source / ".git/info/exclude"
    before = exclude.read_text() if exclude.exists() else ""
    try:
        server.create("shop")
        server.sql("CREATE TABLE t (id bigserial PRIMARY KEY, name text); INSERT INTO t (name) SELECT repeat('name ' || n, 8) FROM generate_series(1, 200000) n", "shop")
        server.sql("VACUUM ANALYZE; CHECKPOINT", "shop", user="postgres")
        exclude.write_text(before + "\n/.env\n/bench.db\n")
        ours[0].write_text(f"DATABASE_URL={server.url('shop')}\n")
        shutil.copyfile(databases / "base.db", ours[1])
        env = environment(SAVEPOINT_STORE=scratch / "with-databases")
        take = ["savepoint", "snapshot", "--if-changed", "--quiet"]
        status = GIT_STATUS.format(src=source)
        for _ in range(3):  # until the server's log is on disk, and git has written its index again
            let_files_age()
            measure(status, source, env)
            output(take, source, env)
        was = state(scratch / "with-databases")
        waits = flushes(take, source, env, scratch / "trace")
        quiet = in_turn(runs, {"savepoint": lambda: measure("savepoint snapshot --if-changed --quiet", source, env),
                               "git status": lambda: measure(status, source, env)})
        written = len(set(was.items()) ^ set(state(scratch / "with-databases").items()))
        changed_waits, back_waits, back = go_back(tree, runs, env, status)
        return {"nothing changed, with databases": quiet, "back after 10 changed files, in place": back}, [
            Target(f"{tree.name} and databases: nothing changed, against git status", median(quiet["savepoint"]) / median(quiet["git status"]), 1.0, 0.7),
            Target(f"{tree.name} and databases: nothing changed, files written in the store", written, 0, unit=""),
            Target(f"{tree.name} and databases: nothing changed, fsyncs", waits.count, 0, unit="fsyncs"),
            Target(f"{tree.name} and databases: 10 files changed, fsyncs", changed_waits.count, 6, unit="fsyncs"),
            Target(f"{tree.name} and databases: back after 10 changed files, without its {back_waits.count} fsyncs, against git status",
                   (median(back["savepoint"]) - back_waits.seconds) / median(back["git status"]), 2.5, 1.5)]
    finally:
        server.close()
        for file in ours:
            file.unlink(missing_ok=True)
        exclude.write_text(before)
        shutil.rmtree(scratch / "with-databases", ignore_errors=True)


def go_back(tree, runs, env, status):
    """What a snapshot of ten changed files waits for, and what a restore of them takes."""
    source = tree.source
    kept = output(["savepoint", "snapshot", "--quiet"], source, env).strip()
    tree.change_files(1000)
    changed_waits = flushes(["savepoint", "snapshot", "--quiet"], source, env, tree.scratch / "trace")
    restore = ["savepoint", "restore", kept, "--yes", "--quiet"]
    back_waits = flushes(restore, source, env, tree.scratch / "trace")
    results = {"savepoint": [], "git status": []}
    for number in range(runs):
        tree.change_files(2000 + number)
        for name, command in (("git status", status), ("savepoint", " ".join(restore))):
            results[name].append(measure(command, source, env))
            told(f"{tree.name}: back after 10 changed files: {name}", results[name][-1])
    return changed_waits, back_waits, results


def tiny(runs, scratch):
    """200 files and an SQLite database of 50 MB, of which nothing changed."""
    project = scratch / "tiny"
    (project / "src").mkdir(parents=True)
    for number in range(200):
        (project / f"src/file{number}.ts").write_text(f"export const value = {number};\n" * (number % 50))
    (project / ".gitignore").write_text("*.db\n")
    corpora.make_database(project / "app.db", 63_000)
    corpora.make_repository(project)
    env = environment(SAVEPOINT_STORE=scratch / "tiny-store")
    take = ["savepoint", "-C", project, "snapshot", "--if-changed", "--quiet"]
    output(take, project, env)
    let_files_age()
    output(take, project, env)
    runs = in_turn(runs * 5, {"savepoint": lambda: spawned(take, project, env),
                              "git status": lambda: spawned(["git", "-C", project, "status", "--porcelain"], project, env)})
    results = {"200 files and 50 MB of SQLite, nothing changed": runs}
    return Section("A small project", [Target("200 files and 50 MB of SQLite: nothing changed", median(runs["savepoint"]) * 1000, 15, 5, "ms")],
                   table_of_runs(results))


def bench(name, source, runs, scratch, databases=None):
    tree = Tree(name, source, runs, scratch).run()
    targets, lines = tree.targets(), tree.tables()
    tree.clean()
    if databases is not None:
        more, with_databases = unchanged_with_databases(tree, runs, databases)
        targets, lines = targets + with_databases, table_of_runs(more) + lines
        tree.clean()
    return Section(f"{name}: {len(tree.files):,} files", targets, lines)
