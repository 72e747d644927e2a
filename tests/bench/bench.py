"""Measures savepoint beside its peers: same corpora, same run, interleaved. Writes docs/benchmarks.md.

usage: bench.py [--quick] [--databases] [--hooks] [--runs N] [--corpora DIR] [--print]
"""
import argparse
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import database
import git_hooks

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
NPM_PACKAGES = ["next@15", "react@19", "react-dom@19", "@angular/cli@19", "@angular/core@19", "typescript@5",
                "eslint@9", "webpack@5", "@babel/preset-env@7", "jest@29", "@mui/material@6", "@mui/icons-material@6"]


class Run:
    def __init__(self, seconds, cpu, memory):
        self.seconds, self.cpu, self.memory = seconds, cpu, memory


def measure(command, cwd, environment, may_fail=False):
    """Runs a shell command; wall and CPU seconds and the peak memory in MiB of its largest process."""
    begin = time.monotonic()
    process = subprocess.Popen(["bash", "-c", "set -o pipefail; " + command], cwd=cwd, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0 and not may_fail:
        raise SystemExit(f"failed: {command}\n{errors.decode(errors='replace')}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Peer:
    """A tool under measure: shell commands with {src}, {out} and {work} filled in."""
    def __init__(self, name, prepare="", **cases):
        self.name, self.prepare, self.cases = name, prepare, cases


PEERS = [
    Peer("savepoint",
         first="savepoint -C {src} snapshot --quiet",
         unchanged="savepoint -C {src} snapshot --if-changed --quiet",
         changed="savepoint -C {src} snapshot --quiet",
         restore="savepoint restore latest --store {work}/store --to {out} --quiet --yes",
         verify="savepoint verify --all --read-data --store {work}/store --quiet"),
    Peer("tar | zstd -1",
         first="tar -C {src} --exclude=./.git -cf - . | zstd -1 -T0 -q -f -o {work}/all.tar.zst",
         restore="mkdir {out} && zstd -dcq {work}/all.tar.zst | tar -C {out} -xf -",
         verify="zstd -tq {work}/all.tar.zst"),
    Peer("git status", unchanged="git -C {src} -c core.untrackedCache=false status --porcelain",
         changed="git -C {src} -c core.untrackedCache=false status --porcelain"),
    Peer("restic", prepare="restic init -q",
         first="restic backup -q --exclude .git {src}", unchanged="restic backup -q --exclude .git {src}",
         changed="restic backup -q --exclude .git {src}", restore="restic restore -q latest --target {out}",
         verify="restic check -q --read-data"),
    Peer("borg", prepare="borg init -e none",
         first="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         unchanged="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         changed="borg create -C zstd,1 --exclude '*/.git' ::a-$RANDOM$RANDOM {src}",
         restore="mkdir {out} && cd {out} && borg extract ::$(borg list --last 1 --format '{{archive}}')",
         verify="borg check --verify-data"),
    Peer("cp -a", first="cp -a {src} {work}/copy", restore="cp -a {work}/copy {out}"),
]
CASES = ["first", "unchanged", "changed", "restore", "verify"]
TITLES = {"first": "first snapshot", "unchanged": "nothing changed", "changed": "10 files changed",
          "restore": "restore into an empty directory", "verify": "verify all data"}


def linux_tree(corpora):
    target = corpora / "linux"
    if not target.exists():
        print("unpacking the Linux sources", file=sys.stderr)
        partial = corpora / "linux.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run(["tar", "-C", partial, "--strip-components=1", "-xf", "/usr/src/linux-source-6.1.tar.xz"], check=True)
        ignore = partial / ".gitignore"  # Debian's ends in a pattern that ignores everything
        ignore.write_text(ignore.read_text().split("\n/*\n")[0] + "\n")
        make_repository(partial)
        partial.rename(target)
    return target


def npm_tree(corpora):
    target = corpora / "npm"
    if not target.exists():
        print("installing packages from npm", file=sys.stderr)
        partial = corpora / "npm.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / "package.json").write_text('{"private": true}\n')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
                        "--legacy-peer-deps", *NPM_PACKAGES], cwd=partial, check=True)
        (partial / "node_modules").rename(partial / "packages")  # as sources: nobody ignores them
        make_repository(partial)
        partial.rename(target)
    return target


def make_repository(directory):
    for arguments in (["init", "-q", "-b", "main", "."], ["config", "user.name", "Bench"], ["config", "gc.auto", "0"],
                      ["config", "user.email", "bench@example.org"], ["add", "-A", "-f"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=directory, check=True)


def change_files(source, number):
    files = subprocess.run(["git", "ls-files"], cwd=source, stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
    plain = [f for f in files if f.endswith((".c", ".h", ".js"))]
    for i in range(10):
        with open(source / plain[(i * 7919 + number) % len(plain)], "a") as file:
            file.write(f"/* {number} */\n")


def bench(name, source, runs, scratch):
    """{case: {peer: [Run]}} and {peer: bytes stored}."""
    results, sizes = {case: {} for case in CASES}, {}
    fresh = {}
    for run in range(runs):
        for case in CASES:
            if case == "first":  # every tool finds the files in the page cache
                subprocess.run("tar -cf - . | cat >/dev/null", shell=True, cwd=source, check=True)
            if case == "changed":
                change_files(source, run)
            for peer in PEERS:
                if case not in peer.cases:
                    continue
                work = scratch / peer.name.replace(" ", "").replace("|", "")
                if case == "first":
                    shutil.rmtree(work, ignore_errors=True)
                    work.mkdir(parents=True)
                environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", SAVEPOINT_STORE=str(work / "store"),
                                   RESTIC_REPOSITORY=str(work / "repo"), RESTIC_PASSWORD="x", RESTIC_CACHE_DIR=str(work / "cache"),
                                   BORG_REPO=str(work / "repo"), BORG_CACHE_DIR=str(work / "cache"), BORG_CONFIG_DIR=str(work / "config"),
                                   BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes", BORG_RELOCATED_REPO_ACCESS_IS_OK="yes")
                if case == "first" and peer.prepare:
                    measure(peer.prepare, source, environment)
                out = scratch / "out"
                subprocess.run(["rm", "-rf", out], check=True)
                os.sync()
                if case == "unchanged":  # once without counting: caches settle, young files grow old
                    measure(peer.cases[case].format(src=source, out=out, work=work), source, environment)
                done = measure(peer.cases[case].format(src=source, out=out, work=work), source, environment)
                results[case].setdefault(peer.name, []).append(done)
                print(f"{name:6} {case:10} {peer.name:14} {done.seconds:7.2f} s {done.cpu:7.2f} s CPU {done.memory:6.0f} MiB",
                      file=sys.stderr)
                if case == "first":
                    sizes[peer.name] = int(subprocess.run(["du", "-sb", work], stdout=subprocess.PIPE, text=True).stdout.split()[0])
    subprocess.run(["rm", "-rf", scratch / "out"], check=True)
    return results, sizes


def ratio(results, case, peer):
    """Median of savepoint over median of the peer."""
    ours, theirs = results[case].get("savepoint"), results[case].get(peer)
    return statistics.median(r.seconds for r in ours) / statistics.median(r.seconds for r in theirs)


def cell(text):
    return text.replace("|", "\\|")


def table(name, files, results, sizes):
    lines = [f"### {name}: {files:,} files", "",
             "| case | tool | median | fastest to slowest | CPU | peak memory | savepoint / this |", "|---|---|---|---|---|---|---|"]
    for case in CASES:
        for peer, runs in results[case].items():
            seconds = sorted(r.seconds for r in runs)
            compared = "" if peer == "savepoint" else f"{ratio(results, case, peer):.2f}"
            lines.append(f"| {TITLES[case]} | {cell(peer)} | {statistics.median(seconds):.3f} s | {seconds[0]:.3f} to {seconds[-1]:.3f} s | "
                         f"{statistics.median(r.cpu for r in runs):.2f} s | {max(r.memory for r in runs):.0f} MiB | {compared} |")
    lines += ["", "| tool | bytes stored | savepoint / this |", "|---|---|---|"]
    lines += [f"| {cell(peer)} | {size / 1e6:.1f} MB | {sizes['savepoint'] / size:.2f} |" for peer, size in sizes.items()]
    return lines + [""]


def targets(results, sizes):
    rows = [("first snapshot, against tar \\| zstd -1", ratio(results, "first", "tar | zstd -1"), 1.5),
            ("first snapshot, against restic", ratio(results, "first", "restic"), 0.5),
            ("nothing changed, against git status", ratio(results, "unchanged", "git status"), 2.0),
            ("restore, against tar -x", ratio(results, "restore", "tar | zstd -1"), 2.0),
            ("bytes stored, against tar.zst", sizes["savepoint"] / sizes["tar | zstd -1"], 1.1),
            ("peak memory in MiB", max(r.memory for case in CASES for r in results[case]["savepoint"]), 256)]
    lines = ["| target (Linux sources) | limit | measured | |", "|---|---|---|---|"]
    lines += [f"| {name} | {limit} | {value:.2f} | {'reached' if value <= limit else '**missed**'} |" for name, value, limit in rows]
    return lines + [""]


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    versions = []
    for command in (["restic", "version"], ["borg", "--version"], ["git", "--version"], ["zstd", "--version"], ["tar", "--version"]):
        versions.append(subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.split("\n")[0].strip("* "))
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, Linux {platform.release()}. " + "; ".join(versions)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one run, the Linux sources only, nothing written")
    parser.add_argument("--databases", action="store_true", help="the databases only, nothing written")
    parser.add_argument("--hooks", action="store_true", help="hooks and the guard only, nothing written")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--corpora", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "savepoint-bench")
    parser.add_argument("--print", action="store_true", help="print the page instead of writing it")
    options = parser.parse_args()
    options.corpora.mkdir(parents=True, exist_ok=True)
    runs = 1 if options.quick else options.runs
    if options.databases:
        with tempfile.TemporaryDirectory(prefix="savepoint-bench-", dir=options.corpora) as scratch:
            print("\n".join(database.bench(runs, pathlib.Path(scratch), BIN, measure)))
        return
    if options.hooks:
        with tempfile.TemporaryDirectory(prefix="savepoint-bench-", dir=options.corpora) as scratch:
            print("\n".join(git_hooks.bench(pathlib.Path(scratch), BIN)))
        return
    page = ["# Benchmarks", "", "Made by `./dev bench`: every tool on the same files in the same run, one after the other, warm page cache, "
            f"{runs} runs, medians. Ratios count, not seconds: below 1 savepoint is the faster or smaller one. \"First\" ends on disk for savepoint "
            "(every pack and directory fsynced) and in the page cache for tar and cp.", "", machine(), ""]
    sources = [("Linux sources", linux_tree(options.corpora))]
    if not options.quick:
        sources.append(("npm packages", npm_tree(options.corpora)))
    body = []
    with tempfile.TemporaryDirectory(prefix="savepoint-bench-", dir=options.corpora) as scratch:
        for name, source in sources:
            results, sizes = bench(name.split()[0], source, runs, pathlib.Path(scratch))
            files = int(subprocess.run("git ls-files | wc -l", shell=True, cwd=source, stdout=subprocess.PIPE, text=True).stdout)
            if not body:
                page += targets(results, sizes)
            body += table(name, files, results, sizes)
            subprocess.run(["git", "checkout", "-q", "."], cwd=source, check=True)
        if not options.quick:
            body += database.bench(runs, pathlib.Path(scratch), BIN, measure)
            body += git_hooks.bench(pathlib.Path(scratch), BIN)
    text = "\n".join(page + body)
    if options.print or options.quick:
        print(text)
    else:
        (ROOT / "docs/benchmarks.md").write_text(text)
        print("written: docs/benchmarks.md", file=sys.stderr)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
