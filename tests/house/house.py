"""The rules of the house that a compiler does not check. Each is a test: house.py RULE CXX."""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path.cwd()
SOURCES = [p for top in ("lib", "tools") for p in sorted((ROOT / top).rglob("*.[ch]pp"))]

# An outside library is known to one room only.
LIBRARIES = {
    r"<openssl/": ["lib/hash"],
    r"<xxhash\.h>": ["lib/hash"],
    r"<zstd\.h>": ["lib/codec"],
    r"<boost/": ["lib/process"],
    r"<nlohmann/": ["lib/json"],
    r"<sqlite3\.h>": ["lib/sqlite"],
    r"<git2": ["lib/git"],
    r"<CLI/": ["tools"],
    r"<fmt/": ["tools"],
    r"<libpq": ["lib/drivers/postgres"],
    r"<httplib\.h>": ["lib/http"],
    r"<mariadb/": ["lib/drivers/mariadb"],
}

# lib/ never prints, exits, or asks the environment or the time by itself.
LOUD = re.compile(r"\b(std::cout|std::cerr|std::clog|printf\s*\(|puts\s*\(|getenv\s*\(|"
                  r"std::exit|_exit\s*\(|system_clock::now)")
LOUD_ALLOWED = {
    "lib/base/error.cpp": "bug() has the last word",
    "lib/base/timestamp.cpp": "SystemClock",
    "lib/process/detached.cpp": "the same, of one that is forgotten",
    "lib/process/internal/start.cpp": "a child that could not become the program",
}

LARGEST_FILE = 450


def relative(path):
    return str(path.relative_to(ROOT))


def includes(path):
    return re.findall(r'^#include (["<][^">]+[">])', path.read_text(), re.M)


def libraries():
    for path in SOURCES:
        for included in includes(path):
            for pattern, rooms in LIBRARIES.items():
                if re.match(pattern, included) and not any(relative(path).startswith(r + "/") for r in rooms):
                    yield f"{relative(path)} includes {included}, which only {rooms} may"


def own_header(path):
    header = path.with_suffix(".hpp")
    return header if header.exists() else None


def own_headers():
    for path in SOURCES:
        if path.suffix == ".cpp" and own_header(path):
            expected = relative(own_header(path)).split("/", 1)[1]
            first = (includes(path) or [""])[0].strip('"<>')
            if first != expected:
                yield f"{relative(path)} includes {first} first, not its own header {expected}"


def lone_headers():
    proven = {own_header(p) for p in SOURCES if p.suffix == ".cpp"}
    for path in SOURCES:
        if path.suffix == ".hpp" and path not in proven:
            done = subprocess.run([sys.argv[2], "-std=c++20", "-fsyntax-only", "-w", "-Ilib", "-Itools",
                                   "-x", "c++", str(path)], capture_output=True, text=True)
            if done.returncode != 0:
                yield f"{relative(path)} does not compile alone:\n{done.stderr[:2000]}"


def silence():
    for path in SOURCES:
        name = relative(path)
        if not name.startswith("lib/") or name in LOUD_ALLOWED:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//")[0].replace("snprintf", "")
            if LOUD.search(code):
                yield f"{name}:{number}: {line.strip()}"


def rooms():
    declared = set(re.findall(r"savepoint_room\((\S+)", (ROOT / "lib/CMakeLists.txt").read_text()))
    page = (ROOT / "docs/architecture.md").read_text()
    listed = set()
    for row in re.findall(r"^\| \d+ \| ([^|]+) \|", page, re.M):
        listed |= {name for name in re.findall(r"`([a-z/*_]+)`", row)}
    for room in sorted(declared):
        if room not in listed and room.split("/")[0] + "/*" not in listed:
            yield f"docs/architecture.md does not list the room {room}"
    for room in sorted(listed):
        if not room.startswith("tools/") and room not in declared and not room.endswith("/*"):
            yield f"docs/architecture.md lists {room}, which is no room"


def versions():
    """The packages of npm have the version of everything else, and belong together."""
    version = re.search(r"project\(savepoint VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    package = json.loads((ROOT / "package.json").read_text())
    for name, found in {"version": package["version"], **package["optionalDependencies"]}.items():
        if found != version:
            yield f"package.json has {found} as {name}, CMakeLists.txt {version}"


def sizes():
    for path in SOURCES:
        lines = len(path.read_text().splitlines())
        if lines > LARGEST_FILE:
            yield f"{relative(path)} has {lines} lines: is it two things?"


if __name__ == "__main__":
    wrong = list(globals()[sys.argv[1]]())
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
