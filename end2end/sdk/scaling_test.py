"""Limits and minimums of instances, and code that is replaced under load."""

import base64
import concurrent.futures
import threading
import time

import cloud
from alibabacloud_fc_open20210406 import models
from Tea.exceptions import TeaException

VERSIONED = "def handler(event, context):\n    import time\n    time.sleep(0.02)\n    return {text!r}\n"


def code(text):
    return models.Code(zip_file=cloud.zip_of(**{"index.py": VERSIONED.format(text=text)}))


class Limits(cloud.CloudTest):
    def limit(self, name, most, if_match=None):
        request = models.PutFunctionOnDemandConfigRequest(maximum_instance_count=most, qualifier="LATEST")
        headers = models.PutFunctionOnDemandConfigHeaders(if_match=if_match)
        return self.client.put_function_on_demand_config_with_options(self.service, name, request, headers, cloud.OPTIONS)

    def read(self, name):
        return self.client.get_function_on_demand_config(self.service, name, models.GetFunctionOnDemandConfigRequest(qualifier="LATEST"))

    def test_i3_5_a_limit_is_put_read_listed_and_deleted(self):
        self.make_function("limited", "index.echo")
        resource = f"services/{self.service}.LATEST/functions/limited"
        with self.refused(404, "OnDemandConfigNotFound"):
            self.read("limited")
        first = self.limit("limited", 3)
        self.assertEqual((first.body.resource, first.body.maximum_instance_count), (resource, 3))
        etag = cloud.header(first, "ETag")
        with self.refused(412, "PreconditionFailed"):
            self.limit("limited", 4, if_match="another")
        self.limit("limited", 4, if_match=etag)
        self.assertEqual(self.read("limited").body.maximum_instance_count, 4)
        listed = self.client.list_on_demand_configs(models.ListOnDemandConfigsRequest(prefix=f"services/{self.service}.")).body
        self.assertEqual([(config.resource, config.maximum_instance_count) for config in listed.configs], [(resource, 4)])
        with self.refused(400, "InvalidArgument"):
            self.limit("limited", 0)
        deleted = self.client.delete_function_on_demand_config(self.service, "limited", models.DeleteFunctionOnDemandConfigRequest())
        self.assertEqual(deleted.status_code, 204)
        with self.refused(404, "OnDemandConfigNotFound"):
            self.read("limited")

    def test_i3_5_over_the_limit_a_call_is_refused_and_tasks_wait(self):
        self.make_function("narrow", "index.nap", tasks=True)
        self.limit("narrow", 1)
        self.submit("narrow", b"3", "first")
        self.wait("narrow", "first", "Running")
        began = time.monotonic()
        with self.refused(429, "ResourceExhausted"):
            self.invoke("narrow", b"0")
        self.assertLess(time.monotonic() - began, 2)
        self.submit("narrow", b"0", "second")
        waits = self.task("narrow", "second")
        self.assertEqual(waits.status, "Enqueued")
        last, next_one = self.wait("narrow", "first", "Succeeded"), self.wait("narrow", "second", "Succeeded")
        self.assertGreaterEqual(next_one.started_time, last.end_time - 50)
        self.client.delete_function_on_demand_config(self.service, "narrow", models.DeleteFunctionOnDemandConfigRequest())


class Minimums(cloud.CloudTest):
    def put(self, name, target, **members):
        request = models.PutProvisionConfigRequest(target=target, qualifier="LATEST", **members)
        return self.client.put_provision_config(self.service, name, request)

    def read(self, name):
        return self.client.get_provision_config(self.service, name, models.GetProvisionConfigRequest(qualifier="LATEST")).body

    def test_i4_2_instances_are_ready_before_the_first_call(self):
        self.make_function("ready", "index.echo")
        action = models.ScheduledActions(name="evening", target=5, schedule_expression="cron(0 0 20 * * *)")
        body = self.put("ready", 2, scheduled_actions=[action]).body
        self.assertRegex(body.resource, rf"^\d+#{self.service}#LATEST#ready$")
        self.assertEqual((body.target, body.scheduled_actions[0].target), (2, 5))
        ready = cloud.wait_for("two instances", lambda: (now := self.read("ready")).current == 2 and now)
        self.assertFalse(ready.current_error)
        answer = self.invoke("ready", b"x", x_fc_log_type="Tail")
        self.assertNotIn(b"runtime inited", base64.b64decode(cloud.header(answer, "X-Fc-Log-Result")))
        listed = self.client.list_provision_configs(models.ListProvisionConfigsRequest(service_name=self.service)).body
        self.assertEqual([(config.resource, config.target) for config in listed.provision_configs], [(body.resource, 2)])
        self.put("ready", 0)
        with self.refused(404, "ProvisionConfigNotFound"):
            self.read("ready")

    def test_i4_2_what_does_not_start_says_why(self):
        self.make_function("broken", "index.nothere")
        self.put("broken", 1)
        broken = cloud.wait_for("the reason", lambda: (now := self.read("broken")).current_error and now)
        self.assertEqual(broken.current, 0)
        self.assertIn("nothere", broken.current_error)
        self.client.update_function(self.service, "broken", models.UpdateFunctionRequest(handler="index.echo"))
        cloud.wait_for("the mended function", lambda: (now := self.read("broken")).current == 1 and not now.current_error)
        self.put("broken", 0)


class Replacement(cloud.CloudTest):
    def test_i4_2_code_replaced_under_load_drops_no_request(self):
        request = models.CreateFunctionRequest(function_name="f", runtime="python3", handler="index.handler", code=code("v0"))
        self.client.create_function(self.service, request)
        done, updated, failures, stale, answers = threading.Event(), ["v0"], [], [], []

        def call():
            client = cloud.client()
            while not done.is_set():
                known = updated[-1]
                try:
                    answer = client.invoke_function_with_options(
                        self.service, "f", models.InvokeFunctionRequest(), models.InvokeFunctionHeaders(), cloud.OPTIONS
                    )
                except TeaException as error:
                    failures.append(str(error))
                    continue
                text = answer.body.decode().strip('"')
                if cloud.header(answer, "X-Fc-Error-Type"):
                    failures.append(text)
                elif int(text[1:]) < int(known[1:]):
                    stale.append((known, text))
                answers.append(text)

        def more():
            before = len(answers)
            cloud.wait_for("more calls", lambda: len(answers) >= before + 20 or failures)

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(call) for _ in range(6)]
            try:
                for n in range(1, 6):
                    more()
                    self.client.update_function(self.service, "f", models.UpdateFunctionRequest(code=code(f"v{n}")))
                    updated.append(f"v{n}")
                more()
            finally:
                done.set()
            for finished in calls:
                finished.result()
        print(f"\n    {len(answers)} calls across 5 updates")
        self.assertEqual((failures, stale), ([], []))
        self.assertEqual(answers[-1], "v5")
