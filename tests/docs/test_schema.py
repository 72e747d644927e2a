"""The published schema of settings and savepoint itself agree on what is right and what is wrong."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import pages
from setups import BIN

try:
    import jsonschema
except ImportError:  # another Python than the one that Debian's packages are for
    sys.path.append("/usr/lib/python3/dist-packages")
    import jsonschema

SCHEMA = json.loads((pages.ROOT / "templates/savepoint.schema.json").read_text())

RIGHT = [
    {},
    {"store": "~/backups"},
    {"include": ["*.html"], "exclude": []},
    {"databases": [{"path": "data/app.db"}]},
    {"databases": [{"url": "postgres://app@localhost/shop"}]},
    {"databases": [{"name": "shop", "url": {"env": "DATABASE_URL", "file": ".env.staging"}, "owner": True}]},
    {"databases": [{"name": "cache", "dump": "a", "restore": "b"}]},
    {"databases": [{"name": "found", "protected": True, "prohibit_restore": True}]},
    {"discover_databases": False, "secrets": "keys-only"},
    {"versions": {"app": "package.json#/version"}},
    {"retention": {"keep_last": 1, "keep_within": "1y6mo", "keep_tags": ["a"], "max_size": "1.5G", "max_count": 3}},
    {"retention": {"max_size": 1000}},
    {"hooks": {"budget": "500s", "deploy": ["main"], "on_failure": "block"}},
    {"health": {"snapshot_within": "1d", "verified_within": "30d", "free_space": "2G"}},
]
WRONG = [
    [],
    {"stor": "x"},
    {"store": ""},
    {"store": 1},
    {"include": "*.html"},
    {"databases": {"name": "x"}},
    {"databases": [{}]},
    {"databases": [{"path": "a.db", "url": "postgres://localhost/a"}]},
    {"databases": [{"dump": "x"}]},
    {"databases": [{"name": "x", "restore": "y"}]},
    {"databases": [{"name": "x", "strategy": "copy"}]},
    {"databases": [{"url": {"environment": "X"}}]},
    {"databases": [{"name": "x", "client": "docker"}]},
    {"databases": [{"url": {"env": "DATABASE_URL"}}]},
    {"databases": [{"path": "a.db", "strategy": "template"}]},
    {"databases": [{"name": "x", "dump": "a", "restore": "b", "owner": True}]},
    {"discover_databases": "no"},
    {"secrets": "none"},
    {"versions": {"app": 1}},
    {"retention": {"keep_last": -1}},
    {"retention": {"keep_within": "soon"}},
    {"retention": {"max_size": "big"}},
    {"retention": {"max_size": "1.5"}},
    {"retention": {"keep": 1}},
    {"hooks": {"on_failure": "stop"}},
    {"hooks": {"deploy": "main"}},
    {"health": {"snapshot_within": 7}},
]


class Schema(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory()
        self.addCleanup(top.cleanup)
        self.root = pathlib.Path(top.name) / "project"
        self.root.mkdir()
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        self.validator = jsonschema.Draft7Validator(SCHEMA)

    def is_right_for_savepoint(self, settings):
        (self.root / "savepoint.json").write_text(settings if isinstance(settings, str) else json.dumps(settings))
        done = subprocess.run([BIN / "savepoint", "list", "--json"], cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(self.root.parent)})
        self.assertIn(done.returncode, (0, 2), done.stdout + done.stderr)
        return done.returncode == 0

    def test_what_is_right_for_one_is_right_for_the_other(self):
        for settings in RIGHT:
            self.assertTrue(self.is_right_for_savepoint(settings), settings)
            self.assertEqual([error.message for error in self.validator.iter_errors(settings)], [], settings)

    def test_what_is_wrong_for_one_is_wrong_for_the_other(self):
        for settings in WRONG:
            self.assertFalse(self.is_right_for_savepoint(settings), settings)
            self.assertFalse(self.validator.is_valid(settings), settings)

    def test_examples_on_pages_are_right_for_both(self):
        found = [block for page in pages.PAGES for block in pages.blocks(page) if block.marks.get("file") == "savepoint.json"]
        self.assertGreater(len(found), 2)
        for block in found:
            self.assertEqual([error.message for error in self.validator.iter_errors(json.loads(block.text))], [], str(block))
            self.assertTrue(self.is_right_for_savepoint(block.text), str(block))


if __name__ == "__main__":
    unittest.main()
