"""A knex project with PostgreSQL. Its packages come from the npm registry: without that the test fails."""
import json
import pathlib
import shutil
import subprocess
import unittest

from frameworks import FrameworkCase
from servers import Postgres

KNEXFILE = """
module.exports = {
  development: {
    client: 'pg',
    connection: {
      host: process.env.DB_HOST || '127.0.0.1',
      port: %d,
      user: 'app',
      password: process.env.DB_PASSWORD,
      database: 'shop',
    },
    migrations: { directory: './migrations' },
  },
  production: {
    client: 'pg',
    connection: process.env.PRODUCTION_URL,
  },
};
"""
FIRST = """
exports.up = async (knex) => {
  await knex.schema.createTable('customers', (table) => {
    table.increments();
    table.string('name');
  });
  await knex.schema.createTable('orders', (table) => {
    table.increments();
    table.string('what');
    table.integer('customer').references('customers.id');
    table.jsonb('details');
    table.timestamps(true, true);
  });
};
exports.down = (knex) => knex.schema.dropTable('orders').dropTable('customers');
"""
SECOND = """
exports.up = (knex) => knex('customers').insert({ name: 'Zoë' });
exports.down = (knex) => knex('customers').delete();
"""
DESTRUCTIVE = """
exports.up = async (knex) => {
  await knex('orders').whereNot({ what: 'pears' }).delete();
  await knex.schema.alterTable('orders', (table) => table.dropColumns('customer', 'details'));
  await knex.schema.dropTable('customers');
};
exports.down = () => { throw new Error('there is no way back'); };
"""
APPLICATION = """
const knex = require('knex')(require('./knexfile').development);

const commands = {
  orders: () => knex('orders').orderBy('id'),
  applied: () => knex('knex_migrations').orderBy('id').pluck('name'),
  pending: async () => (await knex.migrate.list())[1],
  add: async (what) => {
    const customer = await knex('customers').where({ name: 'Zoë' }).first();
    return knex('orders').insert({ what, customer: customer.id, details: { paid: 12.5 } });
  },
};

commands[process.argv[2]](process.argv[3])
  .then((result) => console.log(JSON.stringify(result)))
  .finally(() => knex.destroy());
"""


class Knex(FrameworkCase):
    def setUp(self):
        super().setUp()
        npm = shutil.which("npm")
        self.assertIsNotNone(npm, "npm is not installed; './dev test --long' does that")
        self.environment["PATH"] += f":{pathlib.Path(npm).parent}"
        self.write("package.json", '{"name": "shop", "version": "1.0.0", "private": true}\n')
        self.write(".gitignore", "node_modules/\n")
        self.write("app.js", APPLICATION)
        self.write("migrations/20240101000000_first.js", FIRST)
        self.write("migrations/20240102000000_second.js", SECOND)
        # With the environment of whoever runs the tests: proxies and registries are set there.
        installed = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1",
                                    "--fetch-timeout=60000", "knex@3", "pg@8"], cwd=self.root, text=True, check=False,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(installed.returncode, 0,
                         f"npm cannot install knex and pg; can the registry be reached?\n{installed.stdout}")

    def application(self, *arguments):
        return json.loads(self.run_checked("node", "app.js", *arguments))

    def migrate(self):
        self.run_checked(self.root / "node_modules/.bin/knex", "migrate:latest")

    def migrations(self):
        return self.application("applied")

    def orders(self):
        return self.application("orders")

    def add_order(self, what):
        self.application("add", what)

    def make_destructive_migration(self):
        self.write("migrations/20240103000000_destructive.js", DESTRUCTIVE)

    def is_up_to_date(self):
        return self.application("pending") == []

    def test_on_postgresql(self):
        server = Postgres()
        self.addCleanup(server.close)
        server.create("shop")
        self.write("knexfile.js", KNEXFILE % server.port)
        self.environment["DB_PASSWORD"] = "open-sesame"

        self.go_through("shop", r"knexfile\.js:\d+")

        self.assertEqual(server.databases(), {"postgres", "shop"})


if __name__ == "__main__":
    unittest.main()
