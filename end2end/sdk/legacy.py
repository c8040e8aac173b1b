"""The vendor's legacy Python client, and the few calls that every test of it makes."""

import contextlib
import json
import logging
import unittest
import uuid

import cloud
import fc2
import server

# The client logs every refusal, also those that a test asks for.
logging.getLogger().addHandler(logging.NullHandler())

ASYNC = {"x-fc-invocation-type": "Async"}


def client(key_id=server.KEY_ID, secret=server.SECRET, of=None, **options):
    return fc2.Client(endpoint=f"http://{(of or server.current).address}", accessKeyID=key_id, accessKeySecret=secret, **options)


class LegacyTest(unittest.TestCase):
    """A test with a service of its own."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.client = client()
        cls.service = f"old-{uuid.uuid4().hex[:8]}"
        cls.client.create_service(cls.service)

    @contextlib.contextmanager
    def refused(self, status, code):
        """Insists on this error, and that it is told as the client reads it; what is yielded gets the exception as `.error`."""
        caught = type("Caught", (), {})()
        with self.assertRaises(fc2.FcError) as raised:
            yield caught
        caught.error = error = raised.exception
        self.assertEqual((error.status_code, error.err_code), (status, code), error)
        self.assertEqual(len(error.request_id), 36)
        body = json.loads(error.message)
        self.assertEqual((body["ErrorCode"], body["RequestId"]), (code, error.request_id))
        self.assertTrue(body["ErrorMessage"])

    def make_function(self, name, handler, runtime="python3", tasks=False, retries=None, **members):
        """A function of the shared code, with task mode when asked for."""
        made = self.client.create_function(self.service, name, runtime, handler, codeDir=str(cloud.CODE), **members).data
        if tasks:
            config = {"statefulInvocation": True}
            if retries is not None:
                config["maxAsyncRetryAttempts"] = retries
            self.client.put_function_async_invoke_config(self.service, "LATEST", name, config)
        return made

    def generic(self, method, path, **query):
        """An operation that this SDK has no method for; the JSON that comes back."""
        path = f"/2016-08-15{path}"
        headers = self.client._build_common_headers(method, path)
        return self.client._do_request(method, path, headers, params=query).json()

    def task_path(self, name, task_id="", qualifier=""):
        service = f"{self.service}.{qualifier}" if qualifier else self.service
        return f"/services/{service}/functions/{name}/stateful-async-invocations" + (f"/{task_id}" if task_id else "")

    def submit(self, name, payload=b"", task_id=None, **headers):
        """An asynchronous invocation; returns the task's id."""
        named = {"x-fc-stateful-async-invocation-id": task_id} if task_id else {}
        answer = self.client.invoke_function(self.service, name, payload, headers={**ASYNC, **named, **headers})
        self.assertEqual(answer.data, b"")
        return answer.headers.get("x-fc-stateful-async-invocation-id")

    def task(self, name, task_id):
        return self.generic("GET", self.task_path(name, task_id))

    def wait(self, name, task_id, state):
        """The task once it is in the state."""

        def look():
            task = self.task(name, task_id)
            if task["status"] in cloud.FINAL and task["status"] != state:
                raise AssertionError(f"{task_id} ended as {task['status']}: {task}")
            return task if task["status"] == state else None

        return cloud.wait_for(f"{task_id} is {state}", look)


def states(task):
    """The task's history as words."""
    return [event["status"] for event in task["events"]]
