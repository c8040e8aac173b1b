"""Instances that run a function's requests (fc-api.md 3.6)."""

import cloud
from alibabacloud_fc_open20210406 import models


class Instances(cloud.CloudTest):
    def instances(self, name, **query):
        return self.client.list_instances(self.service, name, models.ListInstancesRequest(**query)).body.instances

    def test_the_instance_of_a_running_task_is_listed(self):
        self.make_function("listed", "index.nap", tasks=True)
        self.assertEqual(self.instances("listed"), [])
        self.submit("listed", b"30", "job-1")
        task = self.wait("listed", "job-1", "Running")
        found = self.instances("listed")
        self.assertEqual([(one.instance_id, one.version_id) for one in found], [(task.instance_id, "0")])
        self.assertEqual(len(self.instances("listed", instance_ids=[task.instance_id, "c-none"])), 1)
        self.assertEqual(self.instances("listed", instance_ids=["c-none"]), [])
        self.assertEqual(len(self.instances("listed", limit=1, qualifier="LATEST")), 1)
        self.stop("listed", "job-1")
        self.wait("listed", "job-1", "Stopped")
        self.assertEqual(self.instances("listed"), [], "a stopped task's instance is gone")

    def test_what_is_wrong_is_refused(self):
        self.make_function("refused", "index.echo")
        with self.refused(400, "InvalidArgument"):
            self.instances("refused", limit=1001)
        with self.refused(404, "FunctionNotFound"):
            self.instances("nothere")
        with self.refused(404, "AliasNotFound"):
            self.instances("refused", qualifier="nothere")
