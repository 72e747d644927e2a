"""A project with its page open in a real Chromium.

The browser is driven by scenarios.mjs. SAVEPOINT_SCREENSHOTS names a directory for pictures."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from test_ui import UiCase  # noqa: E402


class Page(UiCase):
    @classmethod
    def setUpClass(cls):
        cls.chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if cls.chromium is None or shutil.which("npm") is None:
            raise AssertionError("chromium or npm is not installed; './dev test --long' does that")
        cls.tools = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-ui-"))
        cls.addClassCleanup(shutil.rmtree, cls.tools)
        for part in (HERE / "package.json", HERE / "package-lock.json", *HERE.glob("*.mjs")):
            shutil.copy(part, cls.tools)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=cls.tools, check=True, stdout=subprocess.DEVNULL)

    def play(self, scenario, **more):
        """Runs a scenario in a browser that has opened the page; what it returns."""
        given = {"url": self.url, "port": self.port, "chromium": self.chromium, "root": str(self.root),
                 "pictures": os.environ.get("SAVEPOINT_SCREENSHOTS"), **more}
        environment = {**os.environ, "SCENARIO": scenario, "GIVEN": json.dumps(given)}
        done = subprocess.run(["node", "scenarios.mjs"], cwd=self.tools, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, f"{scenario}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def history(self):
        """Three snapshots on two branches."""
        first = self.snapshot("-m", "the first one", "--tag", "start")
        self.write("code.txt", "second")
        self.write("src/new.txt", "new")
        self.database("app.db", "insert into people values ('c');")
        second = self.snapshot("-m", "the second one")
        self.git("switch", "-q", "-c", "feature/login")
        self.commit_all()
        self.write("code.txt", "third")
        return [first, second, self.snapshot("-m", "on a branch", "--pin")]
