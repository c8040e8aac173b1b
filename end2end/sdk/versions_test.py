"""Versions and aliases of services, and what a qualifier decides."""

import cloud
from alibabacloud_fc_open20210406 import models
from Tea.exceptions import TeaException

CODE = """
def handler(event, context):
    return "{text} " + context.service.version_id + " " + context.service.qualifier
"""


def code(text):
    return models.Code(zip_file=cloud.zip_of(**{"index.py": CODE.replace("{text}", text)}))


class Versions(cloud.CloudTest):
    def setUp(self):
        self.client.create_service(models.CreateServiceRequest(service_name=self.name))

    @property
    def name(self):
        """A service of this test's own: versions are the service's."""
        return f"{self.service}-{self.id().rsplit('.', 1)[-1][5:]}".replace("_", "-")

    def tearDown(self):
        for alias in self.client.list_aliases(self.name, models.ListAliasesRequest()).body.aliases:
            self.client.delete_alias(self.name, alias.alias_name)
        for version in self.client.list_service_versions(self.name, models.ListServiceVersionsRequest()).body.versions:
            self.client.delete_service_version(self.name, version.version_id)
        for function in self.client.list_functions(self.name, models.ListFunctionsRequest()).body.functions:
            self.client.delete_function(self.name, function.function_name)
        self.client.delete_service(self.name)

    def put(self, text, name="f"):
        """Makes the function or gives it other code."""
        try:
            self.client.update_function(self.name, name, models.UpdateFunctionRequest(code=code(text)))
        except TeaException as error:
            self.assertEqual(error.code, "FunctionNotFound")
            request = models.CreateFunctionRequest(function_name=name, runtime="python3", handler="index.handler", code=code(text))
            self.client.create_function(self.name, request)

    def publish(self, description="", **headers):
        request = models.PublishServiceVersionRequest(description=description)
        headers = models.PublishServiceVersionHeaders(**headers)
        return self.client.publish_service_version_with_options(self.name, request, headers, cloud.OPTIONS).body

    def two_versions(self):
        """Version 1 answers `one`, version 2 `two`, LATEST `three`; the alias `prod` leads to 1."""
        for text in ("one", "two"):
            self.put(text)
            self.publish(text)
        self.put("three")
        return self.client.create_alias(self.name, models.CreateAliasRequest(alias_name="prod", version_id="1"))

    def call(self, qualifier, payload=b""):
        request = models.InvokeFunctionRequest(body=payload, qualifier=qualifier)
        answer = self.client.invoke_function_with_options(self.name, "f", request, models.InvokeFunctionHeaders(), cloud.OPTIONS)
        return answer.body.decode().strip('"').split()

    def submit_to(self, qualifier, task_id, payload=b""):
        request = models.InvokeFunctionRequest(body=payload, qualifier=qualifier)
        headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_stateful_async_invocation_id=task_id)
        answer = self.client.invoke_function_with_options(self.name, "f", request, headers, cloud.OPTIONS)
        self.assertEqual(answer.status_code, 202)
        return cloud.header(answer, "X-Fc-Stateful-Async-Invocation-Id")

    def configure(self, qualifier, **members):
        request = models.PutFunctionAsyncInvokeConfigRequest(qualifier=qualifier, **members)
        return self.client.put_function_async_invoke_config(self.name, "f", request).body

    def ended(self, task_id, qualifier):
        def look():
            request = models.GetStatefulAsyncInvocationRequest(qualifier=qualifier)
            task = self.client.get_stateful_async_invocation(self.name, "f", task_id, request).body
            return task if task.status in cloud.FINAL else None

        return cloud.wait_for(f"the end of {task_id}", look)

    def test_publish_list_and_delete(self):
        self.put("one")
        first = self.publish("first")
        self.assertEqual((first.version_id, first.description), ("1", "first"))
        self.assertTrue(first.created_time and first.last_modified_time)
        with self.refused(400, "InvalidArgument"):
            self.publish("again")
        self.assertEqual(self.publish("again", common_headers={"X-Fc-Ignore-Version-Publish-Error": "true"}).version_id, "1")
        self.put("two")
        with self.refused(412, "PreconditionFailed"):
            self.publish(if_match="another")
        etag = cloud.header(self.client.get_service(self.name, models.GetServiceRequest()), "ETag")
        self.assertEqual(self.publish(if_match=etag).version_id, "2")

        def listed(**query):
            body = self.client.list_service_versions(self.name, models.ListServiceVersionsRequest(**query)).body
            return [version.version_id for version in body.versions], body.next_token or "", body.direction

        self.assertEqual(listed(), (["2", "1"], "", "BACKWARD"))
        self.assertEqual(listed(limit=1), (["2"], "1", "BACKWARD"))
        self.assertEqual(listed(limit=1, next_token="1"), (["1"], "", "BACKWARD"))
        self.assertEqual(listed(direction="FORWARD", start_key="2"), (["2"], "", "FORWARD"))
        self.assertEqual(self.client.delete_service_version(self.name, "2").status_code, 204)
        with self.refused(404, "VersionNotFound"):
            self.client.delete_service_version(self.name, "2")
        self.put("three")
        self.assertEqual(self.publish().version_id, "3")
        self.client.delete_function(self.name, "f")
        with self.refused(409, "ServiceNotEmpty"):
            self.client.delete_service(self.name)

    def test_aliases(self):
        made = self.two_versions()
        self.assertEqual((made.body.alias_name, made.body.version_id), ("prod", "1"))
        self.assertTrue(made.body.created_time and made.body.last_modified_time)
        with self.refused(409, "AliasAlreadyExists"):
            self.client.create_alias(self.name, models.CreateAliasRequest(alias_name="prod", version_id="2"))
        with self.refused(404, "VersionNotFound"):
            self.client.create_alias(self.name, models.CreateAliasRequest(alias_name="beta", version_id="9"))
        with self.refused(400, "InvalidArgument"):
            self.client.create_alias(self.name, models.CreateAliasRequest(alias_name="LATEST", version_id="1"))
        with self.refused(409, "QualifierInUse"):
            self.client.delete_service_version(self.name, "1")

        def update(tag, **members):
            headers = models.UpdateAliasHeaders(if_match=tag)
            return self.client.update_alias_with_options(self.name, "prod", models.UpdateAliasRequest(**members), headers, cloud.OPTIONS)

        weighted = update(cloud.header(made, "ETag"), additional_version_weight={"2": 0.25}, description="careful")
        self.assertEqual((weighted.body.version_id, weighted.body.additional_version_weight), ("1", {"2": 0.25}))
        with self.refused(412, "PreconditionFailed"):
            update(cloud.header(made, "ETag"), description="x")
        with self.refused(400, "AdditionalVersionContainsMajorVersion"):
            update(None, version_id="2")
        read = self.client.get_alias(self.name, "prod")
        self.assertEqual((read.body.description, read.body.additional_version_weight), ("careful", {"2": 0.25}))
        listed = self.client.list_aliases(self.name, models.ListAliasesRequest(prefix="pr")).body.aliases
        self.assertEqual([alias.alias_name for alias in listed], ["prod"])
        self.assertEqual(self.client.delete_alias(self.name, "prod").status_code, 204)
        with self.refused(404, "AliasNotFound"):
            self.client.get_alias(self.name, "prod")

    def test_a_qualifier_runs_and_shows_its_version(self):
        self.two_versions()
        for qualifier, text, version in (("1", "one", "1"), ("prod", "one", "1"), ("2", "two", "2"), ("LATEST", "three", "LATEST")):
            self.assertEqual(self.call(qualifier), [text, version, qualifier])
        self.assertEqual(self.call(None)[0], "three")

        def checksum(qualifier):
            request = models.GetFunctionRequest(qualifier=qualifier)
            return self.client.get_function(self.name, "f", request).body.code_checksum

        self.assertEqual(checksum("prod"), checksum("1"))
        self.assertEqual(len({checksum(qualifier) for qualifier in ("1", "2", "LATEST")}), 3)
        self.put("late", name="g")
        names = self.client.list_functions(self.name, models.ListFunctionsRequest(qualifier="2")).body.functions
        self.assertEqual([function.function_name for function in names], ["f"])
        for qualifier, code in (("9", "VersionNotFound"), ("test", "AliasNotFound")):
            with self.refused(404, code):
                self.call(qualifier)
            with self.refused(404, code):
                self.client.get_service(self.name, models.GetServiceRequest(qualifier=qualifier))
        # The alias is moved: calls go to the other version from then on.
        self.client.update_alias(self.name, "prod", models.UpdateAliasRequest(version_id="2"))
        self.assertEqual(self.call("prod"), ["two", "2", "prod"])
        self.client.delete_function(self.name, "f")
        self.assertEqual(self.call("prod"), ["two", "2", "prod"])
        with self.refused(404, "FunctionNotFound"):
            self.call("LATEST")

    def test_weights_share_the_calls(self):
        self.two_versions()
        self.client.update_alias(self.name, "prod", models.UpdateAliasRequest(additional_version_weight={"2": 0.5}))
        seen = [self.call("prod")[0] for _ in range(40)]
        # Both have a chance of one in 10^12 not to come.
        self.assertEqual(set(seen), {"one", "two"})

    def test_each_qualifier_has_its_configuration(self):
        self.two_versions()
        self.configure("prod", stateful_invocation=True, max_async_retry_attempts=0)
        self.configure("2", max_async_retry_attempts=2)
        request = models.ListFunctionAsyncInvokeConfigsRequest()
        configs = self.client.list_function_async_invoke_configs(self.name, "f", request).body.configs
        self.assertEqual([config.qualifier for config in configs], ["2", "prod"])
        with self.refused(404, "AsyncConfigNotExists"):
            self.client.get_function_async_invoke_config(self.name, "f", models.GetFunctionAsyncInvokeConfigRequest())
        with self.refused(404, "AliasNotFound"):
            self.configure("test", stateful_invocation=True)
        self.assertEqual(self.submit_to("prod", "job-1"), "job-1")
        for qualifier in ("2", "LATEST"):
            self.assertIsNone(self.submit_to(qualifier, "job-2"), "task mode is off there")
        task = self.ended("job-1", "prod")
        self.assertEqual((task.status, task.qualifier), ("Succeeded", "prod"))
        self.assertEqual(task.return_payload.strip('"').split(), ["one", "1", "prod"])
        with self.refused(404, "StatefulAsyncInvocationNotFound"):
            self.ended("job-1", "2")

        def listed(qualifier):
            request = models.ListStatefulAsyncInvocationsRequest(qualifier=qualifier)
            return [task.invocation_id for task in self.client.list_stateful_async_invocations(self.name, "f", request).body.invocations]

        self.assertEqual((listed("prod"), listed("2"), listed(None)), (["job-1"], [], []))
