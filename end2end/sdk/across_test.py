"""Two servers on one Postgres: which instances there are, and a shell in one, asked at the server that does not have it."""

import pathlib
import tempfile
import uuid

import cloud
import legacy
import server
from legacy_exec_test import RELEASED, Session
from stop_test import processes


class Across(legacy.LegacyTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="taskyard-sdk-")
        cls.addClassCleanup(folder.cleanup)
        other = server.current.beside(pathlib.Path(folder.name))
        cls.addClassCleanup(other.kill)
        other.start()
        cls.servers = {server.current: legacy.client(), other: legacy.client(of=other)}
        cls.other = other
        cls.make_function(cls, "naps", "index.nap", tasks=True, timeout=900)

    @classmethod
    def tearDownClass(cls):
        code = cls.other.stop()
        if code != 0 or cls.other.panics():
            raise AssertionError(f"the other server ended with {code}:\n{cls.other.log_tail()}")

    def setUp(self):
        self.job = f"job-{uuid.uuid4().hex[:8]}"
        self.submit("naps", b"600", self.job)
        self.instance = self.wait("naps", self.job, "Running")["instanceId"]
        self.addCleanup(self.release)

    def release(self):
        if self.task("naps", self.job)["status"] == "Running":
            self.generic("PUT", self.task_path("naps", self.job))
        self.wait("naps", self.job, "Stopped")

    def listed(self, at, **params):
        found = self.servers[at].list_instances(self.service, "LATEST", "naps", params).data["instances"]
        return {one["instanceId"]: one for one in found}

    def session(self, at, instance=None, **params):
        return Session(self.servers[at], self.service, "naps", instance or self.instance, **params)

    def elsewhere(self):
        """The server that does not have the instance: its processes are marked with the other one's data folder."""
        owned = self.session(server.current, command=["/bin/sh", "-c", "echo $TASKYARD_OWNER"], tty=False).begin().end()[0].strip()
        [away] = [one for one in self.servers if one.owner != owned]
        return away

    def test_i4_6_an_instance_is_listed_and_entered_at_the_server_that_does_not_have_it(self):
        away = self.elsewhere()
        listed = [self.listed(at, instanceIds=[self.instance]) for at in self.servers]
        self.assertEqual([list(found) for found in listed], [[self.instance]] * 2)
        self.assertEqual([found[self.instance]["invocationIds"] for found in listed], [[self.job]] * 2)
        mark = f"mark-{uuid.uuid4().hex}"
        shell = self.session(away).begin()
        shell.socket.send('echo o""k; ps -eo args | grep -c "^/[^ ]*python[0-9.]* -s" | sed s/^/processes:/\n')
        shell.says("ok\r\n")
        shell.says("processes:1\r\n")
        shell.socket.ws.send('\x04{"cols":101,"rows":33}')
        shell.socket.send("stty size; sh -c 'exit 7'; echo status:$?\n")
        shell.says("33 101\r\n")
        shell.says("status:7\r\n")
        shell.socket.send(f"setsid sh -c 'sleep 600; :' {mark} & echo beg''un\n")
        shell.says("begun")
        cloud.wait_for("the process", lambda: processes(mark))
        self.assertEqual([self.listed(at)[self.instance]["sessions"] for at in self.servers], [1, 1])
        shell.socket.send("exit\n")
        shell.end()
        cloud.wait_for("the end of what it started", lambda: not processes(mark))
        self.assertEqual(self.task("naps", self.job)["status"], "Running", "the task goes on")

    def test_i4_6_what_a_client_starts_ends_when_it_leaves_the_server_in_between(self):
        mark = f"mark-{uuid.uuid4().hex}"
        shell = self.session(self.elsewhere()).begin()
        shell.socket.send(f"setsid sh -c 'sleep 600; :' {mark} & echo beg''un\n")
        shell.says("begun")
        cloud.wait_for("the process", lambda: processes(mark))
        shell.socket.close()
        cloud.wait_for("its end", lambda: not processes(mark))

    def test_i4_6_refusals_and_ends_come_from_the_server_that_has_the_instance(self):
        away = self.elsewhere()
        for status, params in ((400, {"command": ["/bin/nothere"]}), (404, {"instance": "c-none"})):
            refused = self.session(away, **params)
            refused.end()
            self.assertEqual([getattr(error, "status_code", error) for error in refused.errors], [status])
        shell = self.session(away).begin()
        self.release()
        shell.end()
        self.assertIn(f"Server error: {RELEASED}", shell.errors)
        gone = self.session(away)
        gone.end()
        self.assertEqual([error.status_code for error in gone.errors], [404])
