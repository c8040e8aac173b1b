"""Tasks: submit, follow, list, retry."""

import json
import time

import cloud
from alibabacloud_fc_open20210406 import models


class Life(cloud.CloudTest):
    def test_a_task_goes_from_enqueued_to_succeeded(self):
        self.make_function("echo", "index.echo", tasks=True)
        before = time.time() * 1000
        response = self.invoke("echo", b'{"n": 1}', x_fc_invocation_type="Async", x_fc_stateful_async_invocation_id="job-1")
        self.assertEqual((response.status_code, response.body), (202, b""))
        self.assertEqual(cloud.header(response, "X-Fc-Stateful-Async-Invocation-Id"), "job-1")
        task = self.wait("echo", "job-1", "Succeeded")
        self.assertEqual(cloud.states(task), ["Enqueued", "Processed", "Running", "Succeeded"])
        self.assertEqual([event.event_id for event in task.events], [1, 2, 3, 4])
        times = [event.timestamp for event in task.events]
        self.assertEqual(times, sorted(times))
        self.assertTrue(before - 1000 <= times[0] and times[-1] <= time.time() * 1000 + 1000, times)
        self.assertEqual((task.service_name, task.function_name, task.qualifier), (self.service, "echo", "LATEST"))
        self.assertEqual((task.invocation_payload, task.return_payload), ('{"n": 1}', '{"n": 1}'))
        self.assertEqual(task.request_id, cloud.header(response, "X-Fc-Request-Id"))
        self.assertEqual((task.already_retried_times, task.invocation_error_message or ""), (0, ""))
        self.assertTrue(task.started_time >= times[0] and task.end_time == times[-1] and task.instance_id, task.to_map())

    def test_the_same_id_again_is_a_conflict_and_runs_nothing(self):
        self.make_function("once", "index.echo", tasks=True)
        self.submit("once", b"first", "job-1")
        with self.refused(409, "StatefulAsyncInvocationAlreadyExists"):
            self.submit("once", b"second", "job-1")
        task = self.wait("once", "job-1", "Succeeded")
        with self.refused(409, "StatefulAsyncInvocationAlreadyExists"):
            self.submit("once", b"third", "job-1")
        self.assertEqual((task.return_payload, len(self.tasks("once").invocations)), ("first", 1))

    def test_without_an_id_the_request_id_is_the_tasks(self):
        self.make_function("named", "index.echo", tasks=True)
        response = self.invoke("named", b"x", x_fc_invocation_type="Async")
        task_id = cloud.header(response, "X-Fc-Stateful-Async-Invocation-Id")
        self.assertEqual(task_id, cloud.header(response, "X-Fc-Request-Id"))
        self.wait("named", task_id, "Succeeded")

    def test_a_bad_id_is_refused(self):
        self.make_function("picky", "index.echo", tasks=True)
        for bad in ("1st", "-a", "a b", "a" * 129):
            with self.subTest(bad), self.refused(400, "InvalidArgument"):
                self.submit("picky", b"x", bad)
        self.assertEqual(self.tasks("picky").invocations, [])

    def test_task_mode_may_be_asked_for_by_the_call(self):
        self.make_function("plain", "index.echo")
        self.assertIsNone(self.submit("plain", b"x", "unheard"))
        self.assertEqual(self.submit("plain", b"x", "heard", x_fc_stateful_async_invocation_enable="true"), "heard")
        self.wait("plain", "heard", "Succeeded")
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.task("plain", "unheard")

    def test_a_delayed_task_waits(self):
        self.make_function("later", "index.echo", tasks=True)
        self.submit("later", b"x", "in-two-seconds", common_headers={"X-Fc-Async-Delay": "2"})
        self.assertEqual(self.task("later", "in-two-seconds").status, "Enqueued")
        task = self.wait("later", "in-two-seconds", "Succeeded")
        waited = task.events[1].timestamp - task.events[0].timestamp
        self.assertTrue(2_000 <= waited < 20_000, waited)

    def test_what_does_not_exist_is_named(self):
        self.make_function("empty", "index.echo", tasks=True)
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.task("empty", "none")
        with self.refused(404, "FunctionNotFound"):
            self.tasks("none")


class Failures(cloud.CloudTest):
    def test_a_failing_task_is_retried_as_often_as_configured(self):
        self.make_function("fails", "index.fail", tasks=True, retries=1)
        task = self.wait("fails", self.submit("fails", b"x", "twice"), "Failed")
        self.assertEqual(cloud.states(task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Failed"])
        self.assertEqual(task.already_retried_times, 1)
        self.assertIn("no luck today", task.invocation_error_message)
        self.assertEqual(json.loads(task.events[3].event_detail)["Error"], "UnhandledInvocationError")
        self.assertGreaterEqual(task.events[4].timestamp - task.events[3].timestamp, 500)

    def test_without_retries_a_task_fails_at_once(self):
        self.make_function("fails-once", "index.fail", tasks=True, retries=0)
        task = self.wait("fails-once", self.submit("fails-once", b"x"), "Failed")
        self.assertEqual((cloud.states(task)[-2:], task.already_retried_times), (["Running", "Failed"], 0))

    def test_a_task_whose_function_is_deleted_becomes_invalid(self):
        self.make_function("vanishes", "index.echo", tasks=True)
        self.submit("vanishes", b"x", "too-late", common_headers={"X-Fc-Async-Delay": "3600"})
        self.client.delete_function(self.service, "vanishes")
        with self.refused(404, "FunctionNotFound"):
            self.submit("vanishes", b"x")
        # Its record is shown under the name again, and the new function's code does not run it.
        self.make_function("vanishes", "index.echo", tasks=True)
        self.assertEqual(cloud.states(self.task("vanishes", "too-late")), ["Enqueued", "Invalid"])


class Lists(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        test.make_function("many", "index.echo", tasks=True, retries=0)
        test.make_function("broken", "index.fail", tasks=True, retries=0)
        cls.ids = [f"{word}-{n}" for n in range(3) for word in ("red", "blue")]
        for task_id in cls.ids:
            # One after the other, so that their order by time is known.
            test.submit("many", b"payload of " + task_id.encode(), task_id)
            test.wait("many", task_id, "Succeeded")
            time.sleep(0.01)

    def listed(self, **query):
        return [task.invocation_id for task in self.tasks("many", **query).invocations]

    def test_newest_first_unless_asked_otherwise(self):
        self.assertEqual(self.listed(), self.ids[::-1])
        self.assertEqual(self.listed(sort_order_by_time="desc"), self.ids[::-1])
        self.assertEqual(self.listed(sort_order_by_time="asc"), self.ids)

    def test_by_prefix(self):
        self.assertEqual(self.listed(invocation_id_prefix="red", sort_order_by_time="asc"), ["red-0", "red-1", "red-2"])
        self.assertEqual(self.listed(invocation_id_prefix="nobody"), [])

    def test_by_status(self):
        # In a function of its own: the other tests know every task of `many`.
        self.make_function("later", "index.echo", tasks=True)
        self.addCleanup(self.client.delete_function, self.service, "later")
        listed = lambda status: [task.invocation_id for task in self.tasks("later", status=status).invocations]
        self.submit("later", b"x", "waits", common_headers={"X-Fc-Async-Delay": "3600"})
        self.assertEqual(listed("Enqueued"), ["waits"])
        self.stop("later", "waits")
        self.assertEqual(listed("Stopped"), ["waits"])
        self.assertEqual(len(self.listed(status="Succeeded")), 6)
        self.assertEqual(self.listed(status="Dequeued"), [])
        with self.refused(400, "InvalidArgument"):
            self.listed(status="Sleeping")

    def test_by_time_window(self):
        started = {task.invocation_id: task.started_time for task in self.tasks("many").invocations}
        second, fifth = started[self.ids[1]], started[self.ids[4]]
        window = {"started_time_begin": second, "started_time_end": fifth, "sort_order_by_time": "asc"}
        self.assertEqual(self.listed(**window), self.ids[1:5])
        window = {"started_time_begin": second + 1, "started_time_end": fifth - 1, "sort_order_by_time": "asc"}
        self.assertEqual(self.listed(**window), self.ids[2:4])
        self.assertEqual(self.listed(**window, invocation_id_prefix="blue"), ["blue-1"])

    def test_by_page(self):
        found, token = [], ""
        for _ in range(3):
            page = self.tasks("many", limit=2, next_token=token, sort_order_by_time="asc", status="Succeeded")
            self.assertLessEqual(len(page.invocations), 2)
            found, token = found + [task.invocation_id for task in page.invocations], page.next_token
        self.assertEqual((found, token or ""), (self.ids, ""))
        with self.refused(400, "InvalidArgument"):
            self.listed(next_token="tomorrow")

    def test_payloads_only_when_asked_for_and_events_always(self):
        plain = self.tasks("many", invocation_id_prefix="red-0").invocations[0]
        self.assertIsNone(plain.invocation_payload)
        self.assertEqual(cloud.states(plain), ["Enqueued", "Processed", "Running", "Succeeded"])
        shown = self.tasks("many", invocation_id_prefix="red-0", include_payload=True).invocations[0]
        self.assertEqual(shown.invocation_payload, "payload of red-0")

    def test_functions_with_task_mode(self):
        request = models.ListStatefulAsyncInvocationFunctionsRequest(limit=100)
        rows = self.client.list_stateful_async_invocation_functions(request).body.data
        mine = [(row.function_name, row.qualifier) for row in rows if row.service_name == self.service]
        self.assertEqual(mine, [("broken", "LATEST"), ("many", "LATEST")])
