"""A Rails project as Debian's Rails runs it, with the rake file of templates/ among its tasks."""
import pathlib
import shutil
import unittest

from frameworks import FrameworkCase
from harness import dump

TEMPLATES = pathlib.Path(__file__).resolve().parents[2] / "templates"
APPLICATION = """
require "rails"
require "active_record/railtie"

module Shop
  class Application < Rails::Application
    config.load_defaults 6.1
    config.eager_load = false
    config.secret_key_base = "a" * 64
    config.active_record.dump_schema_after_migration = false
  end
end
"""
FIRST = """
class First < ActiveRecord::Migration[6.1]
  def change
    create_table(:orders) { |t| t.string :what }
    reversible { |way| way.up { execute "INSERT INTO orders (what) VALUES ('apples')" } }
  end
end
"""
FAILING = """
class Failing < ActiveRecord::Migration[6.1]
  disable_ddl_transaction!
  def up
    execute "DELETE FROM orders"
    raise "half way"
  end
end
"""


class Rails(FrameworkCase):
    def setUp(self):
        super().setUp()
        self.assertIsNotNone(shutil.which("rails"), "rails is not installed; './dev test --long' does that")
        self.write(".gitignore", "*.sqlite3*\nlog/\ntmp/\n")
        self.write("config/application.rb", APPLICATION)
        self.write("config/environment.rb", 'require_relative "application"\nRails.application.initialize!\n')
        self.write("config/database.yml", "development:\n  adapter: sqlite3\n  database: development.sqlite3\n")
        self.write("Rakefile", 'require_relative "config/application"\nRails.application.load_tasks\n')
        self.write("db/migrate/20240101000000_first.rb", FIRST)
        self.write("lib/tasks/savepoint.rake", (TEMPLATES / "rails/savepoint.rake").read_text())
        self.commit_all()

    def orders(self):
        return [line for line in dump(self.root / "development.sqlite3") if "INSERT INTO \"orders\"" in line]

    def test_what_changes_the_database_is_preceded_by_a_snapshot(self):
        self.run_checked("rake", "db:version")
        self.assertEqual(self.triggers(), [])
        self.run_checked("rake", "db:migrate")
        self.assertEqual(len(self.orders()), 1)
        self.write("db/migrate/20240102000000_failing.rb", FAILING)

        self.assertNotEqual(self.command("rake", "db:migrate").code, 0)

        self.assertEqual(self.orders(), [])
        self.assertEqual(self.triggers(), ["run:rails db:migrate"] * 2)
        self.savepoint("restore", "latest", "--only", "database", "--yes")
        self.assertEqual(len(self.orders()), 1)
        self.run_checked("rake", "db:rollback")
        self.assertEqual(self.triggers()[-1], "run:rails db:rollback")

    def test_one_of_several_databases_is_preceded_by_a_snapshot_and_so_is_what_prepares_all(self):
        self.write("config/database.yml", "development:\n" + "".join(
            f"  {name}:\n    adapter: sqlite3\n    database: {file}.sqlite3\n" for name, file in (("primary", "development"), ("other", "other"))))
        for name in ("db:prepare", "db:rollback:primary", "db:migrate:primary", "db:migrate:down:primary", "db:drop:other"):
            self.run_checked("rake", name, "VERSION=20240101000000")
            self.assertEqual(self.triggers()[-1], f"run:rails {name}")
        self.run_checked("rake", "db:migrate:status:primary")
        self.assertEqual(len(self.triggers()), 5)

    def test_without_a_snapshot_nothing_is_migrated(self):
        failed = self.command("rake", "db:migrate", env={"SAVEPOINT_STORE": "/dev/null/store"})
        self.assertEqual(failed.code, 1)
        self.assertIn("nothing was done", failed.err)
        self.assertFalse((self.root / "development.sqlite3").exists())


if __name__ == "__main__":
    unittest.main()
