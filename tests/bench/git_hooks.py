"""What hooks and the guard cost: git in a project with them, and in a copy of it without, in turn."""
import os
import shutil
import sqlite3
import subprocess
import time

import postgres
from measuring import BIN, Section, Target

FILES, COMMITS = 7000, 200
LIMITS = {"commit": 100, "status": 5}
TITLES = {"commit": "`git commit` of one changed file", "status": "`git status`, under the guard"}


def make_project(root, url):
    root.mkdir()
    for number in range(FILES):
        file = root / f"src/part{number // 70}/file{number}.c"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"int function_{number}_{line}(int x) {{ return x * {line}; }}\n" for line in range(number % 40)))
    connection = sqlite3.connect(root / "app.db")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    connection.executemany("INSERT INTO t (name) VALUES (?)", ((f"name {n} " * 8,) for n in range(200_000)))
    connection.commit()
    connection.close()
    (root / ".env").write_text(f"DATABASE_URL={url}\n")
    (root / ".gitignore").write_text(".env\n*.db\n")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def bench(scratch):
    """git in a project with hooks and the guard, and in a copy without."""
    server = postgres.Postgres()
    try:
        server.create("hooked")
        server.sql("CREATE TABLE t (id bigserial PRIMARY KEY, name text); "
                   "INSERT INTO t (name) SELECT repeat('name ' || n, 8) FROM generate_series(1, 200000) n", "hooked")
        server.sql("CHECKPOINT", "hooked", user="postgres")
        return section(measure(scratch, server.url("hooked")))
    finally:
        server.close()


def measure(scratch, url):
    environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", HOME=str(scratch), XDG_DATA_HOME=str(scratch / "data"),
                       GIT_CONFIG_NOSYSTEM="1")
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@example.org"}
    environment.pop("CI", None)

    def git(project, *arguments):
        begin = time.monotonic()
        subprocess.run(["git", *arguments], cwd=project, env=environment, check=True,  # as it is typed
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return (time.monotonic() - begin) * 1000

    plain, hooked = scratch / "plain", scratch / "hooked"
    make_project(plain, url)
    git(plain, "init", "-q")
    git(plain, "config", "gc.auto", "0")
    git(plain, "add", "-A")
    git(plain, "commit", "-qm", "first")
    shutil.copytree(plain, hooked, symlinks=True)
    subprocess.run(["savepoint", "snapshot", "--quiet"], cwd=hooked, env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["savepoint", "hooks", "install", "--guard", "--quiet"], cwd=hooked, env=environment, check=True)
    results = {case: {plain: [], hooked: []} for case in LIMITS}
    for number in range(COMMITS):
        for project in (plain, hooked):
            with open(project / f"src/part{number % 100}/file{number % 100 * 70}.c", "a", encoding="ascii") as file:
                file.write(f"// changed {number}\n")
            results["commit"][project].append(git(project, "commit", "-qam", f"number {number}"))
            results["status"][project].append(git(project, "status", "--porcelain"))
    taken = len(subprocess.run(["savepoint", "list", "--quiet"], cwd=hooked, env=environment, check=True, stdout=subprocess.PIPE).stdout.split())
    if taken < COMMITS:
        raise SystemExit(f"{taken} snapshots of {COMMITS} commits: the hooks did not do what is measured")
    return {case: (both[plain], both[hooked]) for case, both in results.items()}


def section(results):
    """What hooks add at the 95th percentile: the mean of many hides the one that somebody waits for."""
    targets = []
    lines = ["| case | plain, median and p95 | with savepoint | with / plain, medians | added at p95 |", "|---|---|---|---|---|"]
    for case, (plain, hooked) in results.items():
        middle, late = [percentile(v, 0.5) for v in (plain, hooked)], [percentile(v, 0.95) for v in (plain, hooked)]
        targets.append(Target(f"{TITLES[case]}, added at p95", late[1] - late[0], LIMITS[case], unit="ms"))
        lines.append(f"| {TITLES[case]} | {middle[0]:.1f} ms, {late[0]:.1f} ms | {middle[1]:.1f} ms, {late[1]:.1f} ms | {middle[1] / middle[0]:.2f} | "
                     f"{late[1] - late[0]:.1f} ms |")
    return Section(f"Hooks and the guard: {FILES:,} files, SQLite and PostgreSQL unchanged, {COMMITS} commits", targets, lines + [""])
