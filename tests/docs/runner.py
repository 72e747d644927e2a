"""Runs the commands of a page, in its order and in one shell, and compares what they print with what the page shows."""
import dataclasses
import os
import pathlib
import re
import subprocess

import pages

AT_TERMINAL = pathlib.Path(__file__).with_name("at_terminal.py")
_MARK = "\x1e"


@dataclasses.dataclass
class Part:
    """What of a page happens in one scratch project."""
    page: pathlib.Path
    setup: str
    blocks: list

    def __str__(self):
        return f"{self.page.relative_to(pages.ROOT)}, {self.setup}"


def parts(page):
    found = [Part(page, "nothing", [])]
    for block in pages.blocks(page):
        if "setup" in block.marks:
            found.append(Part(page, block.marks["setup"], []))
        found[-1].blocks.append(block)
    return [part for part in found if any(block.runs for block in part.blocks)]


def left_alone(page):
    """(block, reason) of what cannot run."""
    return [(block, block.marks["not run"]) for block in pages.blocks(page) if "not run" in block.marks]


def _quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def script_of(part):
    """The part as a script for bash, and its commands in the same order; a mark, the number and the exit code follow what each prints."""
    script, commands = [], []
    def add(block, command, text):
        script.append(f"{text}\n__code=$?; printf '\\n{_MARK}%d %d\\n' {len(commands)} $__code; (exit $__code)")
        commands.append((block, command))

    for block in part.blocks:
        for text in block.marks.get("run", []):
            add(block, pages.Command(block.line, text, shown=False), text)
        if "file" in block.marks:
            name = _quoted(block.marks["file"])
            script.append(f'mkdir -p "$(dirname {name})" && printf %s {_quoted(block.text)} >{name}')
        elif block.runs:
            for command in block.commands():
                text = command.text
                if "answer" in block.marks:
                    text = f'"$AT_TERMINAL" {_quoted(block.marks["answer"])} {_quoted(text)}'
                elif block.language == "sh":
                    text = f"( set -e\n{text}\n)"
                add(block, command, text)
    return "\n".join(script) + "\n", commands


@dataclasses.dataclass
class Difference:
    """A command that does not do what its page says."""
    block: pages.Block
    command: pages.Command
    code: int
    printed: list

    def __str__(self):
        where = f"{self.block.page.relative_to(pages.ROOT)}:{self.command.line}: $ {self.command.text}"
        said, shown = ("\n".join(f"    {line}" for line in lines) for lines in (self.printed, self.command.printed))
        if self.failed:
            return f"{where}\n  ends with exit code {self.code}:\n{said}"
        return f"{where}\n  prints\n{said}\n  and the page shows\n{shown}"

    @property
    def failed(self):
        return self.code != 0 and not self.command.may_fail

    @property
    def prints_something_else(self):
        return self.command.shown and self.block.shows_what_is_printed and not pages.agrees(self.command.printed, self.printed)

    def accept(self):
        """Has the page show what is printed. Of several on a page the last one comes first."""
        lines = self.block.page.read_text().split("\n")
        start = self.command.line + self.command.text.count("\n")
        gap = [""] if self.command.printed and not self.command.printed[-1] else []
        lines[start:start + len(self.command.printed)] = self.printed + gap
        self.block.page.write_text("\n".join(lines))


def run(part, directory, environment, rename=(), prefix=()):
    """What is wrong with a part: differences, none if all is well. `rename` has (path, what pages call it); `prefix` goes before bash, and leads to where `directory` is."""
    script, commands = script_of(part)
    script = f"cd {_quoted(os.fspath(directory))} || exit\n{script}"
    environment = {"AT_TERMINAL": os.fspath(AT_TERMINAL), **environment}
    done = subprocess.run([*prefix, "bash", "-c", script], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=900, check=False)
    output = done.stdout
    for path, name in rename:
        output = output.replace(os.fspath(path), name)
    pieces = re.split(rf"\n?\n{_MARK}(\d+) (\d+)\n", "\n" + output)
    ended = {int(number): (int(code), said) for said, number, code in zip(pieces[0::3], pieces[1::3], pieces[2::3])}
    wrong = []
    for number, (block, command) in enumerate(commands):
        if number not in ended:
            wrong.append(Difference(block, command, done.returncode or 1, ["(is never over)", *pieces[-1].split("\n")]))
            break
        code, said = ended[number]
        lines = said.strip("\n").replace("\r", "").split("\n") if said.strip("\n") else []
        found = Difference(block, command, code, lines)
        if found.failed or found.prints_something_else:
            wrong.append(found)
            if found.failed:
                break  # what follows would only fail because of it
    return wrong
