"""Signals: heeded from the moment on at which the server says that it is ready, a second one ends what does not end by itself, and a third kills it."""

import pathlib
import signal
import tempfile
import threading
import unittest

import cloud
import fc2
import legacy
import server
from stop_test import processes

STARTS = 4


class Signals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="taskyard-sdk-")
        self.addCleanup(folder.cleanup)
        self.server = server.Server(server.current.binary, pathlib.Path(folder.name), None)
        self.addCleanup(self.server.kill)

    def test_i4_2_a_server_that_is_told_to_end_right_after_its_start_ends_properly(self):
        for _ in range(STARTS):
            self.server.start()
            self.assertEqual(self.server.stop(), 0)

    def test_i4_2_a_second_signal_ends_synchronous_calls_too(self):
        self.server.start()
        client = legacy.client(of=self.server)
        client.create_service("s")
        client.create_function("s", "naps", "python3", "index.nap", codeDir=str(cloud.CODE), timeout=900)
        refusals = []

        def call():
            try:
                client.invoke_function("s", "naps", b"600")
            except fc2.FcError as error:
                refusals.append(error.status_code)

        caller = threading.Thread(target=call, daemon=True)
        caller.start()
        cloud.wait_for("its instance", lambda: client.list_instances("s", "LATEST", "naps", {}).data["instances"])
        self.server.process.send_signal(signal.SIGTERM)
        cloud.wait_for("a server that takes nothing more", lambda: not self.server.is_ready())
        self.server.process.send_signal(signal.SIGINT)
        self.assertEqual(self.server.process.wait(20), 0)
        caller.join(10)
        self.assertEqual(refusals, [503])

    def test_i4_2_a_third_signal_kills_what_ignores_the_second(self):
        self.server.environment["TASKYARD_STOP_GRACE"] = "600"
        self.server.start()
        client = legacy.client(of=self.server)
        client.create_service("s")
        client.create_function("s", "stubborn", "python3", "index.stubborn", codeDir=str(cloud.CODE), timeout=900)
        mark = f"taskyard-third-{self.server.port}"
        client.invoke_function("s", "stubborn", mark.encode(), headers={"x-fc-invocation-type": "Async"})
        cloud.wait_for("its process", lambda: processes(mark))
        self.server.process.send_signal(signal.SIGTERM)
        cloud.wait_for("a server that takes nothing more", lambda: not self.server.is_ready())
        self.server.process.send_signal(signal.SIGTERM)
        cloud.wait_for("the second signal's heeding", lambda: "second signal" in self.server.log_tail())
        self.assertIsNone(self.server.process.poll())
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(20), 0)
        self.assertEqual(processes(mark), set())
