"""How time and memory grow: with the number of files, and with the length of one."""
import random
import shutil

from measuring import Section, Target, environment, let_files_age, measure, median, table_of_runs

FILES = (10_000, 100_000, 1_000_000)
HUGE = 20 << 30


def make_files(directory, count):
    for number in range(count):
        if number % 500 == 0:
            folder = directory / f"part{number // 50_000}/folder{number // 500}"
            folder.mkdir(parents=True)
        with open(folder / f"file{number}.txt", "w", encoding="ascii") as file:
            file.write(f"{number}\n")


def by_files(runs, scratch):
    first, quiet = {}, {}
    for count in FILES:
        project = scratch / f"files-{count}"
        project.mkdir()
        make_files(project, count)
        env = environment(SAVEPOINT_STORE=scratch / f"files-{count}-store")
        first[count] = measure("savepoint snapshot --quiet", project, env)
        let_files_age()
        measure("savepoint snapshot --if-changed --quiet", project, env)
        quiet[count] = [measure("savepoint snapshot --if-changed --quiet", project, env) for _ in range(runs)]
        if count == FILES[-1]:
            back = measure(f"savepoint restore latest --to {scratch}/files-out --yes --quiet", project, env)
            shutil.rmtree(scratch / "files-out")
        for path in (project, scratch / f"files-{count}-store"):
            shutil.rmtree(path)
    return first, quiet, back


def one_file(scratch):
    """A file of 20 GiB in which no 64 KiB are like any others, and most can be compressed."""
    project = scratch / "huge"
    project.mkdir()
    chance = random.Random(1)
    text = chance.randbytes(600).hex().encode() * 50
    with open(project / "file", "wb") as file:
        for _ in range(HUGE >> 16):
            file.write(chance.randbytes(5536) + text)
    env = environment(SAVEPOINT_STORE=scratch / "huge-store")
    try:
        first = measure("savepoint snapshot --quiet", project, env)
        (project / "file").unlink()
        back = measure("savepoint restore latest --yes --quiet", project, env)
        return first, back
    finally:
        for path in (project, scratch / "huge-store"):
            shutil.rmtree(path)


def bench(runs, scratch):
    first, quiet, back = by_files(runs, scratch)
    few, many = FILES[1], FILES[2]
    targets = [Target(f"nothing changed, {many:,} files against ten times {few:,}: time", median(quiet[many]) / (10 * median(quiet[few])), 1.1),
               Target(f"nothing changed, {many:,} files against ten times {few:,}: memory", median(quiet[many], "memory") / (10 * median(quiet[few], "memory")), 1.1),
               Target(f"first snapshot, {many:,} files: peak memory", first[many].memory, 256, unit="MiB"),
               Target(f"nothing changed, {many:,} files: peak memory", max(run.memory for run in quiet[many]), 256, unit="MiB"),
               Target(f"restore of {many:,} files: peak memory", back.memory, 256, unit="MiB")]
    results = {f"first snapshot, {count:,} files": {"savepoint": [run]} for count, run in first.items()}
    results |= {f"nothing changed, {count:,} files": {"savepoint": runs} for count, runs in quiet.items()}
    results[f"restore of {many:,} files"] = {"savepoint": [back]}
    if shutil.disk_usage(scratch).free > 2 * HUGE:
        snapshot, written = one_file(scratch)
        targets += [Target("one file of 20 GiB, snapshot: peak memory", snapshot.memory, 256, unit="MiB"),
                    Target("one file of 20 GiB, restore: peak memory", written.memory, 256, unit="MiB")]
        results |= {"first snapshot, one file of 20 GiB": {"savepoint": [snapshot]}, "restore of it": {"savepoint": [written]}}
    return Section("Growth", targets, table_of_runs(results))
