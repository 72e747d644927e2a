"""A store of every format ever released stays readable: tests/golden/store-<number>, made once and kept.

store-1 has manifests of version 1, without the exact state of git; store-2 has those of version 2; store-3 has frames
with bases. SAVEPOINT_ACCEPT=1 makes the store of the present formats where there is none yet.
"""
import json
import os
import pathlib
import shutil
import unittest

from harness import Case, describe_tree, dump

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
VERSION = 3
KEPT = ("store.json", "packs", "manifests", "marks")  # the rest are caches and places to work in


def as_text(facts):
    """describe_tree in a form that JSON holds."""
    links = facts.pop(b"links")
    return {"links": [[os.fsdecode(p) for p in group] for group in links],
            "files": {os.fsdecode(path).encode("unicode_escape", "surrogateescape").decode():
                      {key: os.fsdecode(value) if isinstance(value, bytes) else value
                       for key, value in described.items() if key != "attributes"}
                      for path, described in sorted(facts.items())}}


class GoldenStore(Case):
    def make(self, target):
        self.write("plain.txt", "plain\n")
        self.write(b"odd\nname \xff", "odd")
        self.write("large.bin", bytes(i * i % 251 for i in range(700_000)))
        os.link(self.root / "plain.txt", self.root / "same.txt")
        os.symlink("plain.txt", self.root / "link")
        os.mkfifo(self.root / "pipe")
        with open(self.root / "sparse", "wb") as file:
            file.truncate(64 << 20)
            file.seek(32 << 20)
            file.write(b"island")
        self.write("deep/er/file", "deep")
        self.write(".gitignore", ".env\n*.db\n")
        self.write(".env", "KEY=value\n")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('kept');"
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
                             "INSERT INTO t SELECT 'row ' || i || ' ' || (i * 7919 % 9973) FROM n;")
        self.commit_all()
        self.snapshot("-m", "the first", "--tag", "golden")
        self.write("plain.txt", "changed\n")
        self.write("deep/er/file", "staged, and in no commit")
        self.git("add", "deep")
        self.write("deep/er/file", "deep")
        self.database(script="UPDATE t SET v = 'changed' WHERE rowid % 100 = 7")
        second = self.snapshot("--pin")
        self.savepoint("note", second, "noted later")
        target.mkdir(parents=True)
        for name in KEPT:
            source = self.store / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target / name)

    def read(self, store):
        """All that the store says, as the present version reads it."""
        outside = self.top / "outside"
        outside.mkdir(exist_ok=True)
        self.environment.pop("SAVEPOINT_STORE", None)
        listed = self.savepoint("list", "--store", store, "--json", cwd=outside).json["snapshots"]
        said = {"list": listed, "snapshots": {}}
        for snapshot in listed:
            target = self.top / snapshot["id"]
            self.savepoint("restore", snapshot["id"], "--store", store, "--to", target, cwd=outside)
            rows = dump(target / "app.db")
            facts = describe_tree(target)
            facts.pop(b"app.db")
            said["snapshots"][snapshot["id"]] = {"rows": rows, "tree": as_text(facts)}
        self.savepoint("verify", "--store", store, "--all", "--read-data", "--rehearse", cwd=outside)
        return json.loads(json.dumps(said))

    def test_every_released_format_is_read(self):
        present = GOLDEN / f"store-{VERSION}"
        if os.environ.get("SAVEPOINT_ACCEPT") and not present.exists():
            self.make(present)
            copy = self.top / "made"
            shutil.copytree(present, copy)
            self.close_to_others(copy)
            expected = self.read(copy)
            (GOLDEN / f"store-{VERSION}.json").write_text(json.dumps(expected, indent=1, ensure_ascii=True) + "\n")
            return
        stores = sorted(path for path in GOLDEN.glob("store-*") if path.is_dir())
        self.assertIn(present, stores)
        for store in stores:
            copy = self.top / store.name
            shutil.copytree(store, copy)
            self.close_to_others(copy)
            expected = json.loads((GOLDEN / f"{store.name}.json").read_text())
            said = self.read(copy)
            said["list"] = [{name: one[name] for name in as_then} for one, as_then in zip(said["list"], expected["list"], strict=True)]
            self.assertEqual(said, expected)

    @staticmethod
    def close_to_others(store):
        """git keeps no modes, and a store that others may write to is refused."""
        for path in [store, *store.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)


if __name__ == "__main__":
    unittest.main()
