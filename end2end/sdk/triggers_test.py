"""Triggers, and time triggers that fire."""

import json

import cloud
from alibabacloud_fc_open20210406 import models

# What the vendor's answers have in every trigger (fc-api.md 3.3).
ALWAYS = "trigger_name trigger_id trigger_type trigger_config qualifier created_time last_modified_time".split()


class Triggers(cloud.CloudTest):
    @classmethod
    def tearDownClass(cls):
        for function in cls.client.list_functions(cls.service, models.ListFunctionsRequest()).body.functions:
            name = function.function_name
            for trigger in cls.client.list_triggers(cls.service, name, models.ListTriggersRequest()).body.triggers:
                cls.client.delete_trigger(cls.service, name, trigger.trigger_name)

    def make_timer(self, function, name, expression, **config):
        config = json.dumps({"cronExpression": expression, "enable": True, **config})
        request = models.CreateTriggerRequest(trigger_name=name, trigger_type="timer", trigger_config=config)
        return self.client.create_trigger(self.service, function, request)

    def test_create_get_update_list_and_delete(self):
        self.make_function("timed", "index.echo")
        made = self.make_timer("timed", "nightly", "CRON_TZ=Asia/Shanghai 0 0 4 * * *", payload="good night")
        for member in ALWAYS:
            self.assertTrue(getattr(made.body, member), member)
        self.assertEqual((made.body.trigger_type, made.body.qualifier), ("timer", "LATEST"))
        config = {"cronExpression": "CRON_TZ=Asia/Shanghai 0 0 4 * * *", "enable": True, "payload": "good night"}
        self.assertEqual(json.loads(made.body.trigger_config), config)
        with self.refused(409, "TriggerAlreadyExists"):
            self.make_timer("timed", "nightly", "@every 5m")
        change = models.UpdateTriggerRequest(description="late", trigger_config=json.dumps({"enable": False}))
        updated = self.client.update_trigger(self.service, "timed", "nightly", change).body
        self.assertEqual((updated.description, json.loads(updated.trigger_config)), ("late", {**config, "enable": False}))
        read = self.client.get_trigger(self.service, "timed", "nightly")
        self.assertEqual(json.loads(read.body.trigger_config), {**config, "enable": False})
        self.assertNotEqual(cloud.header(made, "ETag"), cloud.header(read, "ETag"))
        listed = self.client.list_triggers(self.service, "timed", models.ListTriggersRequest(prefix="night")).body.triggers
        self.assertEqual([trigger.trigger_name for trigger in listed], ["nightly"])
        with self.refused(409, "FunctionNotEmpty"):
            self.client.delete_function(self.service, "timed")
        self.assertEqual(self.client.delete_trigger(self.service, "timed", "nightly").status_code, 204)
        for again in (self.client.get_trigger, self.client.delete_trigger):
            with self.refused(404, "TriggerNotFound"):
                again(self.service, "timed", "nightly")
        self.client.delete_function(self.service, "timed")

    def test_if_match_guards_an_update_and_a_delete(self):
        self.make_function("guarded", "index.echo")
        etag = cloud.header(self.make_timer("guarded", "t", "@every 1h"), "ETag")

        def update(tag):
            headers = models.UpdateTriggerHeaders(if_match=tag)
            request = models.UpdateTriggerRequest(description="x")
            return self.client.update_trigger_with_options(self.service, "guarded", "t", request, headers, cloud.OPTIONS)

        new = cloud.header(update(etag), "ETag")
        with self.refused(412, "PreconditionFailed"):
            update(etag)
        with self.refused(412, "PreconditionFailed"):
            headers = models.DeleteTriggerHeaders(if_match=etag)
            self.client.delete_trigger_with_options(self.service, "guarded", "t", headers, cloud.OPTIONS)
        headers = models.DeleteTriggerHeaders(if_match=new)
        self.client.delete_trigger_with_options(self.service, "guarded", "t", headers, cloud.OPTIONS)

    def test_bad_input_is_refused_by_name(self):
        self.make_function("bad", "index.echo")

        def create(part, name="t", kind="timer", config="{}"):
            request = models.CreateTriggerRequest(trigger_name=name, trigger_type=kind, trigger_config=config)
            with self.refused(400, "InvalidArgument") as caught:
                self.client.create_trigger(self.service, "bad", request)
            self.assertIn(part, caught.error.message)

        create("cronExpression")
        create("Use six fields", config=json.dumps({"cronExpression": "0 0 * * *"}))
        create("hours is out of range", config=json.dumps({"cronExpression": "0 0 24 * * *"}))
        create("time zone", config=json.dumps({"cronExpression": "CRON_TZ=Mars/Olympus 0 0 4 * * *"}))
        create("TriggerType", kind="carrier pigeon")
        create("TriggerName", name="1st")
        create("valid JSON", config="{")
        with self.refused(404, "FunctionNotFound"):
            self.make_timer("nobody", "t", "@every 5m")

    def test_other_kinds_are_kept(self):
        self.make_function("kept", "index.echo")
        source = "acs:oss:cn-hangzhou:1000000000000001:bucket"
        config = json.dumps({"events": ["oss:ObjectCreated:*"], "filter": {"key": {"prefix": "a/", "suffix": ""}}})
        request = models.CreateTriggerRequest(trigger_name="o", trigger_type="oss", trigger_config=config, source_arn=source)
        made = self.client.create_trigger(self.service, "kept", request).body
        self.assertEqual((json.loads(made.trigger_config), made.source_arn), (json.loads(config), source))

    def test_a_timer_fires_a_task(self):
        self.make_function("fires", "index.echo", tasks=True)
        self.make_timer("fires", "tick", "*/2 * * * * *", payload="hello")

        def tasks():
            request = models.ListStatefulAsyncInvocationsRequest(include_payload=True, status="Succeeded")
            return self.client.list_stateful_async_invocations(self.service, "fires", request).body.invocations

        found = cloud.wait_for("two tasks of the timer", lambda: (tasks() or [])[1:] and tasks())
        self.client.delete_trigger(self.service, "fires", "tick")
        events = [json.loads(task.invocation_payload) for task in found]
        for event in events:
            self.assertEqual((event["triggerName"], event["payload"]), ("tick", "hello"))
            self.assertRegex(event["triggerTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d[02468]Z$")
        self.assertEqual(len({event["triggerTime"] for event in events}), len(events))
        # The function gives its event back; lists leave results out.
        self.assertEqual(json.loads(self.task("fires", found[0].invocation_id).return_payload), events[0])
