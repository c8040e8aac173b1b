"""Services, functions, their code, and asynchronous configurations."""

import base64
import urllib.request
import uuid

import cloud
from alibabacloud_fc_open20210406 import models

# What the vendor's own tests insist on in a function (fc-api.md 3.2).
ALWAYS = (
    "function_name runtime handler description instance_type code_checksum code_size created_time last_modified_time function_id "
    "memory_size timeout"
).split()


class Services(cloud.CloudTest):
    def test_create_get_update_and_delete(self):
        name = f"life-{uuid.uuid4().hex[:8]}"
        created = self.client.create_service(models.CreateServiceRequest(service_name=name, description="first", internet_access=False))
        self.assertEqual((created.body.service_name, created.body.description, created.body.internet_access), (name, "first", False))
        self.assertEqual(len(created.body.service_id), 36)
        self.assertRegex(created.body.created_time, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        with self.refused(409, "ServiceAlreadyExists"):
            self.client.create_service(models.CreateServiceRequest(service_name=name))
        updated = self.client.update_service(name, models.UpdateServiceRequest(description="second"))
        self.assertEqual((updated.body.description, updated.body.internet_access), ("second", False))
        read = self.client.get_service(name, models.GetServiceRequest())
        self.assertEqual(read.body.to_map(), updated.body.to_map())
        self.assertEqual(self.client.delete_service(name).status_code, 204)
        with self.refused(404, "ServiceNotFound"):
            self.client.get_service(name, models.GetServiceRequest())

    def test_if_match_guards_an_update_and_a_delete(self):
        name = f"etag-{uuid.uuid4().hex[:8]}"
        etag = cloud.header(self.client.create_service(models.CreateServiceRequest(service_name=name)), "ETag")
        self.assertTrue(etag)

        def update(tag, text):
            request = models.UpdateServiceRequest(description=text)
            return self.client.update_service_with_options(name, request, models.UpdateServiceHeaders(if_match=tag), cloud.OPTIONS)

        new = cloud.header(update(etag, "one"), "ETag")
        self.assertNotEqual(new, etag)
        with self.refused(412, "PreconditionFailed"):
            update(etag, "two")
        self.assertEqual(self.client.get_service(name, models.GetServiceRequest()).body.description, "one")
        with self.refused(412, "PreconditionFailed"):
            self.client.delete_service_with_options(name, models.DeleteServiceHeaders(if_match=etag), cloud.OPTIONS)
        self.client.delete_service_with_options(name, models.DeleteServiceHeaders(if_match=new), cloud.OPTIONS)

    def test_list_is_paged(self):
        prefix = f"page{uuid.uuid4().hex[:8]}"
        names = [f"{prefix}-{letter}" for letter in "abcde"]
        for name in names:
            self.client.create_service(models.CreateServiceRequest(service_name=name))
        found, token, pages = [], "", 0
        while pages == 0 or token:
            page = self.client.list_services(models.ListServicesRequest(limit=2, prefix=prefix, next_token=token)).body
            self.assertLessEqual(len(page.services), 2)
            found, token, pages = found + [service.service_name for service in page.services], page.next_token, pages + 1
        self.assertEqual((found, pages), (names, 3))
        later = self.client.list_services(models.ListServicesRequest(prefix=prefix, start_key=names[3])).body
        self.assertEqual([service.service_name for service in later.services], names[3:])

    def test_a_service_with_functions_is_not_deleted(self):
        self.make_function("holds", "index.echo")
        with self.refused(409, "ServiceNotEmpty"):
            self.client.delete_service(self.service)
        self.client.delete_function(self.service, "holds")


class Functions(cloud.CloudTest):
    def test_create_from_a_zip_and_read_it_back(self):
        created = self.make_function("made", "index.echo", description="of the SDK", environment_variables={"GREETING": "hello"})
        for member in ALWAYS:
            self.assertIsNotNone(getattr(created, member), member)
        self.assertEqual((created.function_name, created.runtime, created.handler), ("made", "python3", "index.echo"))
        self.assertEqual((created.instance_type, created.timeout, created.memory_size), ("e1", 60, 128))
        self.assertEqual(created.code_size, len(base64.b64decode(cloud.zip_of("index.py"))))
        read = self.client.get_function(self.service, "made", models.GetFunctionRequest()).body
        self.assertEqual(read.to_map(), created.to_map())
        self.assertEqual(read.environment_variables, {"GREETING": "hello"})
        with self.refused(409, "FunctionAlreadyExists"):
            self.make_function("made", "index.echo")

    def test_update_changes_what_is_sent_and_nothing_else(self):
        created = self.make_function("changes", "index.echo", environment_variables={"GREETING": "hello"})
        updated = self.client.update_function(self.service, "changes", models.UpdateFunctionRequest(timeout=9, instance_concurrency=2)).body
        self.assertEqual((updated.timeout, updated.instance_concurrency, updated.handler), (9, 2, "index.echo"))
        self.assertEqual((updated.environment_variables, updated.code_checksum), ({"GREETING": "hello"}, created.code_checksum))
        code = models.Code(zip_file=cloud.zip_of(**{"index.py": "def echo(event, context): return 'new code'"}))
        recoded = self.client.update_function(self.service, "changes", models.UpdateFunctionRequest(code=code)).body
        self.assertNotEqual(recoded.code_checksum, created.code_checksum)
        self.assertEqual(self.invoke("changes", b"x").body, b"new code")

    def test_if_match_guards_an_update(self):
        self.make_function("guarded", "index.echo")
        etag = cloud.header(self.client.get_function(self.service, "guarded", models.GetFunctionRequest()), "ETag")

        def update(tag, seconds):
            headers = models.UpdateFunctionHeaders(if_match=tag)
            request = models.UpdateFunctionRequest(timeout=seconds)
            return self.client.update_function_with_options(self.service, "guarded", request, headers, cloud.OPTIONS)

        update(etag, 11)
        with self.refused(412, "PreconditionFailed"):
            update(etag, 12)
        self.assertEqual(self.client.get_function(self.service, "guarded", models.GetFunctionRequest()).body.timeout, 11)

    def test_list_is_paged(self):
        names = [f"paged-{letter}" for letter in "abc"]
        for name in names:
            self.make_function(name, "index.echo")
        first = self.client.list_functions(self.service, models.ListFunctionsRequest(limit=2, prefix="paged-")).body
        self.assertEqual([function.function_name for function in first.functions], names[:2])
        rest = models.ListFunctionsRequest(limit=2, prefix="paged-", next_token=first.next_token)
        rest = self.client.list_functions(self.service, rest).body
        self.assertEqual(([function.function_name for function in rest.functions], rest.next_token or ""), (names[2:], ""))

    def test_code_comes_back_as_it_was_sent(self):
        created = self.make_function("coded", "index.echo")
        code = self.client.get_function_code(self.service, "coded", models.GetFunctionCodeRequest()).body
        self.assertEqual(code.checksum, created.code_checksum)
        with urllib.request.urlopen(code.url, timeout=10) as answer:
            self.assertEqual(answer.read(), base64.b64decode(cloud.zip_of("index.py")))

    def test_a_wrong_code_checksum_is_refused(self):
        headers = models.CreateFunctionHeaders(x_fc_code_checksum="12345")
        request = models.CreateFunctionRequest(
            function_name="broken", runtime="python3", handler="index.echo", code=models.Code(zip_file=cloud.zip_of("index.py"))
        )
        with self.refused(400, "InvalidArgument"):
            self.client.create_function_with_options(self.service, request, headers, cloud.OPTIONS)
        with self.refused(404, "FunctionNotFound"):
            self.client.get_function(self.service, "broken", models.GetFunctionRequest())

    def test_bad_input_is_refused_by_name(self):
        def create(part, **members):
            members = {"runtime": "python3", "handler": "index.echo", "code": models.Code(zip_file=cloud.zip_of("index.py")), **members}
            with self.refused(400, "InvalidArgument") as caught:
                self.client.create_function(self.service, models.CreateFunctionRequest(function_name="bad", **members))
            self.assertIn(part, caught.error.message)

        create("Runtime is set to an invalid value", runtime="cobol85")
        create("customContainerConfig.image", runtime="custom-container", code=None)
        create("MemorySize", memory_size=100)
        create("Timeout", timeout=86_401)
        create("FC_X", environment_variables={"FC_X": "1"})
        create("code.zipFile", code=models.Code(zip_file="%%%"))
        create("", code=models.Code(zip_file=base64.b64encode(b"this is no archive").decode()))
        with self.refused(404, "FunctionNotFound"):
            self.client.get_function(self.service, "bad", models.GetFunctionRequest())

    def test_only_latest_exists(self):
        self.make_function("qualified", "index.echo")
        self.client.get_function(self.service, "qualified", models.GetFunctionRequest(qualifier="LATEST"))
        with self.refused(404, "VersionNotFound"):
            self.client.get_function(self.service, "qualified", models.GetFunctionRequest(qualifier="3"))
        with self.refused(404, "AliasNotFound"):
            self.client.get_function(self.service, "qualified", models.GetFunctionRequest(qualifier="prod"))


class AsyncConfigs(cloud.CloudTest):
    def test_put_get_list_and_delete(self):
        self.make_function("configured", "index.echo")
        with self.refused(404, "AsyncConfigNotExists"):
            self.client.get_function_async_invoke_config(self.service, "configured", models.GetFunctionAsyncInvokeConfigRequest())
        target = models.Destination(destination=f"acs:fc:::services/{self.service}/functions/another")
        put = models.PutFunctionAsyncInvokeConfigRequest(
            stateful_invocation=True,
            max_async_retry_attempts=2,
            max_async_event_age_in_seconds=2_592_000,
            destination_config=models.DestinationConfig(on_success=target),
        )
        stored = self.client.put_function_async_invoke_config(self.service, "configured", put).body
        self.assertEqual((stored.service, stored.function, stored.qualifier), (self.service, "configured", "LATEST"))
        self.assertEqual((stored.stateful_invocation, stored.max_async_retry_attempts), (True, 2))
        self.assertEqual(stored.max_async_event_age_in_seconds, 2_592_000)
        self.assertEqual(stored.destination_config.on_success.destination, target.destination)
        partly = models.PutFunctionAsyncInvokeConfigRequest(max_async_retry_attempts=0)
        self.client.put_function_async_invoke_config(self.service, "configured", partly)
        read = self.client.get_function_async_invoke_config(self.service, "configured", models.GetFunctionAsyncInvokeConfigRequest()).body
        self.assertEqual((read.stateful_invocation, read.max_async_retry_attempts), (True, 0))
        listed = models.ListFunctionAsyncInvokeConfigsRequest()
        listed = self.client.list_function_async_invoke_configs(self.service, "configured", listed).body.configs
        self.assertEqual([config.qualifier for config in listed], ["LATEST"])
        gone = self.client.delete_function_async_invoke_config(
            self.service, "configured", models.DeleteFunctionAsyncInvokeConfigRequest()
        )
        self.assertEqual(gone.status_code, 204)
        with self.refused(404, "AsyncConfigNotExists"):
            self.client.get_function_async_invoke_config(self.service, "configured", models.GetFunctionAsyncInvokeConfigRequest())

    def test_values_outside_their_range_are_refused(self):
        self.make_function("ranged", "index.echo")
        for members in ({"max_async_retry_attempts": 9}, {"max_async_event_age_in_seconds": 2_592_001}):
            with self.subTest(members), self.refused(400, "InvalidArgument"):
                request = models.PutFunctionAsyncInvokeConfigRequest(**members)
                self.client.put_function_async_invoke_config(self.service, "ranged", request)
