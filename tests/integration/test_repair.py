"""Damage to a store: what verify says, what can still be had, and what the next snapshot heals."""
import os
import pathlib
import unittest

from harness import CORRUPT, DONE, GAPS, Case, describe_tree, dump


DATA, META = 1, 2  # kinds of frames


def frames_of(pack):
    """Where each frame of a pack begins, and of which kind it is: docs/formats/pack.md."""
    at = len(pack) - 48 - int.from_bytes(pack[-48:-40], "little")

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = pack[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    offset, frames = 16, []
    for _ in range(varint()):
        frames.append((offset, pack[at + 1]))
        at += 2
        offset += varint()
        varint()
        at += 8
        for _ in range(varint()):
            at += 32
            varint()
    return frames


class Repair(Case):
    def setUp(self):
        super().setUp()
        self.write("src/a.txt", "first of all\n")
        self.write("src/b.txt", "second\n" * 100)
        os.symlink("a.txt", self.root / "src/link")
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('kept');")
        self.commit_all()
        self.old = self.snapshot()
        self.packs_of_old = set(self.packs())
        self.write("later.txt", "written later, in a pack of its own\n")
        self.new = self.snapshot()

    def packs(self):
        return sorted(self.store.glob("packs/*/*.pack"))

    def damage(self, wanted):
        """Changes a byte of each frame of one kind of the old snapshot; returns the name of the pack."""
        (pack,) = [p for p in self.packs_of_old if any(kind == wanted for _, kind in frames_of(p.read_bytes()))]
        content = bytearray(pack.read_bytes())
        for offset, kind in frames_of(content):
            if kind == wanted:
                content[offset + 5] ^= 0x10
        os.chmod(pack, 0o600)
        pack.write_bytes(content)
        return str(pack.relative_to(self.store))

    def damage_data(self):
        return self.damage(DATA)

    def verify(self, *arguments, expect=DONE):
        return self.savepoint("verify", "--read-data", "--json", *arguments, expect=expect).json

    def restored(self, snapshot, *arguments, expect=DONE):
        target = self.top / f"target-{len(list(self.top.iterdir()))}"
        self.savepoint("restore", snapshot, "--to", target, *arguments, expect=expect)
        return target

    def test_verify_names_the_pack_the_snapshots_and_the_paths(self):
        pack = self.damage_data()

        report = self.verify(expect=CORRUPT)

        self.assertFalse(report["ok"])
        self.assertIn(pack, {problem["file"] for problem in report["problems"]})
        affected = {(problem["snapshot"], problem["path"]) for problem in report["problems"] if problem["snapshot"]}
        for snapshot in (self.old, self.new):
            self.assertIn((snapshot, "src/a.txt"), affected)
            self.assertIn((snapshot, "app.db"), affected)
        self.assertNotIn("later.txt", {path for _, path in affected})
        self.assertNotIn("src/link", {path for _, path in affected})

    def test_what_is_whole_stays_restorable(self):
        self.damage_data()

        target = self.restored(self.new, "--", "later.txt")
        self.assertEqual((target / "later.txt").read_text(), "written later, in a pack of its own\n")
        self.savepoint("restore", self.new, "--to", self.top / "all", expect=CORRUPT)
        self.assertFalse((self.top / "all").exists())

    def test_a_partial_restore_gives_what_there_is_and_names_the_rest(self):
        self.damage_data()

        result = self.savepoint("restore", self.new, "--to", self.top / "part", "--partial", "--json", expect=GAPS)

        missing = set(result.json["missing"])
        self.assertLessEqual({"src/a.txt", "src/b.txt", "app.db"}, missing)
        self.assertEqual((self.top / "part/later.txt").read_text(), "written later, in a pack of its own\n")
        self.assertEqual(os.readlink(self.top / "part/src/link"), "a.txt")
        for path in missing:
            self.assertFalse((self.top / "part" / path).exists(), path)

    def test_a_partial_restore_gives_what_is_beside_a_directory_that_is_damaged(self):
        self.damage(META)

        words = ("restore", self.new, "--to", self.top / "part", "--partial")
        planned = self.savepoint(*words, "--dry-run", "--json").json
        done = self.savepoint(*words, "--json", expect=GAPS).json
        self.savepoint(*words[:3], self.top / "counted", "--partial", expect=GAPS)

        self.assertIn("src", planned["missing"])
        self.assertIn("src", done["missing"])
        made = {change["path"] for change in done["changes"]}
        self.assertIn("later.txt", made)
        self.assertEqual(made, {path.name for path in (self.top / "part").iterdir()} - {"src"})
        self.assertEqual(self.savepoint("log", "--json").json["operations"][0]["changes"], len(made))

    def test_a_partial_restore_in_place_leaves_what_it_cannot_give(self):
        self.damage_data()
        self.write("src/a.txt", "edited\n")
        self.write("later.txt", "edited\n")

        result = self.savepoint("restore", self.new, "--partial", "--json", "--yes", expect=GAPS)

        self.assertIn("src/a.txt", set(result.json["missing"]))
        self.assertEqual((self.root / "src/a.txt").read_text(), "edited\n")
        self.assertEqual((self.root / "later.txt").read_text(), "written later, in a pack of its own\n")

    def require_new_is_healed(self):
        """The list of names in the old snapshot went with its pack, and the project's is another now."""
        self.assertTrue(self.verify(self.new)["ok"])
        self.assertEqual((self.restored(self.new) / "src/a.txt").read_text(), "first of all\n")
        report = self.verify(expect=CORRUPT)
        self.assertEqual({problem["snapshot"] for problem in report["problems"]} - {""}, {self.old})
        self.savepoint("prune", "--snapshot", self.old, "--yes")
        report = self.verify()
        self.assertEqual((report["problems"], report["damaged_unneeded"]), ([], []))

    def require_healed(self):
        """Old snapshots are whole again, exactly; and prune removes what is left of the damage."""
        for snapshot in (self.old, self.new):
            self.assertTrue(self.verify(snapshot)["ok"])
        expected = describe_tree(self.root)
        expected.pop(b"app.db")
        got = describe_tree(self.restored(self.new))
        got.pop(b"app.db")
        self.assertEqual(got, expected)
        target = self.restored(self.old)
        self.assertEqual((target / "src/a.txt").read_text(), "first of all\n")
        self.assertEqual(dump(target / "app.db"), dump(self.root / "app.db"))
        self.savepoint("prune", "--yes")
        self.assertEqual(self.verify()["damaged_unneeded"], [])

    def test_a_snapshot_heals_what_its_source_still_has(self):
        pack = self.damage_data()
        self.verify(expect=CORRUPT)

        self.snapshot()

        self.assertEqual(self.verify()["damaged_unneeded"], [{"file": pack}])
        self.require_healed()

    def test_a_snapshot_only_if_something_changed_heals_as_well(self):
        self.damage_data()
        self.verify(expect=CORRUPT)

        self.savepoint("snapshot", "--if-changed")

        self.assertTrue(self.verify()["ok"])
        count = len(self.savepoint("list", "--json").json["snapshots"])
        self.savepoint("snapshot", "--if-changed")
        self.assertEqual(len(self.savepoint("list", "--json").json["snapshots"]), count)

    def test_a_pack_without_its_end_is_healed(self):
        pack = max(self.packs_of_old, key=lambda p: p.stat().st_size)
        os.chmod(pack, 0o600)
        os.truncate(pack, pack.stat().st_size - 10)
        self.savepoint("verify", expect=CORRUPT)

        self.snapshot()

        self.require_new_is_healed()

    def test_packs_that_are_gone_are_healed(self):
        for pack in self.packs_of_old:
            pack.unlink()
        self.savepoint("verify", expect=CORRUPT)

        self.snapshot()

        self.require_new_is_healed()

    def test_what_no_source_has_any_more_stays_named(self):
        self.write("src/a.txt", "another text\n")
        self.damage_data()
        self.verify(expect=CORRUPT)

        self.snapshot()

        report = self.verify(expect=CORRUPT)
        self.assertEqual({(p["snapshot"], p["path"]) for p in report["problems"] if p["snapshot"]},
                         {(self.old, "src/a.txt"), (self.new, "src/a.txt")})
        self.assertTrue(self.verify("latest")["ok"])

    def test_the_catalog_is_made_anew_from_what_is_there(self):
        listed = self.savepoint("list", "--json").json
        for rubbish in (b"", b"not a database" * 1000):
            (self.store / "catalog.db").write_bytes(rubbish)
            self.assertEqual(self.savepoint("manifest", "rebuild", "--json").json["snapshots"], 2)
            self.assertEqual(self.savepoint("list", "--json").json, listed)
        pathlib.Path(self.store / "catalog.db").unlink()
        self.assertEqual(self.savepoint("list", "--json").json, listed)

    def test_nothing_is_read_anew_while_nothing_is_wrong(self):
        caches = {path: path.stat().st_mtime_ns for path in self.store.glob("cache/*.stat")}

        self.verify()
        self.snapshot()

        self.assertTrue(caches)
        self.assertFalse((self.store / "cache/damaged-packs").exists())
        self.assertEqual(set(self.store.glob("cache/*.stat")), set(caches))

    def test_a_manifest_that_is_damaged_is_nobodys_hindrance(self):
        manifest = self.store / f"manifests/{self.new}.json"
        content = bytearray(manifest.read_bytes())
        content[200] ^= 1
        manifest.chmod(0o600)
        manifest.write_bytes(content)
        for change in ("CREATE TABLE second (v)", "DROP TABLE second"):
            self.database(script=change)
            self.assertTrue(self.savepoint("snapshot", "--if-changed", "--json").json["created"])
        self.write("src/a.txt", "other")
        self.savepoint("restore", self.old, "--yes")
        self.assertEqual((self.root / "src/a.txt").read_text(), "first of all\n")


if __name__ == "__main__":
    unittest.main()
