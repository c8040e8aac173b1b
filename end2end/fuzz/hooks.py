"""What schemathesis needs to know of this API: that calls are signed, and which resources there are to find."""

import atexit
import collections
import json
import os
import pathlib
import zlib

import client
import requests
import schemathesis

BASE = os.environ["TASKYARD_FUZZ_BASE"]

# What is put back whenever a call has taken it away, so that most calls reach more than a 404.
NAMES = {"service": "fuzz", "function": "f1", "alias": "prod", "version": "1", "trigger": "t1", "task": "job-1", "instance": "c-1-0",
         "layer": "fuzz", "layer_version": "1", "arn": "layers/fuzz/versions/1", "domain": "fuzz.example.org"}
# What may be deleted because nothing else hangs on it.
SPARE = {"/2021-04-06/services/{service}": {"service": "fuzz-empty"}, "/2021-04-06/services/{service}/functions/{function}": {"function": "f2"}}
# Of ten names that were made up, those that are kept.
MADE_UP_IN_TEN = 2
# Bodies are whatever the schema allows, but for what would start a thousand processes.
MOST = {"target": 1, "maximumInstanceCount": 2, "instanceConcurrency": 2, "timeout": 2, "initializationTimeout": 2, "memorySize": 128}
F1 = "/2021-04-06/services/fuzz/functions/f1"


SIGNATURE = client.Signature(os.environ["TASKYARD_ACCESS_KEY_ID"], os.environ["TASKYARD_ACCESS_KEY_SECRET"])
schemathesis.auth.set_from_requests(SIGNATURE)


def seed(session=requests):
    """Makes what the names lead to; what is there already stays."""

    def ask(method, path, headers=None, **body):
        return session.request(method, BASE + path, json=body or None, headers=headers, auth=SIGNATURE, timeout=20)

    code = {"zipFile": client.archive()}
    ask("POST", "/2021-04-06/services", serviceName="fuzz")
    made = {"runtime": "python3", "handler": "index.handler", "timeout": 2, "memorySize": 128, "code": code}
    for name in ("f1", "f2"):
        ask("POST", "/2021-04-06/services/fuzz/functions", **{**made, "functionName": name})
    ask("POST", "/2021-04-06/services/fuzz/functions", **{**made, "functionName": "h1", "code": {"zipFile": client.archive(client.HTTP_CODE)}})
    opened = {"authType": "anonymous", "methods": ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]}
    ask("POST", "/2021-04-06/services/fuzz/functions/h1/triggers", triggerName="web", triggerType="http", triggerConfig=opened)
    ask("POST", "/2021-04-06/services", serviceName="fuzz-empty")
    ask("POST", "/2021-04-06/services/fuzz/versions", headers={"X-Fc-Ignore-Version-Publish-Error": "true"})
    ask("POST", "/2021-04-06/services/fuzz/aliases", aliasName="prod", versionId="1")
    timer = {"triggerName": "t1", "triggerType": "timer", "triggerConfig": {"cronExpression": "@every 60m", "enable": False}}
    ask("POST", F1 + "/triggers", **timer)
    ask("PUT", F1 + "/async-invoke-config", statefulInvocation=True)
    ask("PUT", F1 + "/on-demand-config", maximumInstanceCount=2)
    ask("PUT", F1 + "/provision-config", target=1)
    if ask("GET", "/2021-04-06/layers/fuzz/versions/" + NAMES["layer_version"]).status_code != 200:
        # No number is given twice.
        NAMES["layer_version"] = str(ask("POST", "/2021-04-06/layers/fuzz/versions", code=code).json()["version"])
        NAMES["arn"] = "layers/fuzz/versions/" + NAMES["layer_version"]
    routes = [{"path": "/*", "serviceName": "fuzz", "functionName": "f1"}]
    ask("POST", "/2021-04-06/custom-domains", domainName=NAMES["domain"], routeConfig={"routes": routes})
    task = {"X-Fc-Invocation-Type": "Async", "X-Fc-Stateful-Async-Invocation-Id": "job-1", "X-Fc-Stateful-Async-Invocation-Enable": "true"}
    ask("POST", F1 + "/invocations", headers=task)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    documented.update(f"{method.upper()} {path}" for path, methods in raw_schema["paths"].items() for method in methods)
    seed()


def one_of_ten(value):
    """The same for the same value: what is drawn at random here would be drawn alike for every call."""
    return zlib.crc32(repr(value).encode("utf-8", "replace")) % 10


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Most calls are about what exists."""
    operation = context.operation
    spare = SPARE.get(operation.path, {}) if operation.method.upper() == "DELETE" else {}
    if "/proxy/" in operation.path:
        spare = {"function": "h1"}
    for name in path_parameters or {}:
        if name in NAMES and one_of_ten(path_parameters[name]) >= MADE_UP_IN_TEN:
            path_parameters[name] = spare.get(name, NAMES[name])
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    # Versions and aliases that exist are never guessed.
    for name, known in (("qualifier", "LATEST"), ("resourceArn", "services/fuzz")):
        if isinstance(query, dict) and isinstance(query.get(name), str) and one_of_ten(query[name]) >= MADE_UP_IN_TEN:
            query[name] = known
    return query


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict):
        for name, most in MOST.items():
            if isinstance(body.get(name), int) and not isinstance(body[name], bool):
                body[name] = min(body[name], most)
        if "resourceArn" in body and one_of_ten(body["resourceArn"]) >= MADE_UP_IN_TEN:
            body["resourceArn"] = "services/fuzz"
        if isinstance(body.get("domainName"), str) and one_of_ten(body["domainName"]) >= MADE_UP_IN_TEN:
            body["domainName"] = f"fuzz{zlib.crc32(body['domainName'].encode('utf-8', 'replace'))}.example.org"
        routes = body["routeConfig"].get("routes") if isinstance(body.get("routeConfig"), dict) else None
        for route in routes if isinstance(routes, list) else []:
            if isinstance(route, dict) and one_of_ten(route) >= MADE_UP_IN_TEN:
                route.update(serviceName="fuzz", functionName="f1", qualifier="LATEST")
        if isinstance(body.get("code"), dict) and one_of_ten(body["code"]) >= MADE_UP_IN_TEN:
            body["code"] = {"zipFile": client.archive()}
    return body


documented = set()
# How often each documented operation was answered with each status.
answers = collections.defaultdict(collections.Counter)
atexit.register(lambda: pathlib.Path(os.environ["TASKYARD_FUZZ_ANSWERS"]).write_text(json.dumps(answers)))


@schemathesis.hook
def after_call(context, case, response):
    name = f"{case.method.upper()} {case.operation.path}"
    if name in documented:
        answers[name][response.status_code] += 1
    if case.method.upper() == "DELETE" and response.status_code == 204:
        seed()
