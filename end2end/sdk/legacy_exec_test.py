"""The legacy Python SDK: which instances there are, and commands in them over its websocket (fc-api.md 3.6, 3.6.1).

It sends texts with the channel's byte in front and reads texts only. What it has no way for: another size of the terminal (the
test says it on the client's own websocket), and a command's exit status, which the protocol does not carry."""

import json
import threading
import uuid

import cloud
import legacy
from stop_test import processes

RELEASED = "The instance has been released."


class Session:
    """A command in an instance. The client talks in a thread of its own, because its `start` returns at the end only."""

    def __init__(self, client, service, function, instance, qualifier="LATEST", **params):
        self.out, self.err, self.errors = "", "", []
        self.opened, self.ended = threading.Event(), threading.Event()
        hooks = {
            "on_open": lambda _: self.opened.set(),
            "on_stdout": self.add("out"),
            "on_stderr": self.add("err"),
            "on_error": lambda _, error: self.errors.append(error),
        }
        self.socket = client.instance_exec(service, qualifier, function, instance, params, hooks)
        threading.Thread(target=self.run, daemon=True).start()

    def add(self, stream):
        return lambda _, text: setattr(self, stream, getattr(self, stream) + text)

    def run(self):
        self.socket.start()
        self.ended.set()

    def begin(self):
        """Waits until it may be written to."""
        cloud.wait_for(f"an open session: {self.errors}", lambda: self.opened.is_set() or self.errors)
        assert self.opened.is_set(), self.errors
        return self

    def says(self, words, stream="out"):
        cloud.wait_for(f"{words!r} of {stream}", lambda: words in getattr(self, stream))

    def end(self):
        """Waits until the client has returned; what it has heard from the command."""
        assert self.ended.wait(cloud.PATIENCE_SECONDS), "the session has not ended"
        return self.out, self.err


class InstanceExec(legacy.LegacyTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_function(cls, "naps", "index.nap", tasks=True, timeout=900)

    def setUp(self):
        self.job = f"job-{uuid.uuid4().hex[:8]}"
        self.submit("naps", b"600", self.job)
        self.instance = self.wait("naps", self.job, "Running")["instanceId"]
        self.addCleanup(self.release)

    def release(self):
        if self.task("naps", self.job)["status"] == "Running":
            self.generic("PUT", self.task_path("naps", self.job))
        self.wait("naps", self.job, "Stopped")

    def session(self, client=None, instance=None, **params):
        return Session(client or self.client, self.service, "naps", instance or self.instance, **params)

    def instances(self, **params):
        return self.client.list_instances(self.service, "LATEST", "naps", params).data["instances"]

    def test_i4_7_the_instance_of_a_running_task_is_listed_and_entered(self):
        [listed] = self.instances(instanceIds=[self.instance], limit=5)
        self.assertEqual((listed["instanceId"], listed["versionId"]), (self.instance, 0))
        shell = self.session().begin()
        shell.socket.send('echo o""k; ps -eo args | grep -c "^/[^ ]*python[0-9.]* -s" | sed s/^/processes:/\n')
        shell.says("ok\r\n")
        shell.says("processes:1\r\n")
        shell.socket.send("sh -c 'exit 7'; echo status:$?\n")
        shell.says("status:7\r\n")
        self.assertEqual(self.instances()[0]["sessions"], 1)
        shell.socket.send("exit\n")
        shell.end()
        self.closed_normally(shell)
        self.assertEqual(self.task("naps", self.job)["status"], "Running", "the task goes on")
        cloud.wait_for("no session", lambda: self.instances()[0]["sessions"] == 0)

    def test_i4_7_streams_without_a_terminal(self):
        script = "read line; echo got:$line; echo oops >&2; printf '\\377'; exit 3"
        command = self.session(command=["/bin/sh", "-c", script], tty=False, stdin=True, stdout=True, stderr=True).begin()
        command.socket.send("grüße \u2713\n")
        self.assertEqual(command.end(), ("got:grüße \u2713\n\ufffd", "oops\n"))
        self.closed_normally(command)
        # Nobody is told the output that was not asked for.
        silent = self.session(command=["/bin/sh", "-c", "echo hidden; echo shown >&2"], tty=False, stdout=False, stderr=True).begin()
        self.assertEqual(silent.end(), ("", "shown\n"))
        # A single command is one word, as the client sends it.
        self.assertRegex(self.session(command="/bin/pwd", tty=False).begin().end()[0], r"^/code\n$")

    def test_i4_7_another_size_of_the_terminal(self):
        shell = self.session(command="/bin/sh").begin()
        shell.socket.send("stty size\n")
        shell.says("24 80\r\n")
        shell.socket.ws.send(chr(4) + json.dumps({"cols": 101, "rows": 33}))
        shell.socket.send("stty size\n")
        shell.says("33 101\r\n")
        shell.socket.close()

    def test_i4_7_nothing_of_a_session_outlives_it(self):
        mark = f"mark-{uuid.uuid4().hex}"
        shell = self.session().begin()
        shell.socket.send(f"sh -c 'sleep 600; :' {mark} & setsid sh -c 'sleep 600; :' {mark} & disown -a; echo beg''un\n")
        shell.says("begun")
        cloud.wait_for("both processes", lambda: len(processes(mark)) >= 2)
        shell.socket.close()
        cloud.wait_for("their end", lambda: not processes(mark))
        self.assertEqual(self.task("naps", self.job)["status"], "Running", "the task goes on")

    def test_i4_7_a_session_ends_when_nothing_is_said(self):
        quiet = self.session(command=["/bin/sleep", "600"], idleTimeout=1).begin()
        self.assertEqual(quiet.end(), ("", ""))
        self.assertIn("(code 1000): Disconnected", str(quiet.errors[0]))

    def test_i4_7_a_session_ends_with_its_instance_and_an_ended_instance_refuses(self):
        shell = self.session().begin()
        self.release()
        shell.end()
        self.assertIn(f"Server error: {RELEASED}", shell.errors)
        self.assertEqual(self.instances(), [])
        self.refuses(404, self.session())

    def test_i4_7_what_is_wrong_is_refused(self):
        self.refuses(404, self.session(instance="c-none"))
        self.refuses(404, self.session(qualifier="1"))
        self.refuses(400, self.session(tty="perhaps"))
        self.refuses(400, self.session(command=["/bin/nothere"]))
        self.refuses(403, self.session(client=legacy.client(secret="wrong")))
        with self.refused(400, "InvalidArgument"):
            self.instances(limit=1001)

    def closed_normally(self, session):
        """The websocket's library tells every end as an error; of this one, that it is none."""
        self.assertEqual([str(error) for error in session.errors], ["Connection closed normally (code 1000): The command has ended."])

    def refuses(self, status, session):
        session.end()
        self.assertEqual([getattr(error, "status_code", error) for error in session.errors], [status])
        self.assertFalse(session.opened.is_set())
