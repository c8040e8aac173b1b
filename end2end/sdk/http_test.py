"""HTTP functions, called through their triggers by the open and by the legacy SDK (fc-api.md 3.3, 4.7)."""

import json
import os
import re

import cloud
import legacy
import requests
import server
from alibabacloud_fc_open20210406 import models

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
LARGE = os.urandom(2 * 1024 * 1024)


class Http(cloud.CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = legacy.client()

    def make_page(self, name, auth, runtime="python3", **members):
        """An HTTP function; returns the address of its trigger."""
        self.make_function(name, "index.web", runtime=runtime, **members)
        config = json.dumps({"authType": auth, "methods": METHODS})
        request = models.CreateTriggerRequest(trigger_name="web", trigger_type="http", trigger_config=config)
        made = self.client.create_trigger(self.service, name, request).body
        self.assertEqual((made.trigger_type, made.source_arn), ("http", None))
        self.assertEqual(made.url_internet, f"http://{server.current.address}/2016-08-15/proxy/{self.service}/{name}/")
        return made.url_internet

    def assert_refused(self, answer, status, code):
        self.assertEqual((answer.status_code, answer.headers["content-type"]), (status, "application/json"), answer.text)
        self.assertEqual((answer.json()["Code"], answer.json()["RequestId"]), (code, answer.headers["x-fc-request-id"]))

    def test_a_signed_trigger_takes_every_method(self):
        url = self.make_page("signed", "function")
        for method in METHODS:
            body = b"" if method in ("GET", "HEAD") else "grüße".encode()
            headers = {"x-greeting": "hello", "content-type": "text/plain", "x-fc-trace-id": "t"}
            answer = self.client.invoke_httptrigger(f"{url}a%20b/c?q=a%20b&z=2&z=3", method, body, headers)
            self.assertEqual((answer.status_code, answer.headers["x-seen"]), (201, "yes"), answer.text)
            self.assertNotIn("x-fc-secret", answer.headers)
            if method == "HEAD":
                self.assertEqual(answer.content, b"")
                continue
            self.assertEqual(
                answer.json(),
                {
                    "method": method,
                    "path": "/a b/c",
                    "query": "q=a%20b&z=2&z=3",
                    "greeting": "hello",
                    "platform": None,
                    "body": body.decode(),
                    "request": answer.headers["x-fc-request-id"],
                },
            )

    def test_the_legacy_sdk_calls_it_too(self):
        self.make_page("old", "function")
        for params in (None, {"b": "2", "a": "x y"}, {"z": ["2", "1"]}):
            answer = self.old.do_http_request("POST", self.service, "old", "/some/page", {"x-greeting": "hi"}, params, b"body")
            self.assertEqual((answer.status_code, answer.json()["path"], answer.json()["body"]), (201, "/some/page", "body"), answer.text)
        qualified = self.old.do_http_request("GET", f"{self.service}.LATEST", "old", "/")
        self.assertEqual(qualified.status_code, 201, qualified.text)

    def test_an_open_trigger_asks_nobody(self):
        url = self.make_page("open", "anonymous")
        answer = self.client.invoke_anonymous_httptrigger(url, "GET", b"", {})
        self.assertEqual((answer.status_code, answer.json()["path"]), (201, "/"))
        # The header leaves the path to the function.
        target = f"2016-08-15/proxy/{self.service}/open"
        answer = requests.get(f"http://{server.current.address}/any/path", headers={"x-fc-invocation-target": target}, timeout=60)
        self.assertEqual((answer.status_code, answer.json()["path"]), (201, "/any/path"), answer.text)

    def test_large_binary_bodies_pass_both_ways(self):
        for runtime in ("python3", "nodejs20"):
            with self.subTest(runtime):
                name = f"large-{runtime}"
                url = self.make_page(name, "function", runtime)
                answer = self.client.invoke_httptrigger(f"{url}echo", "POST", LARGE, {"content-type": "application/octet-stream"})
                self.assertEqual((answer.status_code, answer.content == LARGE), (200, True))
                answer = self.old.do_http_request("PUT", self.service, name, "/echo", body=LARGE)
                self.assertEqual((answer.status_code, answer.content == LARGE), (200, True))

    def test_whoever_may_not_call_is_refused(self):
        url = self.make_page("closed", "function")
        self.assert_refused(self.client.invoke_anonymous_httptrigger(url, "GET", b"", {}), 400, "MissingRequiredHeader")
        stranger = cloud.client(secret="another secret")
        self.assert_refused(stranger.invoke_httptrigger(f"{url}?a=1", "GET", b"", {}), 403, "SignatureNotMatch")
        self.assert_refused(legacy.client("nobody").do_http_request("GET", self.service, "closed", "/"), 403, "InvalidAccessKeyID")
        self.assert_refused(self.client.invoke_httptrigger(url, "OPTIONS", b"", {}), 400, "PathNotSupported")
        change = models.UpdateTriggerRequest(trigger_config=json.dumps({"disableURLInternet": True}))
        self.client.update_trigger(self.service, "closed", "web", change)
        self.assert_refused(self.client.invoke_httptrigger(url, "GET", b"", {}), 403, "AccessDenied")

    def test_a_failed_function_is_a_502_with_its_error(self):
        url = self.make_page("fails", "anonymous")
        answer = self.client.invoke_anonymous_httptrigger(f"{url}fail", "GET", b"", {})
        self.assertEqual((answer.status_code, answer.json()["errorMessage"]), (502, "no page today"), answer.text)
        self.assertEqual(answer.headers["x-fc-error-type"], "UnhandledInvocationError")

    def test_an_asynchronous_call_is_a_task_that_can_t_be_run_again(self):
        url = self.make_page("later", "function", tasks=True)
        headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "job-1"}
        answer = self.client.invoke_httptrigger(f"{url}page?a=1", "POST", b"the body", headers)
        self.assertEqual((answer.status_code, answer.content), (202, b""), answer.text)
        self.assertEqual(answer.headers["x-fc-stateful-async-invocation-id"], "job-1")
        task = self.wait("later", "job-1", "Succeeded")
        self.assertEqual(cloud.states(task), ["Enqueued", "Processed", "Running", "Succeeded"])
        self.assertEqual([one.invocation_id for one in self.tasks("later").invocations], ["job-1"])
        self.assert_refused(self.client.invoke_httptrigger(url, "POST", b"", headers), 409, "StatefulAsyncInvocationAlreadyExists")
        self.assert_refused(self.client.invoke_httptrigger(url, "POST", b"x" * (128 * 1024 + 1), headers), 400, "EntityTooLarge")
        # The console alone runs tasks again; a request made by hand is refused like its button.
        console = sign_in()
        page = f"{console.address}/cn-hangzhou/services/{self.service}/functions/later/tasks/job-1"
        members = {"region": "cn-hangzhou", "service": self.service, "function": "later", "id": "job-1"}
        again = console.post(console.address + form(console.get(page, timeout=60).text, "reexecute-task"), data=members, timeout=60)
        self.assertEqual(again.status_code, 400, again.text)
        self.assertEqual([one.invocation_id for one in self.tasks("later").invocations], ["job-1"])

    def test_a_custom_runtime_serves_events_and_http_requests(self):
        self.make_function("own", "any", runtime="custom", tasks=True)
        self.assertEqual(self.invoke("own", b"\x00\xff").body, b"\x00\xff")
        self.submit("own", b"event", "job-1")
        self.assertEqual(self.wait("own", "job-1", "Succeeded").return_payload, "event")
        url = self.make_page("own-page", "anonymous", "custom")
        answer = self.client.invoke_anonymous_httptrigger(f"{url}a?b=1", "POST", b"body", {})
        base = f"/2016-08-15/proxy/{self.service}/own-page"
        self.assertEqual(answer.json(), {"method": "POST", "path": f"{base}/a?b=1", "base": base, "body": "body"})
        with self.refused(412, "CAFileNotFound"):
            code = models.Code(zip_file=cloud.zip_of("index.py"))
            self.client.update_function(self.service, "own", models.UpdateFunctionRequest(code=code))
            self.invoke("own", b"x")

    def test_an_event_is_not_for_an_http_function(self):
        self.make_page("page", "anonymous")
        with self.refused(400, "InvalidArgument"):
            self.invoke("page", b"x")


def form(page, name=""):
    """Where a form of a page is sent."""
    found = next(tag for tag in re.findall(r"<form[^>]*>", page) if name in tag)
    return re.search(r'action="([^"]+)"', found)[1].replace("&amp;", "&")


def sign_in():
    """A session of the console."""
    session = requests.Session()
    session.address = f"http://{server.current.address}"
    action = form(session.get(f"{session.address}/login", timeout=60).text)
    members = {"user": "admin", "password": "a-password-of-the-sdk-tests", "next": "/"}
    session.post(session.address + action, data=members, timeout=60)
    if not session.cookies:
        raise AssertionError("signing in to the console failed")
    return session
