"""The pages of the documentation as tests see them: blocks of commands with what they print, files, links.

A page is written for people; what a test has to know beside it stands in HTML comments, which are not shown:

    <!-- setup: shop -->           a new scratch project from here on (setups.py makes it); without one, an empty directory
    <!-- file: savepoint.json -->  the next block is written into that file
    <!-- run: COMMAND -->          what happened before the next block, such as a mistake; it has to succeed
    <!-- answer: y -->             the commands of the next block run at a terminal, and their questions are answered so
    <!-- not run: WHY -->          the next block is left alone, for this reason

A block ```sh is a script that has to succeed. A block ```console has commands behind `$ `, and behind each what it prints;
the lines after a command that ends in a backslash, or that begin with `> `, belong to it. Where no command of a block shows
what it prints, they only have to succeed. A command may fail if the next one is `echo $?`. In what is printed, `...` stands for any text, and on a line of its own for any lines.
Ids of snapshots, sizes, times and durations are as good as any others of their kind.
"""
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^( *)(`{3,})([\w-]*) *$")
_COMMENT = re.compile(r"^<!-- (setup|file|run|answer|not run): (.*?) -->$")
_HEADING = re.compile(r"^#+ +(.*?) *#*$")


@dataclasses.dataclass
class Command:
    line: int
    text: str
    printed: list = dataclasses.field(default_factory=list)
    may_fail: bool = False
    shown: bool = True


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int
    language: str
    text: str
    marks: dict

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_commands(self):
        return self.language in ("console", "sh") and "file" not in self.marks

    @property
    def runs(self):
        return self.is_commands and "not run" not in self.marks

    def commands(self):
        if self.language == "sh":
            return [Command(self.line + 1, self.text)]
        found = []
        for number, line in enumerate(self.text.splitlines(), self.line + 1):
            if line.startswith("$ "):
                found.append(Command(number, line[2:]))
            elif not found:
                raise ValueError(f"{self}: a console begins with a command")
            elif line.startswith("> ") or found[-1].text.endswith("\\") and not found[-1].printed:
                found[-1].text += "\n" + line.removeprefix("> ")
            else:
                found[-1].printed.append(line)
        for command, following in zip(found, found[1:]):
            command.may_fail = following.text.startswith("echo $?")
        return found

    @property
    def shows_what_is_printed(self):
        return self.language == "console" and any(command.printed for command in self.commands())


def blocks(page):
    """The fenced blocks of a page, each with the marks in front of it. `setup` holds for all that follow it."""
    marks, opened, start, lines = {}, None, 0, []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        if opened and fence and fence[2] == opened[2] and not fence[3]:
            indent = len(opened[1])
            yield Block(page, start, opened[3], "".join(text[indent:] + "\n" for text in lines), marks)
            opened, marks = None, {}
        elif opened:
            lines.append(line)
        elif fence:
            opened, start, lines = fence, number, []
        elif mark := _COMMENT.match(line):
            if mark[1] == "run":
                mark = (mark[0], "run", [*marks.get("run", []), mark[2]])
            marks = {**marks, mark[1]: mark[2]}
    if opened:
        raise ValueError(f"{page}:{start}: this block has no end")


def without_blocks(text):
    """The text of a page without code, with as many lines."""
    text = re.sub(r"^( *)(`{3,}).*?^ *\2 *$", lambda found: "\n" * found[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"(`+).+?\1", "", text)


def anchors(page):
    """What GitHub calls the headings of a page."""
    result = {}
    text = re.sub(r"^( *)(`{3,}).*?^ *\2 *$", "", page.read_text(), flags=re.M | re.S)
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            count = result.setdefault(name, 0)
            result[name] += 1
            if count:
                result[f"{name}-{count}"] = 1
    return set(result) | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def links(page):
    """(line, target) of every link and picture on a page."""
    for number, line in enumerate(without_blocks(page.read_text()).splitlines(), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            yield number, target
        for target in re.findall(r'(?:src|srcset|href)="([^"]+)"', line):
            yield number, target


# What is another one each time.
_VOLATILE = [
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{4,}\b"), "ID"),
    (re.compile(r"\b(savepoint restore|savepoint show|savepoint undo|as) [0-9a-f]{4,6}\b"), r"\1 ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?(Z| UTC)?"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?(B|KiB|MiB|GiB|bytes?)(?!\w)"), "SIZE"),
    (re.compile(r"\b(\d+(\.\d+)? (ms|s|min|h|seconds?|minutes?|hours?|days?)( ago)?|just now)(?!\w)"), "DURATION"),
    (re.compile(r"\bsavepoint-kept/[0-9a-f]+/[0-9a-f]+"), "KEPT"),
    (re.compile(r"(\bat |\bcommit |@)[0-9a-f]{7,40}\b"), r"\1COMMIT"),
    (re.compile(r"\b[0-9a-f]{10}\b|\b[0-9a-f]{40}\b"), "COMMIT"),
]


def settled(line):
    """The line with a word in the place of everything that is another one each time."""
    for pattern, word in _VOLATILE:
        line = pattern.sub(word, line)
    return re.sub(r"\s+", " ", line.rstrip())


def agrees(expected, printed):
    """Whether the lines printed are those that a page shows."""
    wanted, given = ("\n".join(map(settled, lines)).strip("\n").split("\n") for lines in (expected, printed))
    pattern = ""
    for line in wanted:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in given)) is not None
