"""A MariaDB server of a test's own, in a temporary directory and gone with the test."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

from harness import ended_within
from servers import SmallDisk, free_port


class Mariadb:
    """MariaDB on a socket and on 127.0.0.1; root has no password on the socket.

    With `disk`, its data are on a file system of so many MiB.
    """

    def __init__(self, disk=None):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="savepoint-mariadb-"))
        self.top.chmod(0o755)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("mysql")
            os.chown(self.top, owner.pw_uid, owner.pw_gid)
        self.data, self.socket = self.top / "data", self.top / "socket"
        self.port = free_port()
        self.process = None
        self.disk = SmallDisk(self.data, disk, pwd.getpwnam("mysql")) if disk else None
        subprocess.run([*self._as_server(), "mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
                        "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M"],
                       check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start()

    @staticmethod
    def _as_server():
        somebody = ["--reuid=mysql", "--regid=mysql", "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", *somebody, "--pdeathsig", "KILL"]

    def start(self):
        environment = dict(os.environ, PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        self.process = subprocess.Popen(
            # A tmpdir of its own: a server that starts removes what it takes for leftovers in a shared one.
            [*self._as_server(), "mariadbd", "--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.top}",
             f"--socket={self.socket}",
             "--bind-address=127.0.0.1", f"--port={self.port}", f"--pid-file={self.top / 'pid'}",
             f"--log-error={self.top / 'log'}", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0",
             "--innodb-buffer-pool-size=64M", "--innodb-use-native-aio=0", "--character-set-server=utf8mb4",
             "--skip-name-resolve"],
            cwd="/", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.sql("SELECT 1")
                return
            except RuntimeError:
                if ended_within(self.process, 0.05) or time.monotonic() > deadline:
                    raise

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.process = None

    def close(self):
        self.stop()
        if self.disk:
            self.disk.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def client(self):
        return ["mariadb", "--no-defaults", "-uroot", "-N", "-B", "-S", self.socket]

    def dump(self, database):
        """Schema and rows; not when it was dumped."""
        done = subprocess.run(["mariadb-dump", "--no-defaults", "-uroot", "-S", self.socket, "--skip-dump-date",
                               "--order-by-primary", database], text=True, capture_output=True, check=True)
        return done.stdout

    def sql(self, text, database=""):
        """What a script prints, one row a line, tabs between columns."""
        done = subprocess.run([*self.client(), *([database] if database else [])],
                              input=text, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()
