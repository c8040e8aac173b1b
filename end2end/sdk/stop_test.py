"""Stop means stopped: no process of the task is left (product.md, promise 4)."""

import json
import pathlib
import uuid

import cloud


def processes(mark):
    """Ids of the processes whose arguments contain the mark."""
    found = set()
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended meanwhile
            if mark.encode() in arguments or any(mark.encode() in argument.split() for argument in arguments):
                found.add(int(folder.name))
    return found


def parent(pid):
    """Id of the parent, read behind the name in parentheses, which may contain anything."""
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Stop(cloud.CloudTest):
    def test_a_running_task_is_stopped_with_all_its_processes(self):
        self.make_function("family", "index.family", tasks=True, timeout=900)
        mark = f"mark-{uuid.uuid4().hex}"
        self.submit("family", json.dumps({"mark": mark}).encode(), "job-1")
        self.wait("family", "job-1", "Running")
        children = cloud.wait_for("three children", lambda: (pids := processes(mark)) and len(pids) >= 3 and pids)
        handlers = {parent(pid) for pid in children} - children - {1}
        self.assertTrue(handlers, "the process that runs the handler is the parent of some child")
        answer = self.stop("family", "job-1")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(self.task("family", "job-1").status, ("Stopping", "Stopped"))
        task = self.wait("family", "job-1", "Stopped")
        # No waiting: after `Stopped` they are gone.
        self.assertEqual(processes(mark), set())
        self.assertEqual([pid for pid in handlers | children if is_alive(pid)], [])
        self.assertEqual(cloud.states(task), ["Enqueued", "Processed", "Running", "Stopping", "Stopped"])
        self.assertTrue(task.end_time)

    def test_a_waiting_task_is_stopped_at_once(self):
        self.make_function("waits", "index.echo", tasks=True)
        self.submit("waits", b"x", "job-1", common_headers={"X-Fc-Async-Delay": "3600"})
        self.stop("waits", "job-1")
        task = self.task("waits", "job-1")
        self.assertEqual((task.status, cloud.states(task)), ("Stopped", ["Enqueued", "Stopped"]))

    def test_what_cannot_be_stopped_is_refused(self):
        self.make_function("over", "index.echo", tasks=True)
        self.wait("over", self.submit("over", b"x", "job-1"), "Succeeded")
        with self.refused(400, "InvalidArgument"):
            self.stop("over", "job-1")
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.stop("over", "none")

    def test_a_function_works_on_after_a_stop(self):
        self.make_function("naps", "index.nap", tasks=True, timeout=900)
        self.wait("naps", self.submit("naps", b"600", "long"), "Running")
        self.stop("naps", "long")
        self.wait("naps", "long", "Stopped")
        self.assertEqual(self.wait("naps", self.submit("naps", b"0", "short"), "Succeeded").return_payload, "rested")
