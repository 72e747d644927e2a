"""The scratch projects that pages speak of. Each function gets the scratch place and leaves a project in place.root."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pages

sys.path.insert(0, os.fspath(pages.ROOT / "tests/integration"))
sys.path.insert(0, os.fspath(pages.ROOT / "tests/quickstart"))
import make_project  # noqa: E402  the shop of the quickstart
from harness import BIN  # noqa: E402
from servers import Postgres  # noqa: E402

PYTHON = "/usr/bin/python3"  # the one that Debian's Django belongs to


class Missing(Exception):
    """A program that a page needs is not installed."""


class Place:
    """A home of its own with a project in it, and the environment that commands see. Pages call the home /home/me."""

    def __init__(self, setup):
        self.closing = contextlib.ExitStack()
        top = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-docs-", dir=os.environ.get("SAVEPOINT_TEST_DIR")))
        self.closing.callback(shutil.rmtree, top, ignore_errors=True)
        self.home = top / "home"
        self.root = self.home / "shop"
        self.root.mkdir(parents=True)
        self.environment = {"PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin", "HOME": os.fspath(self.home), "LC_ALL": "C.UTF-8",
                            "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", "PAGER": "cat", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
        (self.home / ".gitconfig").write_text("[user]\n\tname = Me\n\temail = me@example.org\n[init]\n\tdefaultBranch = main\n"
                                              "[advice]\n\tdetachedHead = false\n")
        try:
            KINDS[setup](self)
        except BaseException:
            self.closing.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.close()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, *words):
        done = subprocess.run(words, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words}:\n{done.stdout}")

    def commit_all(self):
        if not (self.root / ".git").exists():
            self.run("git", "init", "-q", ".")
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "-m", "all")


def nothing(place):
    """An empty directory."""


def shop(place):
    """The web application of ./dev quickstart: sources, an SQLite database, .env.local, work in progress."""
    make_project.main(place.root)


def counter(place):
    """A few files under git, and an SQLite database that git ignores."""
    place.write("app.py", "print('hello')\n")
    place.write(".gitignore", "*.db\n.env\n/build/\n/node_modules/\n")
    place.write(".env", "SECRET_KEY=not-for-anybody-else\n")
    place.run("sqlite3", "app.db", "CREATE TABLE orders (id INTEGER PRIMARY KEY, what TEXT); INSERT INTO orders (what) VALUES ('tea'), ('bread'), ('cheese');")
    place.commit_all()


def django(place):
    """A Django project on PostgreSQL, reached by DATABASE_URL in .env, with one migration to come."""
    server = Postgres()
    place.closing.callback(server.close)
    server.create("shop")
    (place.home / "bin").mkdir()
    (place.home / "bin/python3").symlink_to(PYTHON)
    place.environment["PATH"] = f"{place.home}/bin:{place.environment['PATH']}"
    place.write(".env", f"DATABASE_URL={server.url('shop')}\nTEST_DATABASE_URL={server.url('shop_test')}\n")
    place.write(".gitignore", ".env\n__pycache__/\n")
    place.run(PYTHON, "-m", "django", "startproject", "shop", ".")
    settings = place.root / "shop/settings.py"
    text = settings.read_text().replace("INSTALLED_APPS = [", "INSTALLED_APPS = [\n    'orders',")
    settings.write_text(text + f"""
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop', 'USER': 'app', 'PASSWORD': 'open-sesame',
                          'HOST': '127.0.0.1', 'PORT': '{server.port}'}}}}
""")
    place.write("orders/__init__.py", "")
    place.write("orders/migrations/__init__.py", "")
    place.write("orders/models.py", "from django.db import models\n\n\nclass Order(models.Model):\n    what = models.TextField()\n")
    place.run(PYTHON, "manage.py", "makemigrations", "orders")
    place.run(PYTHON, "manage.py", "migrate")
    server.sql("INSERT INTO orders_order (what) VALUES ('tea'), ('bread'), ('cheese')", "shop")
    place.write("orders/migrations/0002_customers.py", """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('orders', '0001_initial')]
    operations = [
        migrations.RunSQL('DELETE FROM orders_order'),
        migrations.RunSQL('ALTER TABLE orders_order ADD COLUMN customer integer NOT NULL REFERENCES customers'),
    ]
    atomic = False
""")
    place.commit_all()


def cmake(place):
    """A project whose build finds the package of CMake, as `cmake --install` puts it somewhere."""
    prefix = place.home / "prefix"
    subprocess.run(["cmake", "--install", BIN.parent, "--prefix", prefix, "--strip"], check=True, stdout=subprocess.DEVNULL)
    place.environment["CMAKE_PREFIX_PATH"] = os.fspath(prefix)
    place.environment["PATH"] = f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin"
    counter(place)


def npm(place):
    """A project of npm in which the package is installed, and the executables are on PATH."""
    if shutil.which("npm") is None:
        raise Missing("npm is not installed")
    place.environment["PATH"] = f"{BIN}:{pathlib.Path(shutil.which('npm')).parent}:/usr/local/bin:/usr/bin:/bin"
    place.environment.update(npm_config_update_notifier="false", npm_config_offline="true")
    counter(place)
    place.write("package.json", """{
  "name": "shop",
  "private": true,
  "scripts": {
    "migrate": "knex migrate:latest"
  }
}
""")
    place.write("node_modules/.bin/knex", "#!/bin/sh\nsqlite3 app.db \"ALTER TABLE orders ADD COLUMN customer\"\n")
    (place.root / "node_modules/.bin/knex").chmod(0o755)
    (place.root / "node_modules/savepoint").symlink_to(pages.ROOT)
    (place.root / "node_modules/.bin/savepoint").symlink_to("../savepoint/tools/npm/launcher.js")
    place.commit_all()


KINDS = {function.__name__: function for function in (nothing, shop, counter, django, cmake, npm)}
