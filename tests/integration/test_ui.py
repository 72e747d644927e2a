"""The page's server as programs see it: who gets in, what it tells, what it does, how it ends."""
import base64
import http.client
import json
import os
import signal
import subprocess
import unittest
import urllib.parse

from harness import BIN, FAILED, NOT_FOUND, USAGE, Case


def is_built():
    """Whether the parts of the page were there when this was built."""
    done = subprocess.run([BIN / "savepoint-ui", "-C", "/nothing/there", "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return "without its page" not in done.stderr


class UiCase(Case):
    def setUp(self):
        super().setUp()
        self.write("code.txt", "first")
        self.database("app.db", "create table people (name); insert into people values ('a'), ('b');")
        self.commit_all()

    def start(self, *arguments):
        """Serves the page of the project; self.url lets in."""
        self.launch("--json", "--no-browser", *arguments)
        lines = []
        while line := self.server.stdout.readline():
            lines.append(line)
            if line == "}\n":
                break
        said = json.loads("".join(lines))
        self.url, self.port = said["url"], said["port"]
        self.token = urllib.parse.urlparse(self.url).fragment

    def launch(self, *arguments):
        self.server = subprocess.Popen([BIN / "savepoint", "ui", *arguments], cwd=self.root, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, start_new_session=True)
        self.addCleanup(self.stop)

    def stop(self, sign=signal.SIGTERM):
        if self.server.poll() is None:
            self.server.send_signal(sign)
        self.server.communicate(timeout=60)
        return self.server.returncode

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        usual = {"X-Savepoint": self.token, "Connection": "close"}
        if body is not None:
            usual["Content-Type"] = "application/json"
        sent = {name: value for name, value in {**usual, **{n.replace("_", "-"): v for n, v in headers.items()}}.items() if value is not None}
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content, dict(response.getheaders())

    def get(self, path, /, **query):
        status, content, _ = self.ask(f"/api/{path}?{urllib.parse.urlencode(query)}")
        self.assertEqual(status, 200, content)
        return json.loads(content)

    def act(self, action, **more):
        """Has something done and waits for its end; the look at the job."""
        status, content, _ = self.ask("/api/actions", "POST", {"action": action, **more})
        if status != 200:
            return {"exit_code": status, "document": json.loads(content)}
        job = json.loads(content)["job"]
        while (look := self.get("job", job=job))["state"] != "done":
            pass
        return look

    def slow_database(self, dump="cat ../gate", **more):
        """A database of which a command, usually its dump, waits until somebody writes to the gate: at the latest at the end of the test."""
        gate = self.top / "gate"
        os.mkfifo(gate)
        self.write("savepoint.json", json.dumps({"databases": [{"name": "slow", "dump": dump, **more}]}))
        self.savepoint("trust", "--yes")

        def release():
            os.close(os.open(gate, os.O_RDWR))
        self.addCleanup(release)

    def carry_out(self, action, **more):
        """Looks at the plan first, as the page does."""
        plan = self.act(action, plan=True, **more)
        self.assertEqual(plan["exit_code"], 0)
        return self.act(action, shown_by=plan["job"], **more)


@unittest.skipUnless(is_built(), "the page was not built: npm or libcpp-httplib-dev is missing")
class Doors(UiCase):
    def setUp(self):
        super().setUp()
        self.start()

    def test_the_address_lets_in(self):
        self.assertRegex(self.url, rf"^http://127\.0\.0\.1:{self.port}/#[0-9a-f]{{64}}$")
        self.assertEqual(self.ask("/api/state")[0], 200)

    def test_who_has_no_token_gets_the_files_of_the_page_and_nothing_of_the_project(self):
        for path in ("/", "/page.js", "/page.css", "/licenses.txt"):
            status, content, headers = self.ask(path, X_Savepoint=None)
            self.assertEqual(status, 200, path)
            self.assertNotIn("Set-Cookie", headers)
            self.assertNotIn(self.token.encode(), content)
            self.assertNotIn(str(self.root).encode(), content)
        for wrong in (None, "1", "0" * 64):
            self.assertEqual(self.ask("/api/state", X_Savepoint=wrong)[0], 403, wrong)
            self.assertEqual(self.ask("/api/actions", "POST", {"action": "snapshot"}, X_Savepoint=wrong)[0], 403, wrong)
        self.assertEqual(self.ask(f"/api/state?token={self.token}", X_Savepoint=None, Cookie=f"savepoint-{self.port}={self.token}")[0], 403)
        self.assertEqual(self.triggers() if self.store.exists() else [], [])

    def test_foreign_hosts_and_origins_get_nothing(self):
        self.assertEqual(self.ask("/", Host="evil.example")[0], 421)
        self.assertEqual(self.ask("/api/state", Host=f"evil.example:{self.port}")[0], 421)
        self.assertEqual(self.ask("/api/state", Origin="http://evil.example")[0], 403)
        self.assertEqual(self.ask("/api/actions", "POST", {"action": "snapshot"}, Origin="null")[0], 403)
        self.assertEqual(self.ask("/api/actions", "POST", {"action": "snapshot"}, Content_Type="text/plain")[0], 400)

    def test_only_this_machine_is_served(self):
        with open("/proc/net/tcp", encoding="ascii") as table:
            listening = [line.split()[1] for line in table.readlines()[1:] if line.split()[3] == "0A"]
        self.assertEqual([one for one in listening if one.endswith(f":{self.port:04X}")], [f"0100007F:{self.port:04X}"])

    def test_it_ends_when_told(self):
        self.assertEqual(self.stop(signal.SIGINT), 0)

    def test_a_port_that_is_taken_is_said(self):
        result = self.savepoint("ui", "--no-browser", "--port", str(self.port), expect=FAILED)
        self.assert_error(result, FAILED, str(self.port))


@unittest.skipUnless(is_built(), "the page was not built: npm or libcpp-httplib-dev is missing")
class Actions(UiCase):
    def setUp(self):
        super().setUp()
        self.start()

    def test_a_snapshot_is_taken_and_marked(self):
        look = self.act("snapshot", note="before the merge", tags=["one"], pin=True)
        self.assertEqual(look["exit_code"], 0, look)
        id = look["document"]["id"]
        self.act("tag", snapshot=id, text="two")
        self.act("note", snapshot=id, text="--yes, really")
        self.act("unpin", snapshot=id)
        [listed] = self.get("snapshots")["snapshots"]
        self.assertEqual((listed["note"], listed["tags"], listed["pinned"], listed["trigger"]), ("--yes, really", ["one", "two"], False, "ui"))
        shown = self.get("snapshot", id=id)
        self.assertEqual(shown["subject"], "all")
        self.assertEqual([table for one in shown["components"] for table in one.get("tables", [])], [{"name": "people", "rows": 2}])

    def test_a_restore_does_what_its_plan_said_and_is_undone(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        self.database("app.db", "delete from people")
        plan = self.act("restore", snapshot=id, plan=True)
        changes = plan["document"]["changes"]
        self.assertEqual({(change["action"], change["path"]) for change in changes}, {("replace", "code.txt"), ("database", "app.db")})
        self.assertEqual((self.root / "code.txt").read_text(), "second")
        look = self.act("restore", snapshot=id, shown_by=plan["job"])
        self.assertEqual(look["exit_code"], 0, look)
        self.assertEqual((self.root / "code.txt").read_text(), "first")
        self.assertEqual(look["document"]["changes"], changes)
        self.assertEqual(self.carry_out("undo")["exit_code"], 0)
        self.assertEqual((self.root / "code.txt").read_text(), "second")

    def test_a_plan_that_is_not_true_any_more_is_not_carried_out(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        plan = self.act("restore", snapshot=id, plan=True)
        self.write("other.txt", "made meanwhile")
        look = self.act("restore", snapshot=id, shown_by=plan["job"])
        self.assertEqual(look["document"]["error"]["code"], "refused")
        self.assertEqual((self.root / "code.txt").read_text(), "second")
        self.assertTrue((self.root / "other.txt").exists())
        self.assertEqual(self.carry_out("restore", snapshot=id)["exit_code"], 0)

    def test_what_is_carried_out_is_the_plan_that_was_shown_and_no_later_one(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        shown = self.act("restore", snapshot=id, plan=True)
        self.write("other.txt", "made meanwhile")
        later = self.act("restore", snapshot=id, plan=True)  # in another tab
        error = self.act("restore", snapshot=id, shown_by=shown["job"])["document"]["error"]
        self.assertEqual((error["code"], error["changed"]), ("refused", False))
        self.assertIn("changed since the plan was shown", error["message"])
        self.assertEqual((self.root / "code.txt").read_text(), "second")
        self.assertTrue((self.root / "other.txt").exists())
        self.assertEqual(self.act("restore", snapshot=id, shown_by=later["job"])["exit_code"], 0)
        self.assertEqual((self.root / "code.txt").read_text(), "first")

    def test_a_plan_is_carried_out_once(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        self.assertEqual(self.carry_out("restore", snapshot=id)["exit_code"], 0)
        plan = self.act("undo", plan=True)
        self.assertEqual(self.act("undo", shown_by=plan["job"])["exit_code"], 0)
        self.assertEqual(self.act("undo", shown_by=plan["job"])["document"]["error"]["code"], "refused")
        self.assertEqual((self.root / "code.txt").read_text(), "second")

    def test_how_a_job_ended_is_told_when_others_were_done_since(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        restored = self.carry_out("restore", snapshot=id)
        for number in range(5):
            self.act("tag", snapshot=id, text=f"tag{number}")
            plan = self.act("restore", snapshot=id, plan=True)
        self.act("tag", snapshot=id, text="last")
        self.assertEqual(self.get("job", job=restored["job"]), restored)
        self.assertEqual(self.ask(f"/api/job?job={plan['job']}")[0], 404)  # plans are large, and changed nothing
        self.assertEqual(self.ask("/api/job?job=0")[0], 404)

    def test_what_is_marked_on_a_terminal_is_seen_in_the_state(self):
        id = self.act("snapshot")["document"]["id"]
        seen = {self.get("state")["marks"]}
        for command in (["pin", id], ["tag", id, "one"], ["note", id, "one"], ["tag", id, "two"], ["unpin", id]):
            self.assertEqual(self.get("state")["marks"], self.get("state")["marks"])
            self.savepoint(*command)
            seen.add(self.get("state")["marks"])
        self.assertEqual(len(seen), 6)

    def test_nothing_is_done_without_its_plan(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        for wanted in ({"action": "restore", "snapshot": id}, {"action": "delete", "snapshot": id}, {"action": "undo"}):
            self.assertEqual(self.act(**wanted)["document"]["error"]["code"], "refused")
        plan = self.act("restore", snapshot=id, plan=True)
        self.assertEqual(self.act("restore", snapshot=id, git=True, shown_by=plan["job"])["document"]["error"]["code"], "refused")
        self.assertEqual((self.root / "code.txt").read_text(), "second")

    def test_a_protected_database_needs_its_name(self):
        self.database("production.sqlite3", "create table t (a); insert into t values (1);")
        id = self.act("snapshot")["document"]["id"]
        self.database("production.sqlite3", "delete from t")
        plan = self.act("restore", snapshot=id, plan=True)
        self.assertEqual([(one["name"], one["refused"]) for one in plan["document"]["guarded"]], [("production.sqlite3", "unless confirmed")])
        for confirm in ([], ["production"]):
            self.assertEqual(self.act("restore", snapshot=id, confirm=confirm, shown_by=plan["job"])["document"]["error"]["code"], "refused")
            plan = self.act("restore", snapshot=id, plan=True)
        self.assertEqual(self.act("restore", snapshot=id, confirm=["production.sqlite3"], shown_by=plan["job"])["exit_code"], 0)

    def test_a_snapshot_is_deleted_unless_it_is_pinned(self):
        kept = self.act("snapshot", pin=True)["document"]["id"]
        self.write("code.txt", "second")
        gone = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "third")
        self.act("snapshot")
        self.assertEqual(self.carry_out("delete", snapshot=gone)["exit_code"], 0)
        self.assertEqual(self.act("delete", snapshot=kept, plan=True)["document"]["error"]["code"], "refused")
        # Nobody was shown a plan: there is none.
        self.assertIn("nobody was shown", self.act("delete", snapshot=kept)["document"]["error"]["message"])
        ids = [one["id"] for one in self.get("snapshots")["snapshots"]]
        self.assertIn(kept, ids)
        self.assertNotIn(gone, ids)

    def test_names_of_any_bytes_are_told(self):
        name = b"<img src=x onerror=alert(1)>\xff\n.txt"
        self.write(name, "x")
        id = self.act("snapshot")["document"]["id"]
        names = [entry["name"] for entry in self.get("files", id=id)["entries"]]
        self.assertIn({"base64": base64.b64encode(name).decode(), "printable": "<img src=x onerror=alert(1)>\\xff\\n.txt"}, names)

    def test_what_was_done_is_in_the_log_and_health_is_told(self):
        self.act("snapshot")
        look = self.act("verify", read_data=True)
        self.assertTrue(look["document"]["ok"], look)
        operations = self.get("log")["operations"]
        self.assertEqual([(one["operation"], one["trigger"]) for one in operations], [("verify", None), ("snapshot", "ui")])
        health = self.get("health")
        self.assertIsNotNone(health["verified_at"])
        self.assertEqual(health["problems"], [])

    def test_what_is_at_work_is_stopped_when_told(self):
        self.slow_database()
        _, content, _ = self.ask("/api/actions", "POST", {"action": "snapshot"})
        job = json.loads(content)["job"]
        while "slow" not in ((self.get("job", job=job)["progress"] or {}).get("stage") or ""):
            pass
        self.assertEqual(self.get("state")["job"], {"job": job, "action": "snapshot", "plan": False})
        self.assertEqual(self.ask("/api/stop", "POST", {"job": job + 1})[0], 404)
        self.assertEqual(self.ask("/api/stop", "POST", {"job": job}, X_Savepoint=None)[0], 403)
        self.assertEqual(self.ask("/api/stop", "POST", {"job": job})[0], 200)
        while (look := self.get("job", job=job))["state"] != "done":
            pass
        self.assertEqual((look["document"]["error"]["code"], look["document"]["error"]["changed"]), ("cancelled", False))
        self.assertEqual(self.get("snapshots")["total"], 0)
        self.assertIsNone(self.get("state")["job"])
        self.assertEqual(self.ask("/api/stop", "POST", {"job": job})[0], 404)

    def test_rows_and_contents_that_differ_are_told(self):
        first = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        self.database("app.db", "insert into people values ('c')")
        second = self.act("snapshot")["document"]["id"]
        patch = self.get("patch", before=first, after=second, path="code.txt")
        self.assertEqual([line for line in patch["lines"] if line[0] in "+-"], ["-first", "+second"])
        [rows] = self.act("rows", before=first, after=second, database="app.db", table="people")["document"]["rows"]
        self.assertEqual(rows["rows"], [{"change": "added", "before": None, "after": ["'c'"]}])
        unknown = self.act("rows", before=first, after=second, database="app.db", table="nothing")
        self.assertEqual(unknown["document"]["error"]["code"], "not_found")

    def test_a_tag_is_taken_away(self):
        id = self.act("snapshot", tags=["one", "two"])["document"]["id"]
        self.assertEqual(self.act("untag", snapshot=id, text="one")["document"]["tags"], ["two"])
        self.assertEqual(self.act("untag", snapshot=id, text="one")["document"]["error"]["code"], "not_found")

    def test_work_comes_to_its_end_although_the_page_is_ended(self):
        id = self.act("snapshot")["document"]["id"]
        self.write("code.txt", "second")
        plan = self.act("restore", snapshot=id, plan=True)
        self.ask("/api/actions", "POST", {"action": "restore", "snapshot": id, "shown_by": plan["job"]})
        self.assertEqual(self.stop(), 0)
        self.assertEqual((self.root / "code.txt").read_text(), "first")
        self.assertIsNone(self.savepoint("status", "--json").json["recovery"])


class Progress(UiCase):
    def test_programs_are_told_how_far_work_is(self):
        result = self.savepoint("snapshot", "--json", env={"SAVEPOINT_PROGRESS": "json"})
        told = [json.loads(line)["progress"] for line in result.err.splitlines()]
        self.assertEqual(set(told[0]), {"stage", "files", "bytes", "total"})
        self.assertIn("id", result.json)
        self.assertEqual(self.savepoint("snapshot", "--json").err, "")


class Starting(UiCase):
    def test_a_wrong_port_is_refused(self):
        self.assert_error(self.savepoint("ui", "--port", "70000", "--no-browser", expect=USAGE), USAGE, "70000")

    @unittest.skipUnless(is_built(), "the page was not built: npm or libcpp-httplib-dev is missing")
    def test_the_file_that_leads_a_browser_to_the_page_is_gone_once_it_came(self):
        opener = self.top / "bin/xdg-open"
        opener.parent.mkdir()
        opener.write_text("#!/bin/sh\n")
        opener.chmod(0o755)
        self.environment.update(PATH=f"{opener.parent}:{self.environment['PATH']}", DISPLAY=":0")
        self.launch()
        self.url = self.server.stdout.readline().split()[-1]
        self.port, self.token = urllib.parse.urlparse(self.url).port, urllib.parse.urlparse(self.url).fragment
        files = self.top / "home"
        while not (left := [file for file in files.glob("savepoint-ui-*.html") if self.url in file.read_text()]):
            pass
        self.assertEqual(self.ask("/", X_Savepoint=None)[0], 200)
        self.assertTrue(left[0].exists())
        self.assertEqual(self.ask("/api/state")[0], 200)
        self.assertEqual(list(files.glob("savepoint-ui-*.html")), [])

    @unittest.skipIf(is_built(), "the page was built")
    def test_without_its_page_it_says_so(self):
        self.assert_error(self.savepoint("ui", expect=NOT_FOUND), NOT_FOUND, "without its page")


if __name__ == "__main__":
    unittest.main()
