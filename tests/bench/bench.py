"""Measures savepoint beside its peers: same files, same run, one after the other. Writes docs/benchmarks.md.

Each part is kept in the cache with what it measured, so that one alone can be measured anew.

usage: bench.py [--quick] [--only PART,...] [--runs N] [--corpora DIR] [--print]
"""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import resource
import subprocess
import tempfile

import corpora
import git_hooks
import growth
import postgres
import sqlite_files
import stores
import trees
from measuring import ROOT, Section, Target, table_of_targets

# What a part that misses a target says of it, by the name of the target: from a profile.
WHY = json.loads((pathlib.Path(__file__).parent / "why.json").read_text())
PARTS = {
    "small": lambda o, made, scratch: trees.tiny(o.runs, scratch),
    "linux": lambda o, made, scratch: trees.bench("Linux sources", made.linux(), o.runs, scratch, made.sqlite("191", 240_000)),
    "npm": lambda o, made, scratch: trees.bench("npm packages", made.npm(), o.runs, scratch),
    "sqlite": lambda o, made, scratch: sqlite_files.bench("SQLite, 191 MB", made.sqlite("191", 240_000), o.runs, scratch,
                                                          {"twenty": 0.3, "scattered": 12, "restore": False}),
    "sqlite-large": lambda o, made, scratch: sqlite_files.bench("SQLite, 1 GiB", made.sqlite("1024", 1_350_000), o.runs, scratch,
                                                                {"twenty": 0.3, "scattered": 60, "restore": True}),
    "postgres": lambda o, made, scratch: postgres.bench(o.runs, scratch),
    "stores": lambda o, made, scratch: stores.bench(o.runs, scratch),
    "growth": lambda o, made, scratch: growth.bench(o.runs, scratch),
    "hooks": lambda o, made, scratch: git_hooks.bench(scratch),
}
QUICK = ("small", "sqlite")


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    versions = []
    for command in (["restic", "version"], ["borg", "--version"], ["git", "--version"], ["zstd", "--version"], ["tar", "--version"], ["sqlite3", "--version"],
                    ["pg_dump", "--version"]):
        versions.append(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.split("\n")[0].strip("* ")[:60])
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, Linux {platform.release()}. " + "; ".join(versions)


def measured(name, options):
    """The part, and a note of it for the next time."""
    with tempfile.TemporaryDirectory(prefix="savepoint-bench-", dir=options.corpora) as scratch:
        section = PARTS[name](options, corpora.Corpora(options.corpora), pathlib.Path(scratch))
    if not options.quick:
        kept_file(name, options).write_text(json.dumps(dataclasses.asdict(section)), encoding="utf-8")
    return section


def kept_file(name, options):
    return options.corpora / f"measured-{name}.json"


def kept(name, options):
    file = kept_file(name, options)
    if not file.exists():
        return None
    section = json.loads(file.read_text(encoding="utf-8"))
    return Section(section["title"], [Target(**target) for target in section["targets"]], section["lines"])


def page(sections):
    lines = ["# Benchmarks", "", "Made by `./dev bench`: in each part every tool on the same files in the same run, one after the other, warm page cache, medians of as many runs "
             "as its table says. Ratios count, not seconds: below 1 savepoint is the faster or smaller one. What savepoint writes is on disk when a run of it ends "
             "(every pack and directory fsynced); what the others write is in the page cache, if they do not wait for the disk themselves.", "", machine(), "",
             "## Targets", ""]
    lines += table_of_targets([target for section in sections for target in section.targets], WHY)
    lines += ["## What was measured", ""]
    for section in sections:
        lines += [f"### {section.title}", "", *section.lines]
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="what takes less than three minutes, nothing written")
    parser.add_argument("--only", help=f"these parts; of the others what was measured before: {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, help="10, or 3 with --quick")
    parser.add_argument("--corpora", type=pathlib.Path, default=corpora.default_directory(os.environ))
    parser.add_argument("--print", action="store_true", help="print the page instead of writing it")
    options = parser.parse_args()
    options.runs = options.runs or (3 if options.quick else 10)
    options.corpora.mkdir(parents=True, exist_ok=True)
    wanted = QUICK if options.quick else options.only.split(",") if options.only else list(PARTS)
    if not set(wanted) <= set(PARTS):
        parser.error(f"no such part; there are: {', '.join(PARTS)}")
    sections = {name: measured(name, options) for name in wanted}
    if not options.quick:
        sections = {name: sections.get(name) or kept(name, options) for name in PARTS}
    text = page([section for section in sections.values() if section is not None])
    if options.print or options.quick:
        print(text)
    else:
        (ROOT / "docs/benchmarks.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
