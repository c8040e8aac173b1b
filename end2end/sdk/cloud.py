"""The vendor's client, and the few calls that every test makes."""

import base64
import contextlib
import io
import pathlib
import time
import unittest
import uuid
import zipfile

import server
from alibabacloud_fc_open20210406 import models
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from Tea.exceptions import TeaException

CODE = pathlib.Path(__file__).parent / "code"
FILES = {"python": "index.py", "nodejs": "index.js", "custom": "bootstrap"}
FINAL = {"Succeeded", "Failed", "Stopped", "Expired", "Invalid"}
OPTIONS = RuntimeOptions(read_timeout=60_000, connect_timeout=10_000)

# How long anything may take before a test gives up on it.
PATIENCE_SECONDS = 60


def client(key_id=server.KEY_ID, secret=server.SECRET, of=None):
    endpoint = (of or server.current).address
    return Client(Config(access_key_id=key_id, access_key_secret=secret, endpoint=endpoint, protocol="http", region_id="cn-hangzhou"))


def zip_of(*names, **texts):
    """A ZIP archive of files below `code/`, and of texts by file name, as base64."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(CODE / name, name)
        for name, text in texts.items():
            archive.writestr(name, text)
    return base64.b64encode(buffer.getvalue()).decode()


def header(response, name):
    """A response header, whatever its case; None when it is not there."""
    return next((value for given, value in response.headers.items() if given.lower() == name.lower()), None)


def wait_for(what, condition, seconds=PATIENCE_SECONDS):
    """Asks until the condition gives something true and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class CloudTest(unittest.TestCase):
    """A test with a service of its own."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.client = client()
        cls.service = f"sdk-{uuid.uuid4().hex[:8]}"
        cls.client.create_service(models.CreateServiceRequest(service_name=cls.service))

    @contextlib.contextmanager
    def refused(self, status, code):
        """Insists on this error; what is yielded gets the exception as `.error`."""
        caught = type("Caught", (), {})()
        with self.assertRaises(TeaException) as raised:
            yield caught
        caught.error = raised.exception
        self.assertEqual((raised.exception.status_code, raised.exception.code), (status, code), raised.exception)
        self.assertEqual(len(raised.exception.data["RequestId"]), 36)

    def make_function(self, name, handler, runtime="python3", tasks=False, retries=None, **members):
        """A function of the shared code, with task mode when asked for."""
        file = FILES.get(runtime.rstrip("0123456789."), "index.js")
        members = {"timeout": 60, "memory_size": 128, **members}
        request = models.CreateFunctionRequest(
            function_name=name, runtime=runtime, handler=handler, code=models.Code(zip_file=zip_of(file)), **members
        )
        created = self.client.create_function(self.service, request)
        if tasks:
            config = models.PutFunctionAsyncInvokeConfigRequest(stateful_invocation=True, max_async_retry_attempts=retries)
            self.client.put_function_async_invoke_config(self.service, name, config)
        return created.body

    def invoke(self, name, payload=b"", **headers):
        request = models.InvokeFunctionRequest(body=payload)
        return self.client.invoke_function_with_options(self.service, name, request, models.InvokeFunctionHeaders(**headers), OPTIONS)

    def submit(self, name, payload=b"", task_id=None, **headers):
        """An asynchronous invocation; returns the task's id."""
        headers = {"x_fc_invocation_type": "Async", "x_fc_stateful_async_invocation_id": task_id, **headers}
        response = self.invoke(name, payload, **headers)
        self.assertEqual((response.status_code, response.body), (202, b""))
        return header(response, "X-Fc-Stateful-Async-Invocation-Id")

    def task(self, name, task_id):
        return self.client.get_stateful_async_invocation(self.service, name, task_id, models.GetStatefulAsyncInvocationRequest()).body

    def wait(self, name, task_id, *states):
        """The task once it is in one of the states, by default in any final one."""
        wanted = set(states) or FINAL

        def look():
            task = self.task(name, task_id)
            if task.status in FINAL and task.status not in wanted:
                raise AssertionError(f"{task_id} ended as {task.status}: {task.to_map()}")
            return task if task.status in wanted else None

        return wait_for(f"{task_id} in {wanted}", look)

    def tasks(self, name, **query):
        return self.client.list_stateful_async_invocations(self.service, name, models.ListStatefulAsyncInvocationsRequest(**query)).body

    def stop(self, name, task_id):
        return self.client.stop_stateful_async_invocation(self.service, name, task_id, models.StopStatefulAsyncInvocationRequest())


def states(task):
    """The task's history as words."""
    return [event.status for event in task.events]
