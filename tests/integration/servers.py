"""Database servers of a test's own, each in a temporary directory and gone with the test."""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

from harness import ended_within


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SmallDisk:
    """A file system of so many MiB that a server keeps its data on, and a file that fills it."""

    def __init__(self, directory, size, owner):
        self.directory = directory
        directory.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=700,uid={owner.pw_uid},gid={owner.pw_gid}",
                        "tmpfs", directory], check=True)

    def free(self):
        status = os.statvfs(self.directory)
        return status.f_bavail * status.f_frsize

    def fill(self, left):
        """Leaves so many MiB."""
        with open(self.directory / "filler", "wb") as filler:
            for _ in range(max(0, self.free() - (left << 20)) >> 16):
                filler.write(bytes(1 << 16))

    def empty(self):
        (self.directory / "filler").unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "-l", self.directory], check=False)


class Postgres:
    """PostgreSQL on a socket and on 127.0.0.1; the role 'app' has the password 'open-sesame' and CREATEDB.

    With `disk`, its data but for the log are on a file system of so many MiB.
    """

    versions = pathlib.Path("/usr/lib/postgresql")

    def __init__(self, disk=None):
        self.bin = max((v for v in self.versions.iterdir() if (v / "bin" / "postgres").exists()),
                       key=lambda v: int(v.name)) / "bin"
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-postgres-"))
        self.top.chmod(0o755)
        self.data, self.socket = self.top / "data", self.top / "run"
        self.socket.mkdir()
        self.port = free_port()
        self.process = None
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.top, self.socket):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.disk = SmallDisk(self.data, disk, pwd.getpwnam("postgres")) if disk else None
        self._run("initdb", "-A", "trust", "-N", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.data,
                  *(["-X", self.top / "log"] if disk else []))
        self.start()
        self.sql("CREATE ROLE app LOGIN CREATEDB PASSWORD 'open-sesame'", "postgres", user="postgres")

    def _as_server(self):
        somebody = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", *somebody, "--pdeathsig", "QUIT"]

    def _run(self, program, *arguments):
        subprocess.run([*self._as_server(), self.bin / program, *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.process = subprocess.Popen(
            [*self._as_server(), self.bin / "postgres", "-D", self.data, "-k", self.socket, "-h", "127.0.0.1",
             "-p", str(self.port), "-c", "fsync=off", "-c", "autovacuum=off", "-c", "unix_socket_permissions=0777",
             # Checkpoints write a file for slots, and without room for it the whole server gives up.
             *(["-c", "max_replication_slots=0", "-c", "max_wal_senders=0"] if self.disk else [])],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.socket, "-p", str(self.port)],
                             check=False).returncode != 0:
            if ended_within(self.process, 0.02) or time.monotonic() > deadline:
                raise RuntimeError("the server does not start")

    def stop(self):
        if self.process is not None:
            self.process.send_signal(2)  # fast: sessions are ended
            self.process.wait(timeout=60)
            self.process = None

    def close(self):
        self.stop()
        if self.disk:
            self.disk.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def url(self, database, host="127.0.0.1", more=""):
        return f"postgres://app:open-sesame@{host}:{self.port}/{database}{more}"

    def sql(self, text, database, user="app"):
        """What a script prints, one row a line."""
        done = subprocess.run([self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.socket,
                               "-p", str(self.port), "-U", user, "-d", database],
                              input=text, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def session(self, database, user="app"):
        """A client that is connected and does nothing, until it is killed."""
        visitor = subprocess.Popen([self.bin / "psql", "-X", "-q", "-A", "-t", "-h", self.socket, "-p", str(self.port),
                                    "-U", user, "-d", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        visitor.stdin.write(b"SELECT 1;\n")
        visitor.stdin.flush()
        visitor.stdout.readline()
        return visitor

    def create(self, database):
        self.sql(f'CREATE DATABASE "{database}"', "postgres")

    def databases(self):
        return set(self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate", "postgres").split())
