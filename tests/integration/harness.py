"""What integration tests share: a fresh project, the real executables, exact comparison of trees and databases."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["SAVEPOINT_BIN"]).resolve()

DONE, FAILED, USAGE, REFUSED, NOT_FOUND, BUSY, CORRUPT, GAPS = range(8)


def describe(path):
    """Everything about one path that a snapshot promises to keep."""
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    facts = {"mode": oct(status.st_mode), "mtime": status.st_mtime_ns}
    if kind == stat.S_IFREG:
        facts["sha256"] = digest(path)
        facts["size"] = status.st_size
        facts["attributes"] = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    elif kind == stat.S_IFLNK:
        facts["target"] = os.readlink(path)
    return facts


def digest(path):
    hasher = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            hasher.update(piece)
    return hasher.hexdigest()


def describe_tree(root, leave_out=(b".git",)):
    """{path: facts} of a whole tree, names as bytes; groups of hard links under the key b"links"."""
    root = os.fsencode(root)
    result, links = {}, {}
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if f not in leave_out]
        for name in folders + [f for f in files if f not in leave_out]:
            path = os.path.join(folder, name)
            below = os.path.relpath(path, root)
            result[below] = describe(path)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                links.setdefault(status.st_ino, []).append(below)
    result[b"links"] = sorted(sorted(group) for group in links.values())
    return result


def dump(database):
    """The logical content of an SQLite database."""
    connection = sqlite3.connect(database, timeout=20)
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


def ended_within(process, seconds):
    """Whether a process ends by itself in so many seconds."""
    try:
        process.wait(timeout=seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def read_until_closed(terminal):
    """What is said on the other side of a pseudo-terminal, until nobody is there any more."""
    said = b""
    try:
        while piece := os.read(terminal, 4096):
            said += piece
    except OSError:
        pass  # so Linux says that the other side is closed
    return said


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    """A test with a directory of its own: self.root is a project under git, self.store its store."""
    maxDiff = 4000

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-it-", dir=os.environ.get("SAVEPOINT_TEST_DIR")))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.prepare_directory()
        self.root = self.top / "project"
        self.root.mkdir()
        (self.top / "home").mkdir()
        self.store = self.top / "store"
        self.environment = {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.top / "home"),
            "LC_ALL": "C.UTF-8",
            "SAVEPOINT_STORE": str(self.store),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        for name in os.environ:  # sanitizers are told how to behave through these
            if name.endswith("SAN_OPTIONS"):
                self.environment[name] = os.environ[name]
        self.git("init", "-q", "-b", "main", ".")
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@example.org")

    def prepare_directory(self):
        """What is done to the empty directory of a test."""

    def command(self, *arguments, cwd=None, env=None, text=True, **options):
        environment = dict(self.environment, **(env or {}))
        options.setdefault("stdin", subprocess.DEVNULL)
        return Result(subprocess.run([os.fspath(a) for a in arguments], cwd=cwd or self.root, env=environment,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=text,
                                     errors="surrogateescape" if text else None, timeout=600, **options))

    def savepoint(self, *arguments, expect=DONE, **options):
        result = self.command(BIN / "savepoint", *arguments, **options)
        if expect is not None:
            self.assertEqual(result.code, expect,
                             f"savepoint {' '.join(map(str, arguments))}\nout: {result.out}\nerr: {result.err}")
        return result

    def duration(self, *arguments):
        """How many seconds a command takes, whatever becomes of it."""
        begin = time.monotonic()
        self.savepoint(*arguments, expect=None)
        return time.monotonic() - begin

    def kill_within(self, moment, *arguments):
        """Starts a command in a process group of its own and kills it after `moment` seconds."""
        process = subprocess.Popen([BIN / "savepoint", *arguments], cwd=self.root, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        if not ended_within(process, moment):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def git(self, *arguments):
        result = self.command("git", *arguments)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def snapshot(self, *arguments, expect=DONE):
        return self.savepoint("snapshot", "--json", *arguments, expect=expect).json["id"]

    def triggers(self):
        """Of all snapshots, the oldest first."""
        return [one["trigger"] for one in self.savepoint("list", "--json").json["snapshots"]][::-1]

    def fake_savepoint(self, script):
        """A script for sh in the place of savepoint."""
        path = self.top / "fake-savepoint"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    @classmethod
    def install_package(cls):
        """What `cmake --install` gives its users, in cls.prefix, for the tests of a class."""
        cls.prefix = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-prefix-"))
        cls.addClassCleanup(shutil.rmtree, cls.prefix)
        subprocess.run(["cmake", "--install", BIN.parent, "--prefix", cls.prefix, "--strip"], check=True, stdout=subprocess.DEVNULL)

    def write(self, path, content=""):
        file = self.root / path if isinstance(path, str) else pathlib.Path(os.fsdecode(os.path.join(os.fsencode(self.root), path)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def commit_all(self, message="all"):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def database(self, path="app.db", script="", mode="wal"):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file)
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.executescript(script)
        connection.commit()
        connection.close()
        return file

    def assert_error(self, result, code, *words):
        """An error has three parts: what failed, whether anything was changed, what to do."""
        self.assertEqual(result.code, code, f"out: {result.out}\nerr: {result.err}")
        self.assertRegex(result.err, r"(?m)^savepoint: ")
        self.assertRegex(result.err, r"(?i)nothing was changed|was changed")
        self.assertRegex(result.err, r"(?m)^hint: ")
        for word in words:
            self.assertIn(word, result.err)
