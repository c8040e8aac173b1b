"""The legacy Python SDK: services, functions, triggers, versions, aliases, configurations, tags."""

import json
import urllib.request
import uuid

import cloud
import legacy
import server


class Services(legacy.LegacyTest):
    def test_create_get_update_and_delete(self):
        name = f"old-life-{uuid.uuid4().hex[:8]}"
        created = self.client.create_service(name)
        self.assertEqual((created.data["serviceName"], created.data["description"]), (name, ""))
        self.assertTrue(created.headers["etag"])
        self.assertIn("logConfig", created.data)
        self.assertIn("role", created.data)
        with self.refused(409, "ServiceAlreadyExists"):
            self.client.create_service(name, description="again")
        updated = self.client.update_service(name, description="second", internetAccess=False, tracingConfig={}).data
        self.assertEqual((updated["description"], updated["internetAccess"]), ("second", False))
        self.assertEqual(updated["tracingConfig"], {"type": None, "params": None})
        self.assertEqual(self.client.get_service(name).data, updated)
        self.assertEqual(self.client.get_service(name, qualifier="LATEST").data, updated)
        self.assertIsNone(self.client.delete_service(name))
        with self.refused(404, "ServiceNotFound"):
            self.client.get_service(name)

    def test_if_match_guards(self):
        name = f"old-etag-{uuid.uuid4().hex[:8]}"
        etag = self.client.create_service(name).headers["etag"]
        new = self.client.update_service(name, description="one", headers={"if-match": etag}).headers["etag"]
        with self.refused(412, "PreconditionFailed"):
            self.client.update_service(name, description="two", headers={"if-match": etag})
        with self.refused(412, "PreconditionFailed"):
            self.client.delete_service(name, headers={"if-match": etag})
        self.client.delete_service(name, headers={"if-match": new})

    def test_list_is_paged_and_filtered_by_tag(self):
        prefix = f"oldpage{uuid.uuid4().hex[:8]}"
        names = [f"{prefix}-{letter}" for letter in "abcde"]
        for name in names:
            self.client.create_service(name)
        found, token, pages = [], None, 0
        while pages == 0 or token:
            page = self.client.list_services(limit=2, prefix=prefix, nextToken=token).data
            self.assertLessEqual(len(page["services"]), 2)
            found, token, pages = found + [service["serviceName"] for service in page["services"]], page.get("nextToken"), pages + 1
        self.assertEqual((found, pages), (names, 3))
        later = self.client.list_services(prefix=prefix, startKey=names[3]).data["services"]
        self.assertEqual([service["serviceName"] for service in later], names[3:])
        self.client.tag_resource(f"services/{names[1]}", {"color": "light blue"})
        tagged = self.client.list_services(prefix=prefix, tags={"color": "light blue"}).data["services"]
        self.assertEqual([service["serviceName"] for service in tagged], names[1:2])
        for name in names:
            self.client.delete_service(name)

    def test_tags(self):
        arn = f"services/{self.service}"
        tagged = self.client.tag_resource(arn, {"k1": "v1", "k2": ""})
        self.assertEqual(tagged.data["requestId"], tagged.headers["x-fc-request-id"])
        full = f"acs:fc:cn-hangzhou:1000000000000001:{arn}"
        self.assertEqual(self.client.get_resource_tags(arn).data, {"resourceArn": full, "tags": {"k1": "v1", "k2": ""}})
        self.client.untag_resource(full, ["k1"])
        self.assertEqual(self.client.get_resource_tags(full).data["tags"], {"k2": ""})
        self.client.untag_resource(arn, [], deleteAll=True)
        self.assertEqual(self.client.get_resource_tags(arn).data["tags"], {})
        with self.refused(404, "ServiceNotFound"):
            self.client.tag_resource("services/nobody", {"k": "v"})
        with self.refused(400, "LimitExceededError"):
            self.client.tag_resource(arn, {f"k{n}": "v" for n in range(21)})

    def test_the_account(self):
        self.assertEqual(self.client.get_account_settings().data, {"availableAZs": ["cn-hangzhou-a"], "defaultRole": ""})
        self.assertEqual(self.client.list_reserved_capacities(limit=5).data["reservedCapacities"], [])


class Callers(legacy.LegacyTest):
    def test_who_may_call(self):
        with self.refused(403, "InvalidAccessKeyID") as caught:
            legacy.client(key_id="nobody").list_services()
        self.assertIn("nobody", caught.error.message)
        with self.refused(403, "SignatureNotMatch") as caught:
            legacy.client(secret="wrong").list_services()
        self.assertNotIn(server.SECRET, caught.error.message)
        with self.refused(403, "AccessDenied"):
            self.client.list_services(headers={"date": "Mon, 24 Nov 2025 12:00:00 GMT"})
        with self.refused(403, "AccessDenied"):
            self.client.list_services(headers={"x-fc-account-id": "2"})
        # A token of a temporary key is signed along, and nothing is asked of it.
        legacy.client(securityToken="a token").list_services()
        # The date of callers that may not set the ordinary one.
        now = self.client._build_common_headers("GET", "/")["date"]
        self.client.list_services(headers={"date": "Mon, 24 Nov 2025 12:00:00 GMT", "x-fc-date": now})

    def test_what_is_not_here_says_so(self):
        for method, path in (("GET", f"/services/{self.service}/bindings"), ("GET", "/accountConfigs"), ("GET", "/nowhere")):
            with self.subTest(path), self.refused(400, "PathNotSupported"):
                self.generic(method, path)


class Functions(legacy.LegacyTest):
    def test_create_get_update_list_and_delete(self):
        made = self.make_function("made", "index.echo", description="old", environmentVariables={"GREETING": "hello"})
        self.assertEqual((made["runtime"], made["memorySize"], made["timeout"], made["initializationTimeout"]), ("python3", 256, 60, 30))
        self.assertEqual(made["environmentVariables"], {"GREETING": "hello"})
        self.assertEqual(self.client.get_function(self.service, "made", qualifier="LATEST").data, made)
        updated = self.client.update_function(self.service, "made", timeout=9, instanceConcurrency=2, environmentVariables={}).data
        self.assertEqual((updated["timeout"], updated["instanceConcurrency"], updated["environmentVariables"]), (9, 2, {}))
        self.make_function("more", "index.echo")
        first = self.client.list_functions(self.service, limit=1, prefix="m").data
        self.assertEqual([function["functionName"] for function in first["functions"]], ["made"])
        rest = self.client.list_functions(self.service, nextToken=first["nextToken"], prefix="m").data
        self.assertEqual(([function["functionName"] for function in rest["functions"]], rest["nextToken"]), (["more"], ""))
        for name in ("made", "more"):
            self.assertIsNone(self.client.delete_function(self.service, name))
        with self.refused(404, "FunctionNotFound"):
            self.client.delete_function(self.service, "made")

    def test_code_comes_back(self):
        made = self.make_function("coded", "index.echo")
        code = self.client.get_function_code(self.service, "coded").data
        self.assertEqual(code["checksum"], made["codeChecksum"])
        with urllib.request.urlopen(code["url"], timeout=10) as answer:
            self.assertEqual(len(answer.read()), made["codeSize"])

    def test_bad_input_is_refused_by_name(self):
        with self.refused(400, "InvalidArgument") as caught:
            self.make_function("bad", "index.echo", runtime="cobol85")
        self.assertIn("Runtime is set to an invalid value", caught.error.message)
        with self.refused(404, "VersionNotFound"):
            self.client.get_function(self.service, "bad", qualifier="7")
        with self.refused(400, "InvalidArgument"):
            self.client.create_function(self.service, "bad", "python3", "index.echo", codeOSSBucket="b", codeOSSObject="o")


class Triggers(legacy.LegacyTest):
    def test_a_configuration_is_an_object(self):
        self.make_function("timed", "index.echo")
        config = {"cronExpression": "0 0 4 * * *", "enable": False, "payload": "grüße"}
        made = self.client.create_trigger(self.service, "timed", "t", "timer", config, None, None).data
        self.assertEqual((made["triggerConfig"], made["triggerType"], made["qualifier"]), (config, "timer", "LATEST"))
        changed = {**config, "payload": "other"}
        self.assertEqual(self.client.update_trigger(self.service, "timed", "t", changed).data["triggerConfig"], changed)
        self.assertEqual(self.client.get_trigger(self.service, "timed", "t").data["triggerConfig"], changed)
        listed = self.client.list_triggers(self.service, "timed", prefix="t").data["triggers"]
        self.assertEqual([trigger["triggerConfig"] for trigger in listed], [changed])
        with self.refused(409, "FunctionNotEmpty"):
            self.client.delete_function(self.service, "timed")
        self.assertIsNone(self.client.delete_trigger(self.service, "timed", "t"))
        with self.refused(404, "TriggerNotFound"):
            self.client.delete_trigger(self.service, "timed", "t")
        with self.refused(400, "InvalidArgument"):
            self.client.create_trigger(self.service, "timed", "t", "timer", {"cronExpression": "never"}, None, None)


class Versions(legacy.LegacyTest):
    def test_versions_and_aliases(self):
        self.make_function("f", "index.about")
        first = self.client.publish_version(self.service, description="first").data
        self.assertEqual((first["versionId"], first["description"]), ("1", "first"))
        with self.refused(400, "InvalidArgument"):
            self.client.publish_version(self.service)
        self.client.update_function(self.service, "f", description="changed")
        self.assertEqual(self.client.publish_version(self.service).data["versionId"], "2")
        listed = self.client.list_versions(self.service, limit=1, direction="FORWARD").data
        self.assertEqual(([version["versionId"] for version in listed["versions"]], listed["nextToken"]), (["1"], "2"))

        made = self.client.create_alias(self.service, "prod", "1", additionalVersionWeight={"2": 0.0}).data
        self.assertEqual((made["versionId"], made["additionalVersionWeight"]), ("1", {"2": 0.0}))
        self.assertEqual(self.client.update_alias(self.service, "prod", "2", additionalVersionWeight={}).data["versionId"], "2")
        self.assertEqual(self.client.get_alias(self.service, "prod").data["versionId"], "2")
        aliases = self.client.list_aliases(self.service, prefix="p").data["aliases"]
        self.assertEqual([alias["aliasName"] for alias in aliases], ["prod"])

        about = json.loads(self.client.invoke_function(self.service, "f", qualifier="prod").data)
        self.assertEqual((about["qualifier"], about["service"]), ("prod", self.service))
        self.assertEqual(self.client.get_function(self.service, "f", qualifier="1").data["description"], "")
        names = self.client.list_functions(self.service, qualifier="prod").data["functions"]
        self.assertEqual([function["description"] for function in names], ["changed"])
        with self.refused(404, "AliasNotFound"):
            self.client.get_service(self.service, qualifier="test")

        with self.refused(409, "QualifierInUse"):
            self.client.delete_version(self.service, "2")
        self.assertIsNone(self.client.delete_alias(self.service, "prod"))
        self.assertIsNone(self.client.delete_version(self.service, "2"))
        with self.refused(404, "VersionNotFound"):
            self.client.delete_version(self.service, "2")


class AsyncConfigs(legacy.LegacyTest):
    def test_put_get_list_and_delete(self):
        self.make_function("configured", "index.echo")
        target = f"acs:fc:::services/{self.service}/functions/other"
        # As the SDK's own documentation writes it.
        sent = {"DestinationConfig": {"OnSuccess": {"Destination": target}}, "MaxAsyncEventAgeInSeconds": 100, "MaxAsyncRetryAttempts": 1}
        put = self.client.put_function_async_invoke_config(self.service, "LATEST", "configured", sent).data
        self.assertEqual((put["service"], put["function"], put["qualifier"]), (self.service, "configured", "LATEST"))
        self.assertEqual((put["maxAsyncEventAgeInSeconds"], put["maxAsyncRetryAttempts"]), (100, 1))
        self.assertEqual(put["destinationConfig"]["onSuccess"]["destination"], target)
        self.assertEqual(self.client.get_function_async_invoke_config(self.service, "LATEST", "configured").data, put)
        # An empty qualifier leaves the dot with nothing after it.
        self.assertEqual(self.client.get_function_async_invoke_config(self.service, "", "configured").data, put)
        listed = self.client.list_function_async_invoke_configs(self.service, "configured", limit=5).data
        self.assertEqual(listed, {"configs": [put], "nextToken": ""})
        self.assertIsNone(self.client.delete_function_async_invoke_config(self.service, "LATEST", "configured"))
        with self.refused(404, "AsyncConfigNotExists"):
            self.client.get_function_async_invoke_config(self.service, "LATEST", "configured")
        with self.refused(400, "InvalidArgument"):
            self.client.put_function_async_invoke_config(self.service, "LATEST", "configured", {"maxAsyncRetryAttempts": 9})
