"""Destinations: the outcome of a task goes to a function or to a webhook."""

import contextlib
import http.server
import json
import threading

import cloud
from alibabacloud_fc_open20210406 import models


class Hook(http.server.ThreadingHTTPServer):
    """A webhook that answers with what it was given, in order, then 204, and keeps what it got."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def hook(*answers):
    with Hook(*answers) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield listening
        finally:
            listening.shutdown()


class Destinations(cloud.CloudTest):
    def tell(self, name, on_success=None, on_failure=None):
        """Configures who is told of the function's ends."""
        target = lambda text: models.Destination(destination=text)  # noqa: E731
        config = models.DestinationConfig(on_success=target(on_success), on_failure=target(on_failure))
        request = models.PutFunctionAsyncInvokeConfigRequest(destination_config=config)
        return self.client.put_function_async_invoke_config(self.service, name, request).body

    def wait_told(self, name, task_id, status="Succeeded"):
        """The task once its outcome was delivered."""

        def look():
            task = self.task(name, task_id)
            return task if task.destination_status == status else None

        return cloud.wait_for(f"the outcome of {task_id} delivered: {status}", look)

    def test_another_function_is_invoked_with_the_outcome(self):
        self.make_function("listener", "index.echo", tasks=True)
        self.make_function("source", "index.echo", tasks=True, retries=0)
        arn = f"acs:fc:::services/{self.service}.LATEST/functions/listener"
        self.assertEqual(self.tell("source", on_success=arn).destination_config.on_success.destination, arn)
        response = self.invoke("source", b'{"n": 1}', x_fc_invocation_type="Async", x_fc_stateful_async_invocation_id="job-1")
        task = self.wait_told("source", "job-1")
        told = cloud.wait_for("the listener's task", lambda: self.tasks("listener").invocations)
        self.assertEqual(len(told), 1)
        told = self.wait("listener", told[0].invocation_id, "Succeeded")
        expected = {
            "timestamp": task.end_time,
            "requestContext": {
                "requestId": cloud.header(response, "X-Fc-Request-Id"),
                "functionArn": f"acs:fc:::services/{self.service}.LATEST/functions/source",
                "condition": "",
                "approximateInvokeCount": 1,
            },
            "requestPayload": '{"n": 1}',
            "responseContext": {"statusCode": 200, "functionError": ""},
            "responsePayload": '{"n": 1}',
        }
        self.assertEqual(json.loads(told.invocation_payload), expected)

    def test_a_webhook_is_told_of_a_failure_and_asked_again_when_it_fails(self):
        self.make_function("fails", "index.fail", tasks=True, retries=0)
        with hook(500) as listening:
            self.tell("fails", on_failure=listening.url)
            self.submit("fails", b"x", "job-1")
            self.wait_told("fails", "job-1")
            (first, again) = listening.calls
        self.assertEqual(first[1], again[1])
        headers, document = again
        self.assertEqual(document["requestContext"]["condition"], "UnhandledInvocationError")
        self.assertEqual(document["responseContext"], {"statusCode": 200, "functionError": "UnhandledInvocationError"})
        self.assertEqual(json.loads(document["responsePayload"])["errorMessage"], "no luck today")
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual(headers["x-fc-request-id"], document["requestContext"]["requestId"])
        self.assertEqual(headers["idempotency-key"], first[0]["idempotency-key"])

    def test_a_stopped_task_is_told_of_as_a_failure(self):
        self.make_function("naps", "index.nap", tasks=True)
        with hook() as listening:
            self.tell("naps", on_failure=listening.url)
            self.submit("naps", b"60", "job-1")
            self.wait("naps", "job-1", "Running")
            self.stop("naps", "job-1")
            self.wait_told("naps", "job-1")
            self.assertEqual(listening.calls[0][1]["requestContext"]["condition"], "AsyncInvocationStopped")

    def test_without_a_destination_for_the_end_nothing_is_delivered(self):
        self.make_function("quiet", "index.echo", tasks=True)
        with hook() as listening:
            self.tell("quiet", on_failure=listening.url)
            self.submit("quiet", b"x", "job-1")
            task = self.wait("quiet", "job-1", "Succeeded")
            self.assertEqual((task.destination_status or "", listening.calls), ("", []))

    def test_what_can_not_be_a_destination_is_refused(self):
        self.make_function("picky", "index.echo")
        for target in (
            "acs:mns:::/queues/q/messages",
            f"acs:fc:::services/{self.service}/functions/picky",
            "http://169.254.169.254/latest/meta-data",
            "somewhere",
        ):
            with self.subTest(target), self.refused(400, "InvalidArgument"):
                self.tell("picky", on_success=target)
        with self.refused(404, "AsyncConfigNotExists"):
            self.client.get_function_async_invoke_config(self.service, "picky", models.GetFunctionAsyncInvokeConfigRequest())
