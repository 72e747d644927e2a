"""What is measured on: made once, kept in the cache of the user."""
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys

NPM_PACKAGES = ["next@15", "react@19", "react-dom@19", "@angular/cli@19", "@angular/core@19", "typescript@5", "eslint@9", "webpack@5",
                "@babel/preset-env@7", "jest@29", "@mui/material@6", "@mui/icons-material@6", "date-fns@4", "@tabler/icons@3", "firebase@11",
                "googleapis@144", "core-js@3", "rxjs@7", "@aws-sdk/client-s3@3"]
WORDS = ("the of and to in for is on that by this with you it not or be are from at as your all have new more an was we will home can us about if page my has "
         "search free but our one other do no information time they site he up may what which their news out use any there see only so his when contact here "
         "business who web also now help get view online first been would how were services some these click its like service than find price date back top people "
         "list name just over state year day into email two health world next used go work last most products music buy data make them should product system post "
         "her city add policy number such please available copyright support message after best software then good video well where info rights public books high "
         "school through each links she review years order very privacy book items company read group need many user said does set under general research university "
         "january mail full map reviews program life know games way days management part could great united hotel real item international center").split()


class Corpora:
    def __init__(self, top):
        self.top = top

    def made(self, name, make):
        """The directory of that name; `make` fills it if it is not there yet."""
        target = self.top / name
        if not target.exists():
            print(f"making {name}", file=sys.stderr)
            partial = self.top / f"{name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            make(partial)
            partial.rename(target)
        return target

    def linux(self):
        return self.made("linux", unpack_linux)

    def npm(self):
        return self.made("npm-95000", install_packages)

    def sqlite(self, name, rows):
        """base.db and what became of it: twenty rows changed, a hundredth of them all over the file, and a hundredth added."""
        return self.made(f"sqlite-{name}", lambda directory: make_databases(directory, rows))


def unpack_linux(directory):
    subprocess.run(["tar", "-C", directory, "--strip-components=1", "-xf", "/usr/src/linux-source-6.1.tar.xz"], check=True)
    ignore = directory / ".gitignore"  # Debian's ends in a pattern that ignores everything
    ignore.write_text(ignore.read_text().split("\n/*\n")[0] + "\n")
    make_repository(directory)


def install_packages(directory):
    (directory / "package.json").write_text('{"private": true}\n')
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", *NPM_PACKAGES],
                   cwd=directory, check=True)
    (directory / "node_modules").rename(directory / "packages")  # as sources: nobody ignores them
    make_repository(directory)


def make_repository(directory):
    for arguments in (["init", "-q", "-b", "main", "."], ["config", "user.name", "Bench"], ["config", "gc.auto", "0"],
                      ["config", "core.untrackedCache", "false"], ["config", "user.email", "bench@example.org"],
                      ["add", "-A", "-f"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=directory, check=True)


def sentence(chance, length):
    return " ".join(chance.choices(WORDS, k=length))


def make_databases(directory, rows):
    base = directory / "base.db"
    make_database(base, rows)
    for name, change in (("twenty", change_rows(20, rows)), ("scattered", change_rows(rows // 100, rows)), ("appended", append_rows(rows))):
        shutil.copyfile(base, directory / f"{name}.db")
        connection = sqlite3.connect(directory / f"{name}.db")
        change(connection, random.Random(11))
        connection.commit()
        connection.close()


def add_articles(connection, chance, begin, end):
    connection.executemany("INSERT INTO articles (slug, title, body, author, views, changed) VALUES (?, ?, ?, ?, ?, ?)", articles(chance, begin, end))


def articles(chance, begin, end):
    for number in range(begin, end):
        yield (f"{number}-{'-'.join(chance.choices(WORDS, k=4))}", sentence(chance, 8), sentence(chance, chance.randrange(30, 160)),
               f"{chance.choice(WORDS)}.{chance.choice(WORDS)}@example.org", chance.randrange(100_000),
               f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:00:00Z")


def change_rows(count, rows):
    def change(connection, chance):
        for number in chance.sample(range(1, rows + 1), count):
            connection.execute("UPDATE articles SET views = views + 1, title = ? WHERE id = ?", (sentence(chance, 8), number))
    return change


def append_rows(rows):
    def change(connection, chance):
        add_articles(connection, chance, rows, rows + rows // 100)
    return change


def changed_pages(before, after, page=4096):
    """The pages of a database that are not what they were, one after the other."""
    with open(before, "rb") as old, open(after, "rb") as new:
        while chunk := new.read(page):
            if chunk != old.read(page):
                yield chunk


def small_project(directory, chance=random.Random(3)):
    """Sources and an SQLite database, some 50 MB, as a git repository."""
    for number in range(900):
        file = directory / f"src/part{number // 30}/file{number}.ts"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(f"export const value{line} = '{sentence(chance, 6)}';" for line in range(chance.randrange(20, 300))))
    (directory / ".gitignore").write_text("*.db\n")
    make_database(directory / "app.db", 54_000)
    make_repository(directory)


def make_database(file, rows):
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA page_size = 4096")
    connection.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, title TEXT, body TEXT, author TEXT, views INTEGER, changed TEXT)")
    connection.execute("CREATE INDEX by_author ON articles (author, changed)")
    add_articles(connection, random.Random(7), 0, rows)
    connection.commit()
    connection.close()


def touch_rows(file, count, number):
    """Changes so many rows, others with each number."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT max(id) FROM articles").fetchone()[0]
    change_rows(count, rows)(connection, random.Random(number))
    connection.commit()
    connection.close()


def default_directory(environment):
    return pathlib.Path(environment.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "savepoint-bench"
