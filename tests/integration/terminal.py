"""A real pseudo-terminal for tests: a program runs in it, keys are pressed, and what its user would see is read from a screen of a size."""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
import unicodedata

from harness import BIN, Case

UP, DOWN, ENTER, ESCAPE, BACKSPACE, INTERRUPT = "\x1b[A", "\x1b[B", "\r", "\x1b", "\x7f", "\x03"
PATIENCE = 60  # seconds after which what was waited for is missing


def columns(letter):
    """As the terminals of our time have it."""
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def width(text):
    return sum(map(columns, text))


class Screen:
    """What the user of a terminal sees: the few codes that savepoint sends are known, and any other is a mistake."""
    CODE = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b([()]B|[=>])")

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.lines, self.row, self.column = [[]], 0, 0
        self.raw, self.pending, self.modes, self.main = "", "", set(), None

    def feed(self, text):
        self.raw += text
        text, self.pending = self.pending + text, ""
        at = 0
        while at < len(text):
            letter = text[at]
            if letter == "\x1b":
                code = self.CODE.match(text, at)
                if not code:
                    assert len(text) - at < 32, f"an unknown code: {text[at:at + 32]!r}"
                    self.pending = text[at:]
                    return
                self.obey(*code.groups())
                at = code.end()
                continue
            at += 1
            if letter == "\r":
                self.column = 0
            elif letter == "\n":
                self.go_to(self.row + 1, self.column)
            elif letter == "\b":
                self.column = max(0, self.column - 1)
            elif letter == "\t":
                self.column = min(self.width - 1, self.column // 8 * 8 + 8)
            elif letter != "\a":
                self.put(letter)

    def go_to(self, row, column):
        self.row, self.column = row, column
        while len(self.lines) <= self.row:
            self.lines.append([])

    def put(self, letter):
        taken = columns(letter)
        line = self.lines[self.row]
        if taken == 0:
            if self.column and self.column <= len(line):
                line[self.column - 1] += letter
            return
        if self.column + taken > self.width:
            self.go_to(self.row + 1, 0)
            line = self.lines[self.row]
        line.extend([" "] * (self.column + taken - len(line)))
        line[self.column:self.column + taken] = [letter] + [""] * (taken - 1)
        self.column += taken

    def obey(self, private, numbers, letter, other):
        if other or letter == "m":
            return
        number = int(numbers.split(";")[0] or 0) if numbers else 0
        if private:
            assert letter in "hl", letter
            (self.modes.add if letter == "h" else self.modes.discard)(number)
            if number == 1049 and letter == "h":
                self.main, self.lines, self.row, self.column = (self.lines, self.row, self.column), [[]], 0, 0
            elif number == 1049 and self.main:
                (self.lines, self.row, self.column), self.main = self.main, None
        elif letter == "K":
            del self.lines[self.row][self.column if number == 0 else 0:]
        elif letter == "J":
            if number == 2:
                self.lines = [[] for _ in self.lines]
            else:
                del self.lines[self.row][self.column:], self.lines[self.row + 1:]
        elif letter == "H":
            row, column = (list(map(int, numbers.split(";"))) if numbers else [1, 1])
            self.go_to(row - 1, column - 1)
        else:
            raise AssertionError(f"an unknown code: {private}{numbers}{letter}")

    @property
    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip("\n")


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, arguments, cwd, environment, columns, lines, stdout=None):
        self.screen = Screen(columns, lines)
        self.decoder = b""
        self.child, self.file = pty.fork()
        if self.child == 0:
            os.chdir(cwd)
            size = struct.pack("HHHH", lines, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            if stdout:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT), 1)
            os.execvpe(arguments[0], list(map(os.fspath, arguments)), environment)
        self.status = None

    def resize(self, columns, lines):
        self.screen.width, self.screen.height = columns, lines
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, until):
        """Reads what comes. Returns False at the end."""
        ready, _, _ = select.select([self.file], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise AssertionError(f"nothing came any more. The screen:\n{self.screen.text}\nall: {self.screen.raw!r}")
        try:
            piece = os.read(self.file, 65536)
        except OSError:
            return False
        self.decoder += piece
        end = len(self.decoder)
        while end > max(0, len(self.decoder) - 4):
            try:
                text = self.decoder[:end].decode()
                break
            except UnicodeDecodeError:
                end -= 1
        else:
            text = self.decoder[:end].decode(errors="replace")
        self.decoder = self.decoder[end:]
        self.screen.feed(text)
        return piece != b""

    def wait_for(self, text):
        """Waits until a text (or what a function says of the screen) is to be seen."""
        until = time.monotonic() + PATIENCE
        seen = text if callable(text) else lambda screen: text in screen
        # What has a screen of its own sends it as a whole.
        while not (seen(self.screen.text) and (1049 not in self.screen.modes or self.screen.raw.endswith("\x1b[J"))):
            if not self.read(until):
                raise AssertionError(f"it ended without {text!r}. The screen:\n{self.screen.text}\nall: {self.screen.raw!r}")
        return self.screen.text

    def press(self, *keys):
        for key in keys:
            os.write(self.file, key.encode())

    def modes(self):
        """Of the line discipline: whether it echoes, and whether it waits for whole lines."""
        flags = termios.tcgetattr(self.file)[3]
        return bool(flags & termios.ECHO), bool(flags & termios.ICANON)

    def finish(self):
        """Waits for the end; returns the exit code, or 128 and the number of the signal."""
        until = time.monotonic() + PATIENCE
        while self.read(until):
            pass
        self.close()
        return self.status

    def close(self):
        if self.status is None:
            self.left = self.modes()
            os.close(self.file)
            _, status = os.waitpid(self.child, 0)
            self.status = os.waitstatus_to_exitcode(status)
            self.status = 128 - self.status if self.status < 0 else self.status


class TerminalCase(Case):
    """A test whose commands have a terminal."""

    def setUp(self):
        super().setUp()
        self.environment.update(TERM="xterm-256color", PAGER="")

    def terminal(self, *arguments, columns=80, lines=24, env=None, cwd=None, stdout=None):
        made = Terminal([BIN / "savepoint", *arguments], cwd or self.root, dict(self.environment, **(env or {})), columns, lines, stdout)
        self.addCleanup(made.close)
        return made

    def shown(self, *arguments, expect=0, **options):
        """What a command that asks nothing leaves on the screen."""
        terminal = self.terminal(*arguments, **options)
        code = terminal.finish()
        self.assertEqual(code, expect, terminal.screen.text)
        return terminal.screen

    def assert_fits(self, screen, columns):
        for line in screen.raw.replace("\r", "").split("\n"):
            line = Screen.CODE.sub("", line)
            self.assertLessEqual(width(line), columns, line)
