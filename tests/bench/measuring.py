"""What is measured of a command, and what is asked of it."""
import contextlib
import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
QUICK = 10  # seconds


@dataclasses.dataclass
class Run:
    seconds: float
    cpu: float  # seconds of all its processes
    memory: float  # MiB of the largest of them


@dataclasses.dataclass
class Target:
    """A measured value, the most it may be, and what it should come to."""
    name: str
    value: float
    must: float
    goal: float = None
    unit: str = "×"

    @property
    def reached(self):
        return self.value <= self.must


@dataclasses.dataclass
class Section:
    """A part of the page: its targets, and the tables behind them."""
    title: str
    targets: list
    lines: list


def environment(**more):
    """As of a user who has savepoint installed, and no settings."""
    known = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "SAVEPOINT")) and key != "CI"}
    return known | {"PATH": f"{BIN}:{os.environ['PATH']}"} | {key: str(value) for key, value in more.items()}


def measure(command, cwd, env, may_fail=False):
    """Runs a shell command, and counts the shell in."""
    begin = time.monotonic()
    process = subprocess.Popen(["bash", "-c", "set -o pipefail; " + command], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begin
    if status != 0 and not may_fail:
        raise SystemExit(f"failed: {command}\n{errors.decode(errors='replace')}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def warm_memory(size_in_bytes):
    """Touches free memory: a virtual machine gives back to its host what it does not use, and whoever writes much next would pay for getting it again."""
    subprocess.run([sys.executable, "-c", f"b'x' * {size_in_bytes}"], check=True)


def warm(*paths):
    """Reads all files there, but those of git, until that is quick: a virtual machine may not keep for long what nobody reads."""
    there = [str(path) for path in paths if path.exists()]
    for _ in range(5 if there else 0):
        begin = time.monotonic()
        subprocess.run(["bash", "-c", 'find "$@" -name .git -prune -o -type f -print0 | xargs -0 -r -P 4 -n 500 cat >/dev/null', "warm", *there], check=True)
        if time.monotonic() - begin < QUICK:
            return


# A process of its own, since what is run counts what this one has mapped as its own memory.
KEEPER = """
import mmap, sys
MAP_LOCKED = 0x2000  # <asm-generic/mman.h>; Python has a name for it from 3.13 on
kept = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        try:
            kept.append(mmap.mmap(file.fileno(), 0, flags=mmap.MAP_SHARED | MAP_LOCKED, prot=mmap.PROT_READ))
        except OSError:  # whoever may not lock so much memory goes without
            pass
print(flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def kept_in_memory(*paths):
    """A virtual machine may take from memory what is not read for half a minute."""
    with subprocess.Popen([sys.executable, "-c", KEEPER, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as keeper:
        keeper.stdout.readline()
        yield


def let_files_age():
    """What is younger than two seconds is read again by whoever looks whether it changed."""
    time.sleep(2.1)


def spawned(arguments, cwd, env):
    """The same for one program, started as directly as can be: for what takes milliseconds."""
    with open(os.devnull, "r+b") as null:
        begin = time.monotonic()
        pid = os.posix_spawn(shutil.which(str(arguments[0]), path=env["PATH"]), [str(a) for a in arguments], env | {"PWD": str(cwd)},
                              file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - begin
    if status != 0:
        raise SystemExit(f"failed: {arguments}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def output(arguments, cwd, env):
    return subprocess.run([str(a) for a in arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout


def in_turn(runs, tools, between=lambda number: None):
    """{name: [Run]}: each of the tools, {name: function}, once, and that so many times over."""
    results = {name: [] for name in tools}
    for number in range(runs):
        between(number)
        for name, run in tools.items():
            results[name].append(run())
            told(name, results[name][-1])
    return results


def told(name, run):
    print(f"  {name:44} {run.seconds:8.3f} s {run.cpu:8.3f} s CPU {run.memory:6.0f} MiB", file=sys.stderr)


@dataclasses.dataclass
class Flushes:
    count: int
    seconds: float


def flushes(arguments, cwd, env, trace):
    """How often a command waits for the disk, and for how long."""
    subprocess.run(["strace", "-f", "-qq", "-T", "-o", str(trace), "-e", "trace=fsync,fdatasync,syncfs,sync", *[str(a) for a in arguments]],
                   cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    times = [float(line.rsplit("<", 1)[1].rstrip(">\n")) for line in open(trace, encoding="utf-8") if line.endswith(">\n")]
    return Flushes(len(times), sum(times))


def state(directory):
    """Of every file below: what would show that something wrote there."""
    return {file: (status.st_size, status.st_mtime_ns, status.st_ino) for file in directory.rglob("*") for status in [file.lstat()]}


def size(path):
    """Bytes of the files at or below, as they are long."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def median(runs, of="seconds"):
    return statistics.median(getattr(run, of) for run in runs)


def cell(text):
    return text.replace("|", "\\|")


def table_of_runs(results, ours="savepoint"):
    """{case: {tool: [Run]}} as lines of Markdown. The first tool is ours."""
    lines = ["| case | tool | runs | median | fastest to slowest | CPU | peak memory | savepoint / this |", "|---|---|---|---|---|---|---|---|"]
    for case, tools in results.items():
        for tool, runs in tools.items():
            seconds = sorted(run.seconds for run in runs)
            compared = "" if tool == ours or ours not in tools else f"{median(tools[ours]) / median(runs):.2f}"
            lines.append(f"| {case} | {cell(tool)} | {len(runs)} | {shown_seconds(median(runs))} | {shown_seconds(seconds[0])} to {shown_seconds(seconds[-1])} | "
                         f"{shown_seconds(median(runs, 'cpu'))} | {max(run.memory for run in runs):.0f} MiB | {compared} |")
    return lines + [""]


def table_of_sizes(title, sizes, ours="savepoint"):
    lines = [f"| {title} | bytes | savepoint / this |", "|---|---|---|"]
    for tool, size_of_tool in sizes.items():
        compared = "" if tool == ours or size_of_tool == 0 else f"{sizes[ours] / size_of_tool:.2f}"
        lines.append(f"| {cell(tool)} | {size_of_tool / 1e6:.2f} MB | {compared} |")
    return lines + [""]


def shown_seconds(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def shown_value(target, value):
    if value is None:
        return ""
    number = f"{value:.0f}" if target.unit in ("fsyncs", "MiB", "bytes") else f"{value:.2f}"
    return f"{number} {target.unit}"


def table_of_targets(targets, why):
    """`why` says of a target by its name why it is missed, from a profile."""
    lines = ["| | must | goal | measured | |", "|---|---|---|---|---|"]
    for target in targets:
        verdict = "reached" if target.reached else "**missed**"
        if target.reached and target.goal is not None and target.value <= target.goal:
            verdict = "goal reached"
        lines.append(f"| {cell(target.name)} | {shown_value(target, target.must)} | {shown_value(target, target.goal)} | "
                     f"{shown_value(target, target.value)} | {verdict} |")
    missed = [target for target in targets if not target.reached]
    if missed:
        lines += ["", "Why not:", ""] + [f"- *{cell(target.name)}*: {why.get(target.name, 'not yet looked into.')}" for target in missed]
    return lines + [""]
