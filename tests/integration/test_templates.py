"""What templates/ has for other tools, each tried with the tool itself where Debian has it."""
import pathlib
import re
import shlex
import shutil
import unittest

from harness import BIN, Case, dump

TEMPLATES = pathlib.Path(__file__).resolve().parents[2] / "templates"
PYTHON = "/usr/bin/python3"  # the one that Debian's Django belongs to


class TemplateCase(Case):
    def setUp(self):
        super().setUp()
        self.write(".gitignore", "*.db*\n*.sqlite3*\n__pycache__/\n")
        self.write("code.txt", "before")

    def broken(self):
        """An environment in which no snapshot can be taken."""
        return {"SAVEPOINT_STORE": "/dev/null/store"}

    def without_savepoint(self):
        return {"PATH": "/usr/local/bin:/usr/bin:/bin"}

    def run_tool(self, *words, expect=0, **options):
        done = self.command(*words, **options)
        self.assertEqual(done.code, expect, done.out + done.err)
        return done.out + done.err


class Django(TemplateCase):
    def setUp(self):
        super().setUp()
        self.run_tool(PYTHON, "-m", "django", "startproject", "shop", ".")
        settings = (self.root / "shop/settings.py").read_text()
        self.write("shop/settings.py", settings.replace("INSTALLED_APPS = [", "INSTALLED_APPS = [\n    'orders', 'savepoint_django',"))
        self.run_tool(PYTHON, "manage.py", "startapp", "orders", env={"DJANGO_SETTINGS_MODULE": "django.conf.global_settings"})
        self.write("orders/models.py", "from django.db import models\n\n\nclass Order(models.Model):\n    what = models.TextField()\n")
        self.write("orders/tests.py", "from django.test import TestCase\nfrom orders.models import Order\n\n\nclass T(TestCase):\n"
                   "    def test(self):\n        self.assertEqual(Order.objects.count(), 0)\n")
        shutil.copytree(TEMPLATES / "django/savepoint_django", self.root / "savepoint_django")
        self.manage("makemigrations", "orders")
        self.commit_all()

    def manage(self, *words, **options):
        return self.run_tool(PYTHON, "-B", "manage.py", *words, **options)

    def tables(self):
        return [line for line in dump(self.root / "db.sqlite3") if line.startswith("CREATE TABLE")]

    def test_a_migration_is_preceded_by_one_snapshot_and_nothing_to_do_by_none(self):
        self.manage("migrate", "contenttypes", "zero")
        self.manage("migrate", "auth")
        tables = self.tables()
        count = len(self.triggers())

        self.manage("migrate")
        self.manage("migrate")
        self.manage("test")

        self.assertEqual(self.triggers()[count:], ["run:django migrate"])
        self.assertGreater(len(self.tables()), len(tables))
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(self.tables(), tables)

    def test_without_a_snapshot_nothing_is_migrated(self):
        said = self.manage("migrate", expect=1, env=self.broken())
        self.assertIn("nothing was migrated", said)
        self.assertEqual(self.tables(), [])
        self.manage("migrate", env={"SAVEPOINT": "0", **self.broken()})
        self.assertNotEqual(self.tables(), [])
        self.assertEqual(self.triggers(), [])

    def test_where_savepoint_is_missing_migrations_run(self):
        self.manage("migrate", env=self.without_savepoint())
        self.assertNotEqual(self.tables(), [])


class Rake(TemplateCase):
    """The tasks of Rails by their names; test_long_rails has the real ones."""

    RAKEFILE = """
namespace :db do
  task(:migrate) { sh "sqlite3 app.db 'CREATE TABLE more (x)'", verbose: false }
  task(:seed) { sh "sqlite3 app.db 'CREATE TABLE seeds (x)'", verbose: false }
  task(:version) { puts 5 }
  task(:prepare) { sh "sqlite3 app.db 'CREATE TABLE prepared (x)'", verbose: false }
  task("migrate:status") { puts "up" }
  task("migrate:primary") { sh "sqlite3 app.db 'CREATE TABLE one (x)'", verbose: false }
end
load "lib/tasks/savepoint.rake"
"""

    def setUp(self):
        super().setUp()
        self.write("Rakefile", self.RAKEFILE)
        self.write("lib/tasks/savepoint.rake", (TEMPLATES / "rails/savepoint.rake").read_text())
        self.database(script="CREATE TABLE t (v)", mode="delete")
        self.before = dump(self.root / "app.db")
        self.commit_all()

    def test_one_snapshot_is_taken_before_all_of_them(self):
        self.run_tool("rake", "db:version")
        self.assertEqual(self.triggers(), [])
        self.run_tool("rake", "db:migrate", "db:seed")
        self.assertEqual(self.triggers(), ["run:rails db:migrate"])
        self.savepoint("restore", "latest", "--yes")
        self.assertEqual(dump(self.root / "app.db"), self.before)

    def test_those_of_one_database_and_those_that_prepare_it_are_among_them(self):
        self.run_tool("rake", "db:migrate:status")
        self.assertEqual(self.triggers(), [])
        for name in ("db:prepare", "db:migrate:primary"):
            self.run_tool("rake", name)
            self.assertEqual(self.triggers()[-1], f"run:rails {name}")

    def test_without_a_snapshot_they_are_not_run(self):
        said = self.run_tool("rake", "db:migrate", expect=1, env=self.broken())
        self.assertIn("nothing was done", said)
        self.assertEqual(dump(self.root / "app.db"), self.before)

    def test_switched_off_or_missing_it_changes_nothing(self):
        self.run_tool("rake", "db:migrate", env={"SAVEPOINT": "0", **self.broken()})
        self.run_tool("rake", "db:seed", env=self.without_savepoint())
        self.assertEqual(len([line for line in dump(self.root / "app.db") if "TABLE" in line]), 3)
        self.assertEqual(self.triggers(), [])


class Scheduled(TemplateCase):
    def test_systemd_accepts_the_units_and_their_commands_do_what_they_say(self):
        units = self.top / "units"
        units.mkdir()
        instance = self.run_tool("systemd-escape", "--path", self.root).strip()
        commands = []
        for name in ("savepoint", "savepoint-check"):
            for kind in ("service", "timer"):
                text = (TEMPLATES / f"systemd/{name}@.{kind}").read_text()
                commands += re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
                # systemd looks for programs in the directories of the system only
                (units / f"{name}@{instance}.{kind}").write_text(text.replace("ExecStart=savepoint", f"ExecStart={BIN}/savepoint"))
        said = self.run_tool("systemd-analyze", "verify", "--man=no", "--user", *sorted(units.iterdir()), env={"SYSTEMD_UNIT_PATH": f"{units}:",
                             "XDG_RUNTIME_DIR": str(self.top)})
        self.assertNotIn("savepoint", said)
        for calendar in ("daily", "weekly"):
            self.run_tool("systemd-analyze", "calendar", calendar)
        self.assertEqual(len(commands), 4)
        for command in commands:
            self.run_tool(*shlex.split(command.replace("%f", str(self.root))), cwd="/")
        self.assertEqual(self.triggers(), ["timer"])

    def test_the_lines_for_cron_run_and_print_nothing_on_a_good_day(self):
        self.database(script="CREATE TABLE t (v)")
        lines = (TEMPLATES / "crontab").read_text().replace("/srv/shop", str(self.root)).splitlines()
        settings = dict(re.match(r"(\w+)=(.*)", line).groups() for line in lines if re.match(r"\w+=", line))
        settings["PATH"] = f"{BIN}:{settings['PATH']}"
        jobs = [re.match(r"(?:[\d*]+\s+){5}(.*)", line).group(1) for line in lines if re.match(r"[\d*]", line)]
        self.assertEqual(len(jobs), 3)
        for job in jobs:
            self.assertNotIn("%", job)  # which ends a command for cron
            self.assertEqual(self.run_tool("/bin/sh", "-c", job, cwd=self.top / "home", env=settings), "")
        self.assertEqual(self.triggers(), ["timer"])
        pack = next(file for file in (self.store / "packs").rglob("*") if file.is_file())
        pack.unlink()
        self.assertNotEqual(self.command("/bin/sh", "-c", jobs[1], cwd=self.top / "home", env=settings).code, 0)
        self.assertIn("found damage", self.command("/bin/sh", "-c", jobs[2], cwd=self.top / "home", env=settings).err)


class Actions(TemplateCase):
    def test_the_step_before_a_deploy_leaves_a_manifest_and_says_how_to_come_back(self):
        workflow = (TEMPLATES / "github-actions/deploy.yml").read_text()
        indented = re.search(r"run: \|\n((?: {10}.*\n)+)", workflow).group(1)
        script = self.top / "step.sh"
        script.write_text(re.sub(r"^ {10}", "", indented, flags=re.MULTILINE))
        self.database(script="CREATE TABLE t (v); INSERT INTO t VALUES ('secret')")
        self.commit_all()
        environment = {"GITHUB_SHA": "5" * 40, "GITHUB_OUTPUT": str(self.top / "output"), "GITHUB_STEP_SUMMARY": str(self.top / "summary"),
                       "RUNNER_TEMP": str(self.top),
                       "CI": "true", "GITHUB_ACTIONS": "true"}

        self.run_tool("bash", "--noprofile", "--norc", "-eo", "pipefail", script, env=environment)  # as the runner does

        (taken,) = self.savepoint("list", "--json").json["snapshots"]
        self.assertEqual([c["kind"] for c in taken["components"]], ["database"])
        self.assertEqual(taken["note"], "before " + "5" * 40)
        self.assertEqual((self.top / "output").read_text(), f"id={taken['id']}\n")
        self.assertIn(taken["id"], (self.top / "summary").read_text())
        self.assertIn(taken["id"], (self.top / "manifest.json").read_text())
        self.assertNotIn("secret", (self.top / "manifest.json").read_text())
        self.run_tool("bash", "--noprofile", "--norc", "-eo", "pipefail", script, env={**environment, **self.broken()}, expect=1)


@unittest.skipUnless(shutil.which("task"), "task (taskfile.dev) is not installed, and Debian does not have it")
class Task(TemplateCase):
    def test_tasks_do_what_their_names_say(self):
        self.write("Taskfile.yml", "version: '3'\nincludes:\n  savepoint: {taskfile: ./Taskfile.savepoint.yml, flatten: true}\n")
        self.write("Taskfile.savepoint.yml", (TEMPLATES / "Taskfile.savepoint.yml").read_text())
        task = shutil.which("task")
        self.run_tool(task, "backup", "--", "--tag", "here")
        self.write("code.txt", "after")
        self.run_tool(task, "restore", "SNAPSHOT=here", "--", "--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "before")


@unittest.skipUnless(shutil.which("just"), "just is not installed, and Debian 12 does not have it")
class Just(TemplateCase):
    def test_recipes_do_what_their_names_say(self):
        self.write("justfile", "import 'savepoint.just'\n")
        self.write("savepoint.just", (TEMPLATES / "savepoint.just").read_text())
        just = shutil.which("just")
        self.run_tool(just, "backup", "--tag", "here", "--note", "before the merge; $(touch made)")
        self.assertEqual(self.savepoint("show", "here", "--json").json["note"], "before the merge; $(touch made)")
        self.write("code.txt", "after")
        self.run_tool(just, "restore", "here", "--yes")
        self.assertEqual((self.root / "code.txt").read_text(), "before")


if __name__ == "__main__":
    unittest.main()
