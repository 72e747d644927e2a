"""The npm package as npm and pnpm install it: launcher, scripts, functions, types; and a knex project that uses it.

Packages come from the npm registry: without that most of this fails."""
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import BIN, NOT_FOUND, USAGE, Case, read_until_closed
from servers import Postgres

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PNPM = "pnpm@10"


class Packed(Case):
    """A project, and both packages as npm packs them."""

    @classmethod
    def setUpClass(cls):
        cls.npm = shutil.which("npm")
        if cls.npm is None:
            raise AssertionError("npm is not installed; './dev test --long' does that")
        cls.packages = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-npm-"))
        cls.addClassCleanup(shutil.rmtree, cls.packages)
        subprocess.run(["node", SOURCE / "tools/npm/platform_package.js", BIN.parent, cls.packages / "platform"], check=True)
        for folder in (SOURCE, cls.packages / "platform"):
            subprocess.run(["npm", "pack", "--silent", "--pack-destination", cls.packages], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.package = next(cls.packages.glob("savepoint-[0-9]*.tgz"))
        cls.platform = next(cls.packages.glob("savepoint-*64-*.tgz"))

    def setUp(self):
        super().setUp()
        self.environment["PATH"] = f"{pathlib.Path(self.npm).parent}:/usr/local/bin:/usr/bin:/bin"
        self.environment["npm_config_update_notifier"] = "false"
        self.write(".gitignore", "node_modules/\n.env\n")
        self.write("package.json", '{\n  "name": "shop",\n  "version": "1.0.0",\n  "private": true\n}\n')
        self.write("code.txt", "before")
        self.commit_all()

    def install(self, *what, tool=("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")):
        # With the environment of whoever runs the tests: proxies and registries are set there.
        done = subprocess.run([*tool, *what], cwd=self.root, text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, f"{tool} cannot install {what}; can the registry be reached?\n{done.stdout}")

    def install_savepoint(self):
        self.install(self.package, self.platform)

    def with_pnpm(self):
        """The same by pnpm, which is installed outside of the project."""
        tools = self.top / "tools"
        tools.mkdir()
        self.install("--prefix", tools, PNPM)
        pnpm = tools / "node_modules/.bin/pnpm"
        self.environment["PATH"] = f"{pnpm.parent}:{self.environment['PATH']}"
        self.install(self.package, self.platform, tool=(pnpm, "add", "--store-dir", self.top / "pnpm-store"))

    def fake(self, script):
        return {"SAVEPOINT_BIN": str(self.fake_savepoint(script))}

    @property
    def launcher(self):
        return self.root / "node_modules/.bin/savepoint"

    def set_scripts(self, **scripts):
        package = json.loads((self.root / "package.json").read_text())
        package.setdefault("scripts", {}).update(scripts)
        self.write("package.json", json.dumps(package, indent=2))


class Launcher(Packed):
    def test_the_package_holds_what_users_need_and_no_more(self):
        names = subprocess.run(["tar", "tzf", self.package], check=True, capture_output=True, text=True).stdout.split()
        self.assertEqual(sorted(names), sorted(f"package/{name}" for name in (
            "package.json", "LICENSE", "README.md", "docs/npm.md", "templates/savepoint.schema.json", "tools/npm/errors.js", "tools/npm/executable.js",
            "tools/npm/index.d.mts", "tools/npm/index.d.ts", "tools/npm/index.js", "tools/npm/index.mjs", "tools/npm/launcher.js")))

    def test_the_executables_need_nothing_of_the_system_but_the_c_library(self):
        self.install_savepoint()
        home = next((self.root / "node_modules/@savepoint").iterdir())
        for program in (home / "bin").iterdir():
            for line in self.command("ldd", program).out.splitlines():
                if "=>" in line and str(home) not in line:
                    self.assertRegex(line, r"^\s*lib(c|m|dl|rt|pthread|resolv)\.so")
        self.assertTrue(self.command(home / "bin/savepoint", "--print-makefile").out.startswith(str(home)))

    def test_exit_codes_arrive_from_npx_npm_and_pnpm(self):
        self.install_savepoint()
        self.assertEqual(self.command("npx", "savepoint", "restore", "nothing-like-it").code, NOT_FOUND)
        self.assertEqual(self.command("npx", "savepoint", "restore").code, USAGE)
        self.set_scripts(it="savepoint snapshot")
        ways = [(self.launcher, "snapshot"), ("npx", "savepoint", "snapshot"), ("npm", "run", "it")]
        self.assert_codes_arrive(ways)
        shutil.rmtree(self.root / "node_modules")
        self.with_pnpm()
        self.assert_codes_arrive([("pnpm", "exec", "savepoint", "snapshot"), ("pnpm", "run", "it"), (self.launcher, "snapshot")])
        self.assertEqual(self.command("pnpm", "exec", "savepoint", "snapshot").code, 0)
        self.assertEqual(len(self.triggers()), 1)

    def assert_codes_arrive(self, ways):
        for way in ways:
            for code in (*range(8), 42, 130, 255):
                self.assertEqual(self.command(*way, env=self.fake(f"exit {code}")).code, code, way)

    def test_a_signal_that_ends_savepoint_ends_the_launcher(self):
        self.install_savepoint()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV, signal.SIGQUIT):
            name = signal.Signals(number).name[3:]
            done = self.command(self.launcher, env=self.fake(f"ulimit -c 0; kill -{name} $$"))
            self.assertEqual(done.code, -number, name)

    COUNT = """
    got=0
    for name in INT TERM HUP; do trap "got=\\$((got + 1)); echo got $name >&2; last=\\$(date +%s%N)" $name; done
    echo ready >&2
    while [ $got = 0 ]; do sleep 0.02; done
    for i in $(seq 25); do sleep 0.02; done   # a second one would come now
    echo total $got >&2
    exit 40
    """

    def test_a_signal_to_the_launcher_alone_reaches_savepoint_once_and_is_waited_for(self):
        self.install_savepoint()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            process = subprocess.Popen([self.launcher], cwd=self.root, env=dict(self.environment, **self.fake(self.COUNT)), text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
            self.assertEqual(process.stderr.readline(), "ready\n")
            process.send_signal(number)
            said = process.communicate(timeout=60)[1]
            self.assertEqual(said, f"got {signal.Signals(number).name[3:]}\ntotal 1\n")
            self.assertEqual(process.returncode, 40)

    def test_what_is_typed_reaches_savepoint_once(self):
        self.install_savepoint()
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.root)
            os.execve(self.launcher, [str(self.launcher)], dict(self.environment, **self.fake(self.COUNT)))
        said = b""
        while b"ready" not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, b"\x03")
        said += read_until_closed(terminal)
        os.close(terminal)
        self.assertIn(b"total 1", said)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 40)

    def test_without_an_executable_it_is_said_what_to_do(self):
        self.install(self.package)
        for words in ((), ("--json",)):
            done = self.command("npx", "savepoint", "snapshot", *words)
            self.assertEqual(done.code, 1)
            said = json.loads(done.out)["error"]["hint"] if words else done.err
            self.assertIn("@savepoint/", said)
            self.assertIn("SAVEPOINT_BIN", said)
        self.assert_error(self.command(self.launcher, env={"SAVEPOINT_BIN": "/nowhere"}), 1, "SAVEPOINT_BIN")

    def test_an_executable_on_path_or_named_is_used_and_never_another_launcher(self):
        self.install(self.package)
        others = self.top / "others"
        others.mkdir()
        (others / "savepoint").symlink_to(self.launcher)
        path = f"{others}:{self.launcher.parent}:{self.environment['PATH']}"
        self.assertEqual(self.command(self.launcher, "--version", env={"PATH": path}).code, 1)
        (others / "savepoint").unlink()
        (others / "savepoint").write_text(f'#!/bin/sh\nexec node "{self.launcher}" "$@"\n')
        (others / "savepoint").chmod(0o755)
        self.assertEqual(self.command(self.launcher, "--version", env={"PATH": path}).code, 1)
        for environment in ({"PATH": f"{path}:{BIN}"}, {"SAVEPOINT_BIN": str(BIN)}, {"SAVEPOINT_BIN": str(BIN / "savepoint")}):
            self.assertRegex(self.command(self.launcher, "--version", env=environment).out, r"^savepoint \d")


class Scripts(Packed):
    def go_through(self, tool, options_behind):
        before = (self.root / "package.json").read_bytes()
        self.assertEqual(self.command(self.launcher, "init", "--npm").code, 0)

        def run(*words, expect=0):
            done = self.command(tool, "run", *words)
            self.assertEqual(done.code, expect, done.out + done.err)
            return done.out + done.err

        for script in ("backup", "backup:db", "backup:code", "backup:config"):
            run(script)
        self.assertEqual(self.triggers(), ["target:backup", "target:backup:db", "target:backup:code", "target:backup:config"])
        self.assertIn("target:backup:code", run("backup:list"))
        self.assertIn("ok: 4 snapshots", run("backup:verify"))
        run("backup", *options_behind, "--tag", "here")
        self.write("code.txt", "after")
        run("restore", expect=USAGE)
        run("restore", "here", expect=3)
        for words in (("--dry-run", "restore", "here"), ("restore", "here", "--dry-run"), ("restore", *options_behind, "here", "--dry-run"),
                      ("restore", *options_behind, "here", "--yes", "--dry-run")):
            if tool == "pnpm" and words[0] == "--dry-run":
                continue  # no option of pnpm's
            self.assertIn("code.txt", run(*words))
            self.assertEqual((self.root / "code.txt").read_text(), "after")
        if tool == "npm":
            self.assertIn("npm run restore -- ", run("restore", "here", "--yes", expect=USAGE))
            self.assertIn("npm run restore -- ", run("restore", "here", "--force", expect=USAGE))
            run("restore", "here", "--to", self.top / "elsewhere", expect=3)
            self.assertEqual((self.root / "code.txt").read_text(), "after")
            self.assertFalse((self.top / "elsewhere").exists())
        run("restore", *options_behind, "here", "--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "before")
        self.assertEqual(self.command(self.launcher, "init", "--npm", "--remove").code, 0)
        self.assertEqual((self.root / "package.json").read_bytes(), before)

    def test_npm_runs_them_and_its_dry_run_is_dry(self):
        self.install_savepoint()
        self.commit_all()
        self.go_through("npm", ["--"])

    def test_pnpm_runs_them_and_its_dry_run_is_dry(self):
        self.with_pnpm()
        self.commit_all()
        self.go_through("pnpm", [])
        self.savepoint("prune", "--yes", "--keep-last", "1")
        self.store.rename(self.top / "first-store")
        self.go_through("pnpm", ["--"])


USE = """
const before = await savepoint.snapshot({ note: 'from a program', tags: ['a', 'b'], only: ['code', 'config'] });
assert.equal(before.created, true);
assert.deepEqual(before.components.map((one) => one.kind).sort(), ['code', 'config']);
assert.equal((await savepoint.snapshot({ only: 'code,config', ifChanged: true })).created, false);
const [listed] = await savepoint.list({ tag: 'b', limit: 1 });
assert.equal(listed.id, before.id);
assert.equal(listed.note, 'from a program');
assert.deepEqual(await savepoint.list({ branch: 'never there' }), []);

fs.writeFileSync('code.txt', 'after');
const plan = await savepoint.restore('latest', { dryRun: true });
assert.equal(plan.dry_run, true);
assert.deepEqual(plan.changes.map((one) => one.path), ['code.txt']);
assert.equal(fs.readFileSync('code.txt', 'utf8'), 'after');
const restored = await savepoint.restore({ branch: 'main' }, { paths: ['code.txt'], cwd: process.cwd() });
assert.equal(restored.restored, before.id);
assert.equal(fs.readFileSync('code.txt', 'utf8'), 'before');
assert.ok(restored.safety_snapshot);
await savepoint.restore(before.id, { to: process.env.ELSEWHERE });
assert.equal(fs.readFileSync(process.env.ELSEWHERE + '/code.txt', 'utf8'), 'before');

assert.equal((await savepoint.verify({ readData: true })).ok, true);
const second = await savepoint.snapshot();
await assert.rejects(savepoint.restore('never there'), (error) => error instanceof savepoint.NotFoundError
  && error instanceof savepoint.SavepointError && error.code === 'not_found' && error.exitCode === 4 && error.changed === false
  && error.hint !== '' && error.name === 'NotFoundError');
await assert.rejects(savepoint.list({ commit: 'no such revision' }), savepoint.SavepointError);
await assert.rejects(savepoint.restore('--yes'), savepoint.UsageError);
await assert.rejects(savepoint.restore('latest', { dryrun: true }), savepoint.UsageError);
await assert.rejects(savepoint.remove([]), savepoint.UsageError);
await assert.rejects(savepoint.snapshot({ cwd: '/nowhere/at/all' }), savepoint.IoError);
await assert.rejects(savepoint.snapshot({ env: { SAVEPOINT_BIN: '/nowhere' } }), savepoint.MissingExecutableError);
const controller = new AbortController();
const endless = savepoint.snapshot({ signal: controller.signal, executable: process.env.ENDLESS });
controller.abort();
await assert.rejects(endless, savepoint.CancelledError);
await assert.rejects(savepoint.snapshot({ signal: controller.signal }), (error) => error instanceof savepoint.CancelledError && error.changed === false);

assert.deepEqual((await savepoint.remove(second.id, { dryRun: true })).removed.map((one) => one.id), [second.id]);
assert.deepEqual((await savepoint.remove([second.id])).removed.map((one) => one.id), [second.id]);
assert.equal((await savepoint.list()).some((one) => one.id === second.id), false);
fs.rmSync(fs.readdirSync(process.env.SAVEPOINT_STORE + '/packs', { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile()).map((one) => (one.parentPath || one.path) + '/' + one.name)[0]);
const damaged = await savepoint.verify();
assert.equal(damaged.ok, false);
assert.ok(damaged.problems.length > 0);
console.log('all of it');
"""
TYPED = """
import { snapshot, list, restore, verify, remove, findExecutable, SavepointError, NotFoundError } from 'savepoint';
import type { SnapshotResult, RestoreOptions } from 'savepoint';

async function main(): Promise<void> {
  const options: RestoreOptions = { only: ['code', 'database:shop'], databases: { shop: 'postgres://x' }, dryRun: true };
  const taken: SnapshotResult = await snapshot({ note: 'x', only: 'database', signal: new AbortController().signal });
  const ids: string[] = (await list({ limit: 3 })).map((one) => one.id);
  const back: string | null = (await restore({ at: 'HEAD' }, options)).safety_snapshot;
  const ok: boolean = (await verify()).ok;
  const freed: number = (await remove(ids)).bytes_freed;
  // @ts-expect-error an option that does not exist
  await snapshot({ nope: true });
  // @ts-expect-error no such part
  await snapshot({ only: 'everything' });
  try {
    console.log(taken.skipped.length, back, ok, freed, findExecutable());
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SavepointError) {
      const code: string = error.code;
      console.log(code, error.hint);
    }
  }
}
void main();
"""


class Functions(Packed):
    def run_program(self, name, text):
        self.write(name, text)
        self.commit_all()
        endless = self.top / "endless"
        endless.write_text("#!/bin/sh\nexec sleep 60\n")
        endless.chmod(0o755)
        done = self.command("node", name, env={"ELSEWHERE": str(self.top / name), "ENDLESS": str(endless)})
        self.assertEqual(done.out, "all of it\n", done.err)

    def test_a_module_can_do_all_of_it(self):
        self.install_savepoint()
        self.run_program("use.mjs", "import * as savepoint from 'savepoint';\nimport assert from 'node:assert/strict';\nimport fs from 'node:fs';\n" + USE)

    def test_a_script_of_the_older_kind_can_do_all_of_it(self):
        self.install_savepoint()
        self.run_program("use.cjs", "const savepoint = require('savepoint');\nconst assert = require('node:assert/strict');\nconst fs = require('node:fs');\n"
                         "(async () => {" + USE + "})().catch((error) => { console.error(error); process.exit(1); });")

    def test_a_gap_is_in_the_answer_and_a_url_on_no_command_line(self):
        self.install_savepoint()
        seen = self.top / "seen"
        gap = '{"schema":1,"id":"x","skipped":[{"path":"a","reason":"b","error":true}]}'
        fake = self.fake(f"printf '%s\\n' \"$@\" > {seen}; echo \"$SAVEPOINT_RESTORE_URL_0\" >> {seen}.url; echo '{gap}'; exit 7")
        self.write("gap.mjs", "import { snapshot, restore } from 'savepoint';\n"
                   "console.log((await snapshot()).skipped[0].path);\n"
                   "await restore('latest', { databases: { shop: 'postgres://u:secret@h/d' } });\n")
        done = self.command("node", "gap.mjs", env=fake)
        self.assertEqual(done.out, "a\n", done.err)
        self.assertIn("--database=shop=env:SAVEPOINT_RESTORE_URL_0", seen.read_text())
        self.assertNotIn("secret", seen.read_text())
        self.assertIn("secret", pathlib.Path(f"{seen}.url").read_text())

    def test_types_fit_for_both_kinds_of_modules(self):
        self.install_savepoint()
        self.install("typescript@5", "@types/node@20")
        for name in ("use.mts", "use.cts"):
            self.write(name, TYPED)
        for resolution in ("node16", "bundler"):
            module = "node16" if resolution == "node16" else "esnext"
            done = self.command("npx", "tsc", "--strict", "--noEmit", "--target", "es2022", "--module", module,
                                "--moduleResolution", resolution, "use.mts", *(["use.cts"] if module == "node16" else []))
            self.assertEqual(done.code, 0, done.out)


KNEXFILE = """
module.exports = {
  development: {
    client: 'pg',
    connection: { host: '127.0.0.1', port: %d, user: 'app', password: process.env.DB_PASSWORD, database: 'shop' },
  },
};
"""
SERVER = """
const express = require('express');
const knex = require('knex')(require('./knexfile').development);
const app = express();
app.get('/orders', async (request, response) => response.json(await knex('orders').orderBy('id').pluck('what')));
const server = app.listen(0, async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/orders`);
  console.log(JSON.stringify(await answer.json()));
  server.close();
  await knex.destroy();
});
"""
FIRST = """
exports.up = async (knex) => {
  await knex.schema.createTable('orders', (table) => { table.increments(); table.string('what'); });
  await knex('orders').insert([{ what: 'apples' }, { what: 'pears' }]);
};
exports.down = (knex) => knex.schema.dropTable('orders');
"""
FAILING = """
exports.config = { transaction: false };
exports.up = async (knex) => {
  await knex('orders').delete();
  await knex.schema.alterTable('orders', (table) => { table.string('more'); });
  throw new Error('half way');
};
exports.down = () => {};
"""


class ExpressAndKnex(Packed):
    """A web application with its migrations, as its developer goes about it."""

    def setUp(self):
        super().setUp()
        server = Postgres()
        self.addCleanup(server.close)
        server.create("shop")
        self.environment["DB_PASSWORD"] = "open-sesame"
        self.write("knexfile.js", KNEXFILE % server.port)
        self.write("server.js", SERVER)
        self.write("migrations/20240101000000_first.js", FIRST)
        self.set_scripts(start="knex migrate:latest && node server.js", migrate="knex migrate:latest",
                         rollback="NODE_ENV=development knex migrate:rollback", status="knex migrate:list")
        self.install("express@5", "knex@3", "pg@8")
        self.commit_all()
        self.before = self.files()
        self.install_savepoint()

    def files(self):
        return {path: self.git("hash-object", path) for path in self.git("ls-files", "-co", "--exclude-standard").split("\n") if path}

    def orders(self):
        done = self.command("node", "server.js")
        self.assertEqual(done.code, 0, done.err)
        return json.loads(done.out)

    def run_npm(self, *words, expect=0):
        done = self.command("npm", *words)
        self.assertEqual(done.code, expect, done.out + done.err)
        return done.out + done.err

    def test_migrations_are_preceded_by_snapshots_and_failures_are_taken_back(self):
        self.run_npm("exec", "--", "savepoint", "init", "--npm")
        scripts = json.loads((self.root / "package.json").read_text())["scripts"]
        self.assertEqual(scripts["migrate"], "savepoint run -- knex migrate:latest")
        self.assertEqual(scripts["rollback"], "NODE_ENV=development savepoint run -- knex migrate:rollback")
        self.assertEqual(scripts["start"], "knex migrate:latest && node server.js")
        self.assertEqual(scripts["status"], "knex migrate:list")

        self.run_npm("run", "migrate")
        self.assertEqual(self.orders(), ["apples", "pears"])
        self.assertEqual(self.triggers(), ["run:knex migrate:latest"])

        self.write("migrations/20240102000000_failing.js", FAILING)
        said = self.run_npm("run", "migrate", expect=1)
        self.assertEqual(self.orders(), [])
        restore = re.search(r"savepoint restore (\w+)", said).group(1)
        self.run_npm("run", "restore", restore, "--dry-run")
        self.assertEqual(self.orders(), [])
        self.run_npm("run", "restore", "--", restore, "--yes", "--only", "database")
        self.assertEqual(self.orders(), ["apples", "pears"])

        self.set_scripts(migrate="savepoint run --restore-on-failure -- knex migrate:latest")
        self.run_npm("run", "migrate", expect=1)
        self.assertEqual(self.orders(), ["apples", "pears"])

        (self.root / "migrations/20240102000000_failing.js").unlink()
        self.set_scripts(migrate="savepoint run -- knex migrate:latest")
        self.run_npm("run", "rollback")
        self.run_npm("run", "restore", "--", "latest", "--yes")
        self.assertEqual(self.orders(), ["apples", "pears"])

    def test_a_snapshot_that_fails_stops_the_migration(self):
        self.run_npm("exec", "--", "savepoint", "init", "--npm")
        self.write("savepoint.json", '{"nonsense": 1}')
        self.run_npm("run", "migrate", expect=USAGE)
        self.assertNotEqual(self.command("node", "server.js").code, 0)  # there is no table yet

    def test_uninstalled_it_leaves_nothing(self):
        self.run_npm("exec", "--", "savepoint", "init", "--npm")
        (self.root / "savepoint.json").unlink()
        self.run_npm("exec", "--", "savepoint", "init", "--npm", "--remove")
        self.run_npm("uninstall", "savepoint", next((self.root / "node_modules/@savepoint").iterdir()).relative_to(self.root / "node_modules"))
        self.assertEqual(self.files(), self.before)
        self.assertEqual(list((self.root / "node_modules/.bin").glob("*savepoint*")), [])
        self.assertFalse((self.root / "node_modules/savepoint").exists())
        scope = self.root / "node_modules/@savepoint"  # npm may leave the directory
        self.assertEqual(list(scope.iterdir()) if scope.exists() else [], [])


if __name__ == "__main__":
    unittest.main()
