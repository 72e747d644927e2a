"""What an address of a database that comes with a repository cannot make savepoint do."""
import socket
import struct
import threading
import unittest

from harness import GAPS, Case
from servers import Postgres


def setUpModule():
    global server
    server = Postgres()


def tearDownModule():
    server.close()


class Listener(threading.Thread):
    """Speaks just enough of PostgreSQL to be sent a password, and keeps it. Takes everybody for a stranger."""

    SSL_REQUEST, GSS_REQUEST = 80877103, 80877104

    def __init__(self):
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.visits, self.passwords = 0, []
        self.start()

    def run(self):
        while True:
            try:
                visitor, _ = self.listening.accept()
            except OSError:
                return
            self.visits += 1
            with visitor:
                visitor.settimeout(20)
                try:
                    self.receive(visitor)
                except (OSError, struct.error):
                    continue

    def receive(self, visitor):
        while True:
            size, code = struct.unpack("!II", visitor.recv(8, socket.MSG_WAITALL))
            visitor.recv(size - 8, socket.MSG_WAITALL)
            if code not in (self.SSL_REQUEST, self.GSS_REQUEST):
                break
            visitor.sendall(b"N")
        visitor.sendall(b"R" + struct.pack("!II", 8, 3))  # in clear text, please
        kind, size = struct.unpack("!cI", visitor.recv(5, socket.MSG_WAITALL))
        self.passwords.append((kind + visitor.recv(size - 4, socket.MSG_WAITALL))[1:-1].decode())
        words = b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"
        visitor.sendall(b"E" + struct.pack("!I", len(words) + 4) + words)

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


class ForeignCase(Case):
    def setUp(self):
        super().setUp()
        self.listener = Listener()
        self.addCleanup(self.listener.close)

    def url(self, host="127.0.0.1", more=""):
        return f"postgres://app@{host}:{self.listener.port}/shop{more}"

    def clone(self, url):
        """A repository whose .env says where its database is."""
        (self.root / ".env").write_text(f"DATABASE_URL={url}\n")
        (self.root / "savepoint.json").write_text(
            '{"databases": [{"name": "shop", "url": {"env": "DATABASE_URL"}}]}')

    def reason(self):
        """Why the database is not in a snapshot."""
        taken = self.savepoint("snapshot", "--json", expect=GAPS).json
        return next(one["reason"] for one in taken["skipped"] if one["path"] == "shop")


class Parameters(ForeignCase):
    def test_what_would_run_code_or_read_passwords_is_refused_before_anybody_is_asked(self):
        for parameter in ("sslkey=/proc/self/cwd/evil.so:1", "passfile=passwords", "service=mine", "krbsrvname=HTTP"):
            with self.subTest(parameter):
                self.clone(self.url(more=f"?sslmode=prefer&{parameter}"))
                self.assertIn(parameter.split("=")[0] + "=", self.reason())
                self.savepoint("status", expect=None)
                self.savepoint("doctor", expect=None)
        self.assertEqual(self.listener.visits, 0)


class Passwords(ForeignCase):
    HIDDEN = "2130706433"  # 127.0.0.1, in a form that is not taken for this machine

    def sent(self, **environment):
        self.listener.passwords.clear()
        self.environment["PGPASSWORD"] = "of-the-user"
        try:
            return self.savepoint("snapshot", expect=GAPS, env=environment), self.listener.passwords[:1]
        finally:
            del self.environment["PGPASSWORD"]

    def test_the_password_of_the_environment_is_not_for_a_server_that_only_a_repository_names(self):
        self.clone(self.url(self.HIDDEN))

        taken, passwords = self.sent()

        self.assertEqual(passwords, [])
        self.assertIn("PGPASSWORD was not sent", taken.err)
        self.assertIn("set PGHOST", taken.err)
        self.assertEqual(self.sent(PGHOST=self.HIDDEN)[1], ["of-the-user"])
        self.assertEqual(self.sent(DATABASE_URL=self.url(self.HIDDEN))[1], ["of-the-user"])

    def test_it_is_for_this_machine_and_for_what_is_trusted(self):
        self.clone(self.url())
        self.assertEqual(self.sent()[1], ["of-the-user"])

        self.clone(self.url(self.HIDDEN))
        (self.root / "savepoint.json").write_text(
            f'{{"databases": [{{"name": "shop", "url": "{self.url(self.HIDDEN)}"}}]}}')
        self.assertEqual(self.sent()[1], [])
        self.savepoint("trust", "--yes")
        self.assertEqual(self.sent()[1], ["of-the-user"])

    def test_a_file_of_passwords_names_its_servers_itself(self):
        self.clone(self.url(self.HIDDEN))
        file = self.top / "home" / ".pgpass"
        file.write_text(f"{self.HIDDEN}:{self.listener.port}:shop:app:for-this-server\n")
        file.chmod(0o600)

        self.assertEqual(self.sent()[1], ["for-this-server"])


class Services(ForeignCase):
    def test_a_service_of_the_environment_is_not_asked_of_a_server_that_is_named(self):
        server.create("shop")
        server.sql("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)", "shop")
        self.clone(server.url("shop"))
        (self.top / "services").write_text(
            f"[other]\nhost=127.0.0.1\nport={self.listener.port}\npassword=of-another-server\n")
        self.environment |= {"PGSERVICE": "other", "PGSERVICEFILE": str(self.top / "services")}

        snapshot = self.snapshot()
        server.sql("DELETE FROM orders", "shop")
        self.savepoint("restore", snapshot, "--yes")

        self.assertEqual(server.sql("SELECT count(*) FROM orders", "shop"), "1")
        self.clone(self.url())
        self.reason()
        self.assertEqual(self.listener.passwords, [])

    def test_a_command_that_is_run_gets_the_environment_as_it_is(self):
        server.create("kept")
        self.clone(server.url("kept"))
        self.environment |= {"PGSERVICE": "other", "PGPASSWORD": "of-another-server"}

        done = self.savepoint("run", "--", "sh", "-c", "echo $PGSERVICE $PGPASSWORD")

        self.assertEqual(done.out, "other of-another-server\n")


if __name__ == "__main__":
    unittest.main()
