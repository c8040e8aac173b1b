"""Both Python SDKs beside a console, for the browser tests: beside.py ADDRESS submit|find SERVICE FUNCTION PREFIX [EVENT]; prints JSON."""

import json
import os
import sys

import fc2
from alibabacloud_fc_open20210406 import models
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

KEY_ID, SECRET = os.environ["TASKYARD_ACCESS_KEY_ID"], os.environ["TASKYARD_ACCESS_KEY_SECRET"]


class Open:
    """`alibabacloud_fc_open20210406`."""

    def __init__(self, address):
        self.client = Client(Config(access_key_id=KEY_ID, access_key_secret=SECRET, endpoint=address, protocol="http", region_id="any"))

    def submit(self, service, function, task_id, event):
        headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_stateful_async_invocation_id=task_id)
        self.client.invoke_function_with_options(
            service, function, models.InvokeFunctionRequest(body=event.encode()), headers, RuntimeOptions()
        )

    def find(self, service, function, prefix):
        request = models.ListStatefulAsyncInvocationsRequest(invocation_id_prefix=prefix, include_payload=True)
        return self.client.list_stateful_async_invocations(service, function, request).body.to_map()["invocations"]


class Legacy:
    """`aliyun-fc2`, which has tasks by its generic calls only."""

    def __init__(self, address):
        self.client = fc2.Client(endpoint=f"http://{address}", accessKeyID=KEY_ID, accessKeySecret=SECRET)

    def submit(self, service, function, task_id, event):
        headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": task_id}
        self.client.invoke_function(service, function, event.encode(), headers=headers)

    def find(self, service, function, prefix):
        path = f"/2016-08-15/services/{service}/functions/{function}/stateful-async-invocations"
        headers = self.client._build_common_headers("GET", path)
        query = {"invocationIdPrefix": prefix, "includePayload": "true"}
        return self.client._do_request("GET", path, headers, params=query).json()["invocations"]


def main():
    address, verb, service, function, prefix, *event = sys.argv[1:]
    clients = {"alibabacloud_fc_open20210406": Open(address), "aliyun-fc2": Legacy(address)}
    if verb == "submit":
        told = [f"{prefix}-{name}" for name in clients]
        for task_id, client in zip(told, clients.values()):
            client.submit(service, function, task_id, event[0])
    else:
        members = ("invocationId", "status", "invocationPayload")
        told = {name: [{each: task[each] for each in members} for task in client.find(service, function, prefix)] for name, client in clients.items()}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
