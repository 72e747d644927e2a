"""What --help says. help.py RULE BIN; SAVEPOINT_ACCEPT=1 rewrites the golden files."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path.cwd()
PAGES = {
    "savepoint": ["savepoint", "savepoint init", "savepoint status", "savepoint doctor", "savepoint completion"],
    "savepoint-snapshot": ["savepoint snapshot"],
    "savepoint-manifest": ["savepoint manifest", "savepoint manifest rebuild"] + [
        f"savepoint {name}" for name in
        ("list", "show", "files", "diff", "verify", "export", "pin", "unpin", "tag", "note", "log")],
    "savepoint-restore": ["savepoint restore", "savepoint undo", "savepoint recover"],
    "savepoint-run": ["savepoint run"],
    "savepoint-hooks": ["savepoint hooks"] + [f"savepoint hooks {name}" for name in ("install", "uninstall", "status", "follow", "run")],
    "savepoint-guard": ["savepoint guard"],
    "savepoint-prune": ["savepoint prune"],
    "savepoint-ui": ["savepoint ui"],
    "trust": ["savepoint trust"],
}


def help_of(command):
    words = command.split()
    done = subprocess.run([pathlib.Path(sys.argv[2]) / words[0], *words[1:], "--help"],
                          capture_output=True, text=True, check=True)
    return done.stdout


def documented():
    """Every option of every command stands on its page, and every page's options exist."""
    common = set(re.findall(r"--[a-z][a-z-]*", (ROOT / "docs/commands/savepoint.md").read_text()))
    for page, commands in PAGES.items():
        text = (ROOT / f"docs/commands/{page}.md").read_text()
        written = set(re.findall(r"--[a-z][a-z-]*", text))
        offered = set()
        for command in commands:
            said = help_of(command)
            offered |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said))
            for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", said, re.M):
                if option not in written | common:
                    yield f"docs/commands/{page}.md does not say what {option} of '{command}' does"
        if page != "savepoint":
            for option in written - offered:
                yield f"docs/commands/{page}.md has {option}, which no command of it takes"


def golden():
    """Help stays as it is until somebody decides otherwise."""
    for commands in PAGES.values():
        for command in commands:
            file = ROOT / "tests/golden/help" / (command.replace(" ", "-") + ".txt")
            said = help_of(command)
            if os.environ.get("SAVEPOINT_ACCEPT"):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(said)
            elif not file.exists() or file.read_text() != said:
                yield f"'{command} --help' differs from {file.relative_to(ROOT)}:\n{said}"


def commands_below(words=("savepoint",)):
    """Every command that can be typed, as the executables themselves name them."""
    yield " ".join(words)
    for line in ask(words, "words").splitlines():
        kind, name, *_ = line.split("\t")
        if kind == "command":
            yield from commands_below((*words, name))


def ask(words, form):
    done = subprocess.run([pathlib.Path(sys.argv[2]) / words[0], *words[1:], f"--help={form}"], capture_output=True, text=True, check=True)
    return done.stdout


def plain(page):
    """A manual page without the marks of roff."""
    page = re.sub(r"\\f[BIR]|\\&", "", page)
    for mark, letter in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ga", "`"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\e", "\\")):
        page = page.replace(mark, letter)
    return page


def manual():
    """Every command has a golden help text, a page of docs/commands, and a manual page that says the same."""
    known = {command for commands in PAGES.values() for command in commands}
    for command in commands_below():
        if command.replace("savepoint manifest ", "savepoint ") not in known and command not in known:
            yield f"'{command}' has no page in docs/commands"
        said, page = help_of(command), ask(command.split(), "man")
        listed = re.findall(r"^  (\S.*?)  +(\S.*)$", said.split("\nexample:")[0], re.M)
        if not listed:
            yield f"'{command} --help' lists nothing, so nothing was compared"
        for names, text in listed:
            if f".TP\n{names}\n{text}\n" not in plain(page):
                yield f"the manual page of '{command}' does not say: {names}: {text}"
        usage = said.split("\n", 1)[0].removeprefix("usage: ")
        if f".SH SYNOPSIS\n{usage}\n" not in plain(page):
            yield f"the manual page of '{command}' does not say: {usage}"
        for checker in (["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-z"], ["mandoc", "-Tlint", "-Wwarning"]):
            if shutil.which(checker[0]):
                checked = subprocess.run(checker, input=page, capture_output=True, text=True)
                complaints = [line for line in (checked.stdout + checked.stderr).splitlines() if "missing date" not in line]
                if complaints:
                    yield f"{checker[0]} does not like the manual page of '{command}': {complaints}"


if __name__ == "__main__":
    wrong = list(globals()[sys.argv[1]]())
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
