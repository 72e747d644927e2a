"""`list --format`: a line for each snapshot, as a script wants it."""
import random
import re
import unittest

from harness import CORRUPT, NOT_FOUND, USAGE, Case


class Format(Case):
    def format(self, text, **options):
        return self.savepoint("list", "--format", text, **options).out

    def test_fields_stand_where_they_are_named(self):
        self.write("a", "12345")
        self.commit_all()
        self.write("a", "123456")
        first = self.snapshot("-m", "one", "--tag", "b", "--tag", "a", "--pin")
        second = self.snapshot()
        self.assertEqual(self.format("{id}|{branch}|{dirty}|{trigger}|{note}|{tags}|{pinned}|{bytes}"),
                         f"{second}|main|yes|manual|||no|6\n{first}|main|yes|manual|one|a,b|yes|6\n")
        commit = self.git("rev-parse", "HEAD").strip()
        self.assertEqual(set(self.format("{commit} {short_commit}").splitlines()), {f"{commit} {commit[:8]}"})
        for short in self.format("{short_id}").split():
            self.savepoint("show", short)
        self.assertEqual(self.format(r"{{{pinned}}}\t\\x", ).splitlines(), ["{no}\t\\x", "{yes}\t\\x"])
        self.assertEqual(self.format("{verified}"), "\n\n")
        self.savepoint("verify")
        self.assertTrue(all(re.fullmatch(r"\d{4}-.*Z", line) for line in self.format("{verified}").splitlines()))
        self.assertEqual([one["verified_at"] for one in self.savepoint("list", "--json").json["snapshots"]], self.format("{verified}").split())

    def test_only_a_look_that_came_to_an_answer_says_whether_it_is_whole(self):
        self.write("a", "a")
        self.snapshot()
        self.savepoint("verify")
        self.savepoint("verify", "nosuch", expect=NOT_FOUND)
        self.assertIsNotNone(self.savepoint("list", "--json").json["snapshots"][0]["verified_at"])

    def test_damage_is_that_of_the_snapshot_that_has_it(self):
        self.write("a", random.Random(1).randbytes(100_000))
        whole = self.snapshot()
        packs = set((self.store / "packs").rglob("*.pack"))
        self.write("a", random.Random(2).randbytes(100_000))
        damaged = self.snapshot()
        self.savepoint("verify")
        [pack] = set((self.store / "packs").rglob("*.pack")) - packs
        content = bytearray(pack.read_bytes())
        content[5_000] ^= 1
        pack.write_bytes(content)
        self.savepoint("verify", whole, damaged, "--read-data", expect=CORRUPT)
        found = {one["id"]: one["verified_at"] for one in self.savepoint("list", "--json").json["snapshots"]}
        self.assertIsNotNone(found[whole])
        self.assertIsNone(found[damaged])

    def test_a_note_may_be_what_else_ends_the_options(self):
        for words in (["-m", "--"], ["--note", "--"], ["--note=--"]):
            self.snapshot(*words)
            self.assertEqual(self.format("{note}").splitlines()[0], "--")

    def test_no_value_moves_the_cursor_or_ends_the_line(self):
        self.snapshot("-m", "a\nb\x1b[2J\tc")
        self.assertEqual(self.format("{note}"), "a\\nb\\x1b[2J\\tc\n")

    def test_two_of_one_end_get_longer_ids(self):
        self.snapshot()
        for short in self.format("{short_id}").split():
            self.assertGreaterEqual(len(short), 4)

    def test_a_tag_like_the_end_of_an_id_makes_that_longer(self):
        first, second = self.snapshot(), self.snapshot()
        self.savepoint("tag", second, first[-4:])
        self.assert_error(self.savepoint("show", first[-4:], expect=USAGE), USAGE, "is a tag of", first)
        short = dict(line.split() for line in self.format("{id} {short_id}").splitlines())
        self.assertEqual(self.savepoint("show", short[first], "--json").json["id"], first)

    def test_a_field_that_does_not_exist_is_answered_with_the_nearest(self):
        self.assert_error(self.savepoint("list", "--format", "{brunch}", expect=USAGE), USAGE, "'brunch'", "{branch}")
        self.assert_error(self.savepoint("list", "--format", "{xyzzyxyzzy}", expect=USAGE), USAGE, "short_id")
        self.assert_error(self.savepoint("list", "--format", "{id", expect=USAGE), USAGE, "brace")
        self.assert_error(self.savepoint("list", "--format", "{id}", "--quiet", expect=USAGE), USAGE, "--quiet")
        self.assertEqual(self.format("{id}"), "")


if __name__ == "__main__":
    unittest.main()
