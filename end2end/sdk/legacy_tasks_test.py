"""The legacy Python SDK: invocations, and the life of a task by its generic calls."""

import base64
import json

import fc2
import legacy


class Synchronous(legacy.LegacyTest):
    def test_payloads_come_back_as_they_were_sent(self):
        self.make_function("echo", "index.echo")
        for payload in (b"\x00\xff binary", "grüße \u2713".encode(), b"{}", b"x" * 200_000, None):
            answer = self.client.invoke_function(self.service, "echo", payload)
            self.assertEqual(answer.data, payload or b"")
            self.assertEqual(len(answer.headers["x-fc-request-id"]), 36)

    def test_nodejs_too(self):
        self.make_function("js", "index.echo", runtime="nodejs20")
        self.assertEqual(self.client.invoke_function(self.service, "js", b"\x00\xff", qualifier="LATEST").data, b"\x00\xff")

    def test_tail_returns_the_log(self):
        self.make_function("logs", "index.echo", memorySize=128)
        answer = self.client.invoke_function(self.service, "logs", b"something", headers={"x-fc-log-type": "Tail"})
        log = base64.b64decode(answer.headers["x-fc-log-result"]).decode()
        self.assertIn("echo says something", log)
        self.assertRegex(log, r"Duration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 128 MB")

    def test_a_failed_function_is_raised_with_status_200(self):
        self.make_function("fails", "index.fail")
        with self.assertRaises(fc2.FcError) as raised:
            self.client.invoke_function(self.service, "fails", b"x")
        self.assertEqual(raised.exception.status_code, 200)
        self.assertEqual(json.loads(raised.exception.message)["errorMessage"], "no luck today")
        self.assertEqual(len(raised.exception.request_id), 36)

    def test_bad_calls_are_refused(self):
        self.make_function("picky", "index.echo")
        for headers in ({"x-fc-log-type": "Loud"}, {"x-fc-invocation-type": "Later"}, {"x-fc-log-type": "Tail", **legacy.ASYNC}):
            with self.subTest(headers), self.refused(400, "InvalidArgument"):
                self.client.invoke_function(self.service, "picky", b"x", headers=headers)
        with self.refused(400, "EntityTooLarge"):
            self.submit("picky", b"x" * (128 * 1024 + 1))
        with self.refused(404, "FunctionNotFound"):
            self.client.invoke_function(self.service, "nobody", b"x")


class Tasks(legacy.LegacyTest):
    def test_a_task_from_its_submission_to_its_end(self):
        self.make_function("echo", "index.echo", tasks=True)
        payload = "grüße \u2713"
        self.assertEqual(self.submit("echo", payload.encode(), "job-1"), "job-1")
        task = self.wait("echo", "job-1", "Succeeded")
        self.assertEqual(legacy.states(task), ["Enqueued", "Processed", "Running", "Succeeded"])
        self.assertEqual((task["invocationPayload"], task["returnPayload"]), (payload, payload))
        self.assertEqual((task["serviceName"], task["functionName"], task["qualifier"]), (self.service, "echo", "LATEST"))
        with self.refused(409, "StatefulAsyncInvocationAlreadyExists"):
            self.submit("echo", b"x", "job-1")
        with self.refused(400, "InvalidArgument"):
            self.generic("PUT", self.task_path("echo", "job-1"))
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.task("echo", "none")
        self.assertEqual(self.generic("GET", self.task_path("echo", "job-1", qualifier="LATEST"))["status"], "Succeeded")

    def test_without_task_mode_there_is_no_task(self):
        self.make_function("plain", "index.echo")
        self.assertIsNone(self.submit("plain", b"x", "unheard"))
        named = self.submit("plain", b"\x00\xff", "heard", **{"x-fc-stateful-async-invocation-enable": "true"})
        self.assertEqual(named, "heard")
        self.wait("plain", "heard", "Succeeded")
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.task("plain", "unheard")

    def test_waiting_and_running_tasks_are_stopped(self):
        self.make_function("naps", "index.nap", tasks=True)
        self.submit("naps", b"0", "waits", **{"x-fc-async-delay": "3600"})
        self.assertEqual(self.task("naps", "waits")["status"], "Enqueued")
        self.assertEqual(self.generic("PUT", self.task_path("naps", "waits")), {})
        self.assertEqual(legacy.states(self.wait("naps", "waits", "Stopped")), ["Enqueued", "Stopped"])
        self.submit("naps", b"600", "runs")
        self.wait("naps", "runs", "Running")
        self.generic("PUT", self.task_path("naps", "runs"))
        self.assertEqual(legacy.states(self.wait("naps", "runs", "Stopped"))[-2:], ["Stopping", "Stopped"])

    def test_a_failing_task_is_retried(self):
        self.make_function("fails", "index.fail", tasks=True, retries=1)
        task = self.wait("fails", self.submit("fails", b"x"), "Failed")
        self.assertEqual(legacy.states(task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Failed"])
        self.assertEqual(task["alreadyRetriedTimes"], 1)
        self.assertIn("no luck today", task["invocationErrorMessage"])

    def test_lists(self):
        self.make_function("many", "index.echo", tasks=True)
        ids = ["red-0", "blue-0", "red-1"]
        for task_id in ids:
            self.submit("many", b"x", task_id)
            self.wait("many", task_id, "Succeeded")
        path = self.task_path("many", qualifier="LATEST")
        listed = lambda **query: [task["invocationId"] for task in self.generic("GET", path, **query)["invocations"]]
        self.assertEqual(listed(sortOrderByTime="asc"), ids)
        self.assertEqual(listed(sortOrderByTime="asc", invocationIdPrefix="red", status="Succeeded"), ["red-0", "red-1"])
        self.assertEqual(listed(status="Failed"), [])
        found, token, pages = [], "", 0
        while pages == 0 or token:
            page = self.generic("GET", path, limit=2, nextToken=token, includePayload=True)
            self.assertTrue(all(task["invocationPayload"] == "x" for task in page["invocations"]))
            found, token, pages = found + [task["invocationId"] for task in page["invocations"]], page["nextToken"], pages + 1
        self.assertEqual((found, pages), (ids[::-1], 2))
        functions = self.generic("GET", "/stateful-async-invocation-functions", limit=100)["data"]
        self.assertIn({"serviceName": self.service, "functionName": "many", "qualifier": "LATEST"}, functions)
