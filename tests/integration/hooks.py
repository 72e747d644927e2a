"""What tests of git hooks share: a project with hooks installed, and the snapshots that a git command leads to."""
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import stat

from harness import Case


def describe_hooks(directory):
    """{path: (mode, content or target)} of everything in a directory."""
    found = {}
    for folder, folders, files in os.walk(directory):
        for name in folders + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = os.readlink(path) if stat.S_ISLNK(status.st_mode) else \
                pathlib.Path(path).read_bytes() if stat.S_ISREG(status.st_mode) else None
            found[os.path.relpath(path, directory)] = (oct(status.st_mode), content)
    return found


def tree_digest(directory):
    """One digest over names, modes and contents below a directory."""
    return hashlib.sha256(repr(sorted(describe_hooks(directory).items())).encode()).hexdigest()


class HookCase(Case):
    """A project with one commit. Its hooks are installed by `install`."""

    def setUp(self):
        super().setUp()
        self.write("code.txt", "one\n")
        self.write(".gitignore", "app.db*\n.env\n")
        self.commit_all()

    def knows_configured_hooks(self):
        version = re.search(r"(\d+)\.(\d+)", self.git("--version"))
        return tuple(map(int, version.groups())) >= (2, 54)

    def git_that_says(self, version):
        """The environment with a git that says it is of this version."""
        git = shutil.which("git", path="/usr/local/bin:/usr/bin:/bin")
        self.program(self.top / version / "git", f"#!/bin/sh\n[ \"$1\" != --version ] || {{ echo git version {version}; exit; }}\nexec {git} \"$@\"\n")
        return {"PATH": f"{self.top / version}:{self.environment['PATH']}"}

    def install(self, *arguments, **options):
        return self.savepoint("hooks", "install", *arguments, **options)

    def uninstall(self, *arguments, **options):
        return self.savepoint("hooks", "uninstall", *arguments, **options)

    def states(self, **options):
        return {one["hook"]: one["state"] for one in self.savepoint("hooks", "status", "--json", **options).json["hooks"]}

    def assert_active(self, **options):
        self.assertEqual(set(self.states(**options).values()), {"active"})

    def snapshots(self):
        """Ids of all snapshots, the newest first."""
        if not self.store.exists():
            return []
        return [one["id"] for one in self.savepoint("list", "--json", "--store", self.store, cwd="/").json["snapshots"]]

    def show(self, snapshot):
        return self.savepoint("show", "--json", snapshot, "--store", self.store, cwd="/").json

    def led_to(self, *command, code=0, **options):
        """The manifests of the snapshots that a git command led to, in their order."""
        before = set(self.snapshots())
        result = self.command("git", *command, **options)
        if code is not None:
            self.assertEqual(result.code, code, f"git {' '.join(command)}: {result.out}{result.err}")
        self.said = result.err
        return [self.show(one) for one in reversed(self.snapshots()) if one not in before]

    def content(self, manifest, path):
        """A file as a snapshot has it; None if it has none."""
        to = self.top / "exported" / manifest["id"]
        if not to.exists():
            self.savepoint("export", manifest["id"], "--to", to, "--store", self.store, cwd="/")
        file = to / "codebase" / path
        return file.read_text() if file.exists() else None

    def program(self, path, text):
        """An executable file with this content."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o755)
        return path

    def foreign_hook(self, path, language="sh", output=None):
        """A hook of somebody else: writes what it gets and what it is called to a file, and ends with the code in
        the file `code` if there is one."""
        output = output or self.top / "seen"
        scripts = {
            "sh": f"#!/bin/sh\n{{ printf '%s|' \"${{0##*/}}\" \"$@\"; echo; cat; }} >> '{output}'\n"
                  f"exec sh -c 'exit $(cat \"{self.top}/code\" 2>/dev/null || echo 0)'\n",
            "python": "#!/usr/bin/python3\nimport os, sys\n"
                      f"with open({str(output)!r}, 'ab') as out:\n"
                      "    out.write('|'.join([os.path.basename(sys.argv[0])] + sys.argv[1:] + ['']).encode() + b'\\n')\n"
                      "    out.write(sys.stdin.buffer.read())\n"
                      f"sys.exit(int(open('{self.top}/code').read()) if os.path.exists('{self.top}/code') else 0)\n",
        }
        return self.program(path, scripts[language])

    def seen(self):
        """What foreign hooks wrote since the last call."""
        file = self.top / "seen"
        text = file.read_text() if file.exists() else ""
        file.unlink(missing_ok=True)
        return text


class FollowCase(HookCase):
    """A project whose database is ignored by git, on main with one row; databases follow the branch."""

    def setUp(self):
        super().setUp()
        self.database(script="CREATE TABLE t (v)")
        self.write_row("main")
        self.install("--follow")

    def write_row(self, value, path="app.db"):
        connection = sqlite3.connect(self.root / path)
        connection.execute("INSERT INTO t VALUES (?)", (value,))
        connection.commit()
        connection.close()

    def rows(self, path="app.db", root=None):
        connection = sqlite3.connect((root or self.root) / path)
        try:
            return [row for row, in connection.execute("SELECT v FROM t ORDER BY rowid")]
        finally:
            connection.close()

    def switch(self, *arguments, **options):
        """What is said on a switch of branches."""
        result = self.command("git", "switch", "-q", *arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result.err

    def new_branch(self, name, *rows, commit=True):
        self.switch("-c", name)
        if commit:
            self.git("commit", "-q", "--allow-empty", "-m", name)
        for row in rows:
            self.write_row(row)

    def whose(self, **options):
        return self.savepoint("hooks", "status", "--json", **options).json["follow"]["databases_of"]

    def states(self, branch):
        """Ids of the snapshots that keep databases of a branch, the newest first."""
        return [one["id"] for one in self.savepoint("list", "--json", "--trigger", f"follow:{branch}").json["snapshots"]]
