"""Synchronous invocations, and who may make them."""

import base64
import json
from unittest.mock import ANY

import cloud
import server
from alibabacloud_fc_open20210406 import models


class Synchronous(cloud.CloudTest):
    def test_python_returns_its_result_and_makes_no_task(self):
        self.make_function("py", "index.echo", tasks=True)
        payload = "grüße \u2713".encode()
        response = self.invoke("py", payload)
        self.assertEqual((response.status_code, response.body), (200, payload))
        self.assertIsNone(cloud.header(response, "X-Fc-Error-Type"))
        self.assertEqual(len(cloud.header(response, "X-Fc-Request-Id")), 36)
        self.assertTrue(cloud.header(response, "X-Fc-Code-Checksum").isdigit())
        ignored = self.invoke("py", b"x", x_fc_stateful_async_invocation_id="ignored")
        self.assertIsNone(cloud.header(ignored, "X-Fc-Stateful-Async-Invocation-Id"))
        self.assertEqual(self.tasks("py").invocations, [])

    def test_nodejs_returns_its_result(self):
        self.make_function("js", "index.echo", runtime="nodejs20")
        self.assertEqual(self.invoke("js", b"\x00\xff binary").body, b"\x00\xff binary")

    def test_the_context_tells_where_the_code_runs(self):
        self.make_function("about", "index.about", environment_variables={"GREETING": "hello"})
        response = self.invoke("about")
        expected = {
            "request": cloud.header(response, "X-Fc-Request-Id"),
            "function": "about",
            "service": self.service,
            "qualifier": "LATEST",
            "region": "cn-hangzhou",
            "greeting": "hello",
        }
        self.assertEqual(json.loads(response.body), expected)

    def test_tail_returns_the_log_with_a_summary(self):
        self.make_function("logs", "index.echo")
        response = self.invoke("logs", b"something", x_fc_log_type="Tail")
        log = base64.b64decode(cloud.header(response, "X-Fc-Log-Result")).decode()
        self.assertIn("echo says something", log)
        self.assertRegex(log, r"Duration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 128 MB")
        self.assertIsNone(cloud.header(self.invoke("logs", b"x"), "X-Fc-Log-Result"))

    def test_a_failed_function_is_a_200_with_its_error(self):
        def check(name, runtime, handler, kind, error_type, part, **members):
            self.make_function(name, handler, runtime=runtime, **members)
            response = self.invoke(name, b"x")
            self.assertEqual((response.status_code, cloud.header(response, "X-Fc-Error-Type")), (200, kind), response.body)
            body = json.loads(response.body)
            self.assertIn(part, body["errorMessage"])
            if error_type is not ANY:
                self.assertEqual(body.get("errorType"), error_type)

        unhandled = "UnhandledInvocationError"
        check("py-fail", "python3", "index.fail", unhandled, "ValueError", "no luck today")
        check("js-reject", "nodejs20", "index.reject", "HandledInvocationError", "Error", "no luck today")
        check("js-crash", "nodejs20", "index.crash", unhandled, "TypeError", "not handled")
        check("py-none", "python3", "index.nothing", unhandled, ANY, "Handler 'nothing' missing on module 'index'")
        check("py-late", "python3", "index.overrun", unhandled, None, "Task timed out after 1 second", timeout=1)
        check("py-quit", "python3", "index.quit", unhandled, None, "Process exited unexpectedly before completing request")

    def test_header_values_outside_their_rule_are_refused(self):
        self.make_function("strict", "index.echo")
        with self.refused(400, "InvalidArgument") as caught:
            self.invoke("strict", x_fc_log_type="Everything")
        self.assertIn("LogType is set to an invalid value (allowed: Tail or None, actual: 'Everything')", caught.error.message)
        with self.refused(400, "InvalidArgument"):
            self.invoke("strict", x_fc_invocation_type="Later")
        with self.refused(400, "InvalidArgument"):
            self.invoke("strict", x_fc_invocation_type="Async", x_fc_log_type="Tail")
        with self.refused(400, "InvalidArgument"):
            self.invoke("strict", x_fc_invocation_type="Async", common_headers={"X-Fc-Async-Delay": "3601"})

    def test_what_is_missing_is_named(self):
        with self.refused(404, "FunctionNotFound") as caught:
            self.invoke("nowhere")
        self.assertIn(f"function 'nowhere' does not exist in service '{self.service}'", caught.error.message)


class Payloads(cloud.CloudTest):
    def test_large_events_and_their_limits(self):
        self.make_function("large", "index.echo", tasks=True)
        payload = bytes(range(256)) * 4 * 1024 * 4  # 4 MB
        self.assertEqual(self.invoke("large", payload).body, payload)
        with self.refused(400, "EntityTooLarge"):
            self.submit("large", b"x" * (128 * 1024 + 1))
        self.assertEqual(self.tasks("large").invocations, [])
        task_id = self.submit("large", b"x" * (128 * 1024))
        self.assertEqual(len(self.wait("large", task_id, "Succeeded").return_payload), 128 * 1024)
        with self.refused(400, "EntityTooLarge"):
            self.invoke("large", b"x" * (32 * 1024 * 1024 + 1))


class Callers(cloud.CloudTest):
    def listing(self, **key):
        return cloud.client(**key).list_services(models.ListServicesRequest(limit=1))

    def test_a_wrong_secret_is_refused(self):
        with self.refused(403, "SignatureNotMatch"):
            self.listing(secret="a-secret-of-nobody")

    def test_an_unknown_key_is_refused(self):
        with self.refused(403, "InvalidAccessKeyID") as caught:
            self.listing(key_id="LTAInobody")
        self.assertIn("invalid access key ID 'LTAInobody'", caught.error.message)

    def test_a_foreign_account_is_refused(self):
        headers = models.ListServicesHeaders(x_fc_account_id="42")
        with self.refused(403, "AccessDenied"):
            self.client.list_services_with_options(models.ListServicesRequest(), headers, cloud.OPTIONS)

    def test_a_wrong_secret_changes_nothing(self):
        with self.refused(403, "SignatureNotMatch"):
            cloud.client(secret="a-secret-of-nobody").create_service(models.CreateServiceRequest(service_name="of-nobody"))
        with self.refused(404, "ServiceNotFound"):
            cloud.client(server.KEY_ID, server.SECRET).get_service("of-nobody", models.GetServiceRequest())

    def test_an_operation_that_is_not_served_says_so(self):
        with self.refused(400, "PathNotSupported"):
            self.client.list_vpc_bindings("jobs")
