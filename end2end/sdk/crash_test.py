"""Nothing accepted is lost: kill -9 in the middle of 200 tasks, start again, look at every history (product.md, promise 1)."""

import collections
import concurrent.futures
import time

import cloud
import server

TASKS = 200

# Every step that a history may take (product.md 3, fc-api.md 4.1). Written out, not derived: this is the test.
STEPS = {
    "Enqueued": {"Processed", "Stopped", "Expired", "Invalid"},
    "Processed": {"Running", "Stopped", "Expired", "Invalid"},
    "Running": {"Succeeded", "Failed", "Retrying", "Stopping"},
    "Retrying": {"Running", "Failed", "Stopped", "Invalid"},
    "Stopping": {"Stopped"},
    "Succeeded": set(),
    "Failed": set(),
    "Stopped": set(),
    "Expired": set(),
    "Invalid": set(),
}


class Crash(cloud.CloudTest):
    def all_tasks(self):
        found, token = [], ""
        while True:
            page = self.tasks("naps", limit=100, next_token=token, sort_order_by_time="asc")
            found, token = found + page.invocations, page.next_token
            if not token:
                return found

    def counts(self):
        return collections.Counter(task.status for task in self.all_tasks())

    def test_every_accepted_task_ends_once(self):
        self.make_function("naps", "index.nap", tasks=True)
        ids = [f"job-{n}" for n in range(TASKS)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            accepted = list(pool.map(lambda task_id: self.submit("naps", b"0.5", task_id), ids))
        self.assertEqual(accepted, ids)
        under_way = cloud.wait_for(
            "some done, some running, some waiting",
            lambda: (seen := self.counts())["Succeeded"] and seen["Running"] and seen["Enqueued"] + seen["Processed"] and seen,
        )
        server.current.kill()
        print(f"\n    killed at {dict(under_way)}")
        began = time.monotonic()
        server.current.start()
        with self.refused(409, "StatefulAsyncInvocationAlreadyExists"):
            self.submit("naps", b"0.5", ids[0])
        cloud.wait_for("all tasks final", lambda: all(task.status in cloud.FINAL for task in self.all_tasks()), seconds=180)
        tasks = self.all_tasks()
        attempts = collections.Counter(cloud.states(task).count("Running") for task in tasks)
        print(f"    all final {time.monotonic() - began:.1f} s after the start; tasks by attempts: {dict(attempts)}")
        self.assertEqual(sorted(task.invocation_id for task in tasks), sorted(ids))
        for task in tasks:
            with self.subTest(task.invocation_id):
                self.check_history(task)
        self.assertEqual({task.status for task in tasks}, {"Succeeded"}, "the function never fails")
        self.assertGreater(sum(count for tries, count in attempts.items() if tries > 1), 0, "the kill interrupted nothing")

    def check_history(self, task):
        history = cloud.states(task)
        self.assertEqual(history[0], "Enqueued")
        for before, after in zip(history, history[1:]):
            self.assertIn(after, STEPS[before], history)
        self.assertEqual((history[-1], history.count("Succeeded")), (task.status, 1), history)
        self.assertEqual([event.event_id for event in task.events], list(range(1, len(history) + 1)))
        self.assertEqual(task.already_retried_times, 0, "a lost attempt is not a retry")
