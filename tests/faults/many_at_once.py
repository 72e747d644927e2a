"""Two who take snapshots, one who prunes, one who restores and one who verifies use one store at the same time, and
one of them is killed every 0.7 seconds."""
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

from matrix import BIN, Case, describe_tree, dump

INTERVAL = 0.7
BUSY = 5
KEPT = 4


class Role:
    """Somebody who runs one command after the other in a project of their own, until told to stop."""
    least_share = 0.1  # of the tries must get through

    def __init__(self, case, name):
        self.case, self.name = case, name
        self.root = case.top / name
        self.random = random.Random(name)
        self.tries = self.done = self.busy = self.killed = 0
        self.running = None
        self.lock = threading.Lock()
        self.error = None

    def run(self):
        try:
            while not self.case.is_over():
                self.turn()
        except BaseException as error:  # whatever it is, the test reports it
            self.error = error
            self.case.stop.set()

    def tool(self, *arguments):
        """The exit code and the output of a command, or (None, None) if it was killed."""
        self.tries += 1
        with self.lock:
            self.running = process = subprocess.Popen(
                [BIN / "savepoint", *map(str, arguments)], cwd=self.root, env=self.case.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                start_new_session=True)
        out, err = process.communicate(timeout=300)
        with self.lock:
            self.running = None
        if process.returncode == -signal.SIGKILL:
            self.killed += 1
            return None, None
        what = f"{self.name}: savepoint {' '.join(map(str, arguments))}: exit {process.returncode}\n{out}{err}"
        self.case.assertIn(process.returncode, (0, BUSY), what)
        if process.returncode == BUSY:
            self.busy += 1
            self.case.assertIn("is in use", out + err, what)
        else:
            self.done += 1
        return process.returncode, out

    def kill(self):
        with self.lock:
            if self.running is not None and self.running.poll() is None:
                with contextlib.suppress(ProcessLookupError):  # it ended since, and its own thread has noticed
                    os.killpg(self.running.pid, signal.SIGKILL)

    def make_project(self):
        self.root.mkdir()
        for command in (["init", "-q", "-b", "main", "."], ["config", "user.name", "Test"],
                        ["config", "user.email", "test@example.org"]):
            self.case.command("git", *command, cwd=self.root)

    def state(self, root=None):
        root = root or self.root
        tree = describe_tree(root)
        for name in [name for name in tree if name.startswith((b"app.db", b".savepoint-"))]:
            del tree[name]
        return tree, dump(root / "app.db")

    def edit(self):
        """Changes something; some of it is the same for all, so that they share chunks."""
        for _ in range(self.random.randint(1, 8)):
            shared = random.Random(self.random.randint(0, 40)).randbytes(40_000)
            own = self.random.randbytes(self.random.randint(0, 30_000))
            path = self.root / f"d{self.random.randint(0, 4)}" / f"f{self.random.randint(0, 15)}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(shared + own)
        self.case.command("sqlite3", self.root / "app.db",
                          "CREATE TABLE IF NOT EXISTS t (v); INSERT INTO t VALUES (hex(randomblob(200)))")


class Snapshotter(Role):
    def __init__(self, case, name):
        super().__init__(case, name)
        self.acknowledged = {}
        self.make_project()
        self.edit()

    def turn(self):
        self.edit()
        before = self.state()
        code, out = self.tool("snapshot", "--json")
        if code == 0:
            self.acknowledged[json.loads(out)["id"]] = before


class Pruner(Role):
    def __init__(self, case, name, root):
        super().__init__(case, name)
        self.root = root

    def turn(self):
        self.tool("prune", "--keep-last", KEPT, "--yes")
        self.case.stop.wait(self.random.uniform(0, 0.4))


class Verifier(Role):
    def __init__(self, case, name, root):
        super().__init__(case, name)
        self.root = root

    def turn(self):
        self.tool("verify", "--all", *(["--read-data"] if self.random.random() < 0.5 else []))


class Restorer(Role):
    """Goes between two states, in place and into directories."""

    def __init__(self, case, name):
        super().__init__(case, name)
        self.make_project()
        self.sides = {}
        for _ in range(2):
            self.edit()
            self.sides[case.snapshot_of(self.root, "--tag", "side")] = self.state()
        for side in self.sides:
            case.savepoint("pin", side, cwd=self.root)
        self.here = side

    def turn(self):
        there = self.random.choice(list(self.sides))
        if self.random.random() < 0.3:
            self.restore_to(there)
        else:
            self.restore_in_place(there)

    def restore_to(self, side):
        target = self.root.parent / f"target{self.tries}"
        self.tool("restore", side, "--to", target)
        if target.exists():
            self.case.assertEqual(self.state(target), self.sides[side])
            self.case.command("rm", "-r", target)

    def restore_in_place(self, side):
        code, _ = self.tool("restore", side, "--yes")
        if code is None:
            self.recover(side)
        elif code == 0:
            self.here = side
        self.case.assertEqual(self.state(), self.sides[self.here])

    def recover(self, side):
        """One of its sides is where a killed restore ends, whichever way it goes."""
        while True:
            direction = self.random.choice(["--continue", "--rollback"])
            due = self.is_due()
            code, _ = self.tool("recover", direction) if due else (0, None)
            if code == 0:
                break
        if due:
            self.here = side if direction == "--continue" else self.here
        elif self.state() == self.sides[side]:
            self.here = side

    def is_due(self):
        while True:
            code, out = self.tool("status", "--json")
            if code == 0:
                return json.loads(out)["recovery"] is not None


class ManyAtOnce(Case):
    seconds = 20

    def setUp(self):
        super().setUp()
        self.stop = threading.Event()
        first = Snapshotter(self, "first")
        self.snapshotters = [first, Snapshotter(self, "second")]
        self.restorer = Restorer(self, "restorer")
        self.roles = [*self.snapshotters, self.restorer, Pruner(self, "pruner", first.root),
                      Verifier(self, "verifier", first.root)]

    def is_over(self):
        return self.stop.is_set()

    def snapshot_of(self, root, *arguments):
        return self.savepoint("snapshot", "--json", *arguments, cwd=root).json["id"]

    def test_everybody_gets_through_and_nothing_is_lost(self):
        chance = random.Random(7)
        threads = [threading.Thread(target=role.run) for role in self.roles]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end and not self.stop.wait(INTERVAL):
            chance.choice(self.roles).kill()
        self.stop.set()
        for thread in threads:
            thread.join()
        for role in self.roles:
            print(f"{role.name}: {role.tries} tries, {role.done} done, {role.busy} busy, {role.killed} killed",
                  file=sys.stderr)
        for role in self.roles:
            if role.error is not None:
                raise role.error
        for role in self.roles:
            self.assertGreater(role.done, role.tries * role.least_share, role.name)
        self.assertGreater(sum(role.killed for role in self.roles), 0)
        self.check_the_end()

    def check_the_end(self):
        self.savepoint("verify", "--all", "--read-data", cwd=self.snapshotters[0].root)
        pruned = self.pruned()
        for role in self.snapshotters:
            there = [one["id"] for one in self.savepoint("list", "--json", cwd=role.root).json["snapshots"]]
            self.assertEqual(set(role.acknowledged) - set(there) - pruned, set())
            self.assertEqual(set(list(role.acknowledged)[-KEPT:]) - set(there), set())
            for number, (id, state) in enumerate(role.acknowledged.items()):
                if id in there:
                    copy = self.top / f"{role.name}-{number}"
                    self.savepoint("restore", id, "--to", copy, cwd=role.root)
                    self.assertEqual(role.state(copy), state)
                    self.command("rm", "-r", copy)
        for role in self.roles:
            self.assertEqual([str(path) for path in role.root.rglob(".savepoint-*")], [])
        self.savepoint("prune", "--keep-last", str(KEPT), "--yes", cwd=self.snapshotters[0].root)
        self.savepoint("verify", "--all", "--read-data", cwd=self.snapshotters[0].root)

    def pruned(self):
        """What the marks say was pruned, by whomever."""
        return {one["id"] for mark in (self.store / "marks").glob("pruned-*.json")
                for one in json.loads(mark.read_text())["snapshots"]}
