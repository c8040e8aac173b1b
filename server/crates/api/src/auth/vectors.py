"""Writes vectors.json: signed requests that acs3.rs has to accept.

Two independent sources: requests that the vendor's unmodified SDK sends to a socket of this script, kept as they came in,
and requests signed by `sign` below, written from fc-api.md 2.2, for shapes that this SDK never sends.

    .tools/venv/bin/python server/crates/api/src/auth/vectors.py > server/crates/api/src/auth/vectors.json
"""

import base64
import hashlib
import hmac
import json
import socket
import threading
import urllib.parse

from alibabacloud_fc_open20210406 import models
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

KEY, SECRET = "LTAItest0001", "s3cret/with+signs="


def record(name, call, scheme=""):
    """One request as it comes over the wire to the endpoint that `call` gets; the answer is a refusal, so what is raised does not matter."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def quiet():
            try:
                call(f"{scheme}127.0.0.1:{server.getsockname()[1]}")
            except Exception:  # noqa: BLE001
                pass

        thread = threading.Thread(target=quiet)
        thread.start()
        peer, _ = server.accept()
        with peer, peer.makefile("rb") as stream:
            method, target, _ = stream.readline().decode().split(" ")
            headers = []
            while (line := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
                header, value = line.split(":", 1)
                headers.append([header, value.strip()])
            length = next((int(value) for header, value in headers if header.lower() == "content-length"), 0)
            body = stream.read(length)
            peer.sendall(b"HTTP/1.1 400 x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        thread.join()
    return vector(name, method, target, headers, body)


def capture(send, name, scheme=""):
    """A request of the open SDK."""

    def call(endpoint):
        config = Config(access_key_id=KEY, access_key_secret=SECRET, endpoint=endpoint, protocol="http", region_id="cn-hangzhou")
        send(Client(config))

    return record(name, call, scheme)


def vector(name, method, target, headers, body):
    return {"name": name, "method": method, "target": target, "headers": headers, "body": base64.b64encode(body).decode()}


def sign(name, method, target, headers, body, signed):
    """fc-api.md 2.2, read literally."""
    path, _, query = target.partition("?")
    headers = headers + [["x-acs-date", "2026-11-24T05:00:00Z"], ["x-acs-content-sha256", hashlib.sha256(body).hexdigest()]]
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical_query = "&".join(f"{key}={urllib.parse.quote(value, safe='-_.~')}" for key, value in pairs)
    lines = ""
    for header in signed:
        lines += header + ":" + ",".join(sorted(value.strip() for given, value in headers if given.lower() == header)) + "\n"
    canonical = "\n".join([method, path, canonical_query, lines, ";".join(signed), hashlib.sha256(body).hexdigest()])
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    authorization = f"ACS3-HMAC-SHA256 Credential={KEY},SignedHeaders={';'.join(signed)},Signature={signature}"
    return vector(name, method, target, headers + [["Authorization", authorization]], body)


def from_the_sdk():
    def task(client):
        headers = models.InvokeFunctionHeaders(
            common_headers={"X-Fc-Async-Delay": "30"},
            x_fc_invocation_type="Async",
            x_fc_stateful_async_invocation_id="job-1",
        )
        request = models.InvokeFunctionRequest(body="ä bytes".encode(), qualifier="LATEST")
        client.invoke_function_with_options("demo", "f1", request, headers, RuntimeOptions())

    yield capture(lambda c: c.create_service(models.CreateServiceRequest(service_name="demo", description="two words")), "create service")
    yield capture(lambda c: c.get_service("demo", models.GetServiceRequest()), "endpoint with a scheme", scheme="http://")
    yield capture(lambda c: c.get_service("a b/c~ä", models.GetServiceRequest()), "a name that has to be escaped")
    yield capture(lambda c: c.list_services(models.ListServicesRequest(limit=3, next_token="", prefix="a b+c/ä~")), "a query with spaces")
    yield capture(task, "asynchronous invocation")
    yield capture(lambda c: c.stop_stateful_async_invocation("demo", "f1", "job-1", models.StopStatefulAsyncInvocationRequest()), "stop")


def by_hand():
    least = ["host", "x-acs-content-sha256", "x-acs-date"]
    host = [["Host", "127.0.0.1:3000"]]
    yield sign("unsorted query with %20", "GET", "/2021-04-06/services?prefix=a%20b&limit=5&nextToken=", host, b"", least)
    yield sign("a repeated query key", "GET", "/2021-04-06/services?status=b&status=a", host, b"", least)
    yield sign("a query key without =", "GET", "/2021-04-06/services?prefix", host, b"", least)
    repeated = host + [["x-fc-z", "  b "], ["X-Fc-Z", "a"]]
    yield sign("a repeated header", "PUT", "/2021-04-06/services/demo", repeated, b"{}", least + ["x-fc-z"])
    unsigned = host + [["X-Fc-Invocation-Type", "Async"]]
    yield sign("an unsigned header", "POST", "/2021-04-06/services/demo/functions/f1/invocations", unsigned, b"\x00\xff", least)


if __name__ == "__main__":
    print(json.dumps({"key": KEY, "secret": SECRET, "vectors": [*from_the_sdk(), *by_hand()]}, indent=1, ensure_ascii=False))
