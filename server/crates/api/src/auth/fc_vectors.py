"""Writes fc_vectors.json: signed requests that fc.rs has to accept.

Sources: requests that the vendor's unmodified SDKs send to a socket of this script, kept as they came in; two addresses and a signature
that the vendor publishes in the tests of its Go SDK; and requests signed by `sign` below, written from fc-api.md 2.1, for shapes that
none of these has.

    NODE_PATH=end2end/node_modules .tools/venv/bin/python server/crates/api/src/auth/fc_vectors.py > server/crates/api/src/auth/fc_vectors.json
"""

import base64
import hashlib
import hmac
import json
import subprocess
import urllib.parse

import fc2
from alibabacloud_fc_open20210406.client import Client as OpenClient
from alibabacloud_tea_openapi.models import Config
from vectors import KEY, SECRET, record, vector

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
PROXY = "/2016-08-15/proxy/demo/f1"


def python(name, send, **options):
    def call(endpoint):
        send(fc2.Client(endpoint=endpoint, accessKeyID=KEY, accessKeySecret=SECRET, **options))

    return record(name, call, scheme="http://")


def node(name, expression):
    """A request of the Node.js SDK; `c` in the expression is the client."""

    def call(endpoint):
        options = json.dumps({"accessKeyID": KEY, "accessKeySecret": SECRET, "region": "r", "endpoint": endpoint})
        script = f"const FC = require('@alicloud/fc2'); const c = new FC('1000000000000001', {options}); ({expression}).catch(() => 0)"
        subprocess.run(["node", "-e", script], check=True)

    return record(name, call, scheme="http://")


def trigger(name, path, **headers):
    """A request of the open SDK's method for HTTP triggers, which signs by this scheme and does not sort the query."""

    def call(endpoint):
        config = Config(access_key_id=KEY, access_key_secret=SECRET, endpoint=endpoint, protocol="http", region_id="r")
        OpenClient(config).invoke_httptrigger(f"http://{endpoint}{path}", "POST", b"body", headers)

    return record(name, call)


def signature(secret, text):
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def sign(name, method, target, headers, date, resource):
    """fc-api.md 2.1, read literally: the resource is given as it is signed."""
    lower = {key.lower(): value for key, value in headers}
    block = "".join(f"{key}:{lower[key]}\n" for key in sorted(lower) if key.startswith("x-fc-"))
    text = "\n".join([method, lower.get("content-md5", ""), lower.get("content-type", ""), date, block + resource])
    return vector(name, method, target, headers + [["Authorization", f"FC {KEY}:{signature(SECRET, text)}"]], b"")


def presigned(name, path, query, expires, headers=()):
    """fc-api.md 2.4, read literally."""
    query = query + [("x-fc-access-key-id", KEY), ("x-fc-expires", expires)]
    resource = urllib.parse.unquote(path) + "\n" + "\n".join(sorted(f"{key}={value}" for key, value in query))
    lower = {key.lower(): value for key, value in headers}
    text = f"GET\n\n{lower.get('content-type', '')}\n{expires}\n{resource}"
    query = query + [("x-fc-signature", signature(SECRET, text))]
    return vector(name, "GET", f"{path}?{urllib.parse.urlencode(query)}", [list(header) for header in headers], b"")


def published():
    """From the vendor's Go SDK, signature_test.go and sign_url_request_test.go."""
    at = "/2016-08-15/proxy/service/func/?x-fc-access-key-id=akid&x-fc-expires=1583339600"
    with_token = "&x-fc-security-token=stsToken&x-fc-signature=Yi0jCBQ6cTZc%2BtN8wtYUz9FbYNijx5jDiE3sVNW6XwA%3D"
    yield {"key": "akid", "secret": "akSec", **vector("published with a token", "GET", at + with_token, [], b"")}
    without = "&x-fc-signature=6Rc4KxEAv3%2BlHpbNQWceIUqWVWq3ewxhadlJBRzZ0XQ%3D"
    yield {"key": "akid", "secret": "akSec", **vector("published without a token", "GET", at + without, [], b"")}
    query = "x=xyz&x=456&a=123+45&x-fc-expires=1583221068&x-fc-access-key-id=akID&x-fc-security-token=stsToken"
    target = f"/2016-08-15/proxy/service.LATEST/func/abc%20123?{query}&x-fc-signature=QFdNhz0Dl%2BonUM/MvpX940WFH3H8OHayZHbby1c01aI%3D"
    headers = [["x-fc-trace-id", "trace-id"], ["content-type", "text/json"], ["content-md5", "ef5b43a0fe1d5b401b62c3ba33a7a3d6"]]
    secret = "S9MWOBG0AOWHSO9HPASP216QOPHT5YR4NLH3A"
    yield {"key": "akID", "secret": secret, **vector("published with headers", "GET", target, headers, b"")}


def from_the_sdks():
    headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "job-1", "X-Fc-Trace-Id": "t"}
    yield python("py: create service", lambda c: c.create_service("demo", description="d"))
    yield python("py: list services", lambda c: c.list_services(limit=3, prefix="a b", tags={"k": "v"}))
    yield python("py: submit", lambda c: c.invoke_function("demo", "f1", "ä".encode(), headers=headers, qualifier="LATEST"))
    yield python("py: with a token", lambda c: c.get_service("demo"), securityToken="a+token/=")
    yield python("py: HTTP function", lambda c: c.do_http_request("GET", "demo", "f1", "/a%20b/c~ä", params={"z": ["3", "2"], "q": "1 +ü"}))
    yield python("py: HTTP function without query", lambda c: c.do_http_request("POST", "demo", "f1", "", body=b"x"))
    yield node("js: create service", "c.createService('demo', {description: 'ä'})")
    yield node("js: submit", "c.invokeFunction('demo', 'f1', Buffer.from([0, 255]), {'X-Fc-Invocation-Type': 'Async'}, 'LATEST')")
    yield node("js: HTTP function", "c.get('/proxy/demo/f1/action%20a', {b: ['2', '1'], a: 'x y+', n: 5, yes: true}, {})")
    yield node("js: HTTP function without query", "c.post('/proxy/demo/f1/', 'x', {}, null)")
    yield trigger("py-open: HTTP trigger", PROXY + "/a%20b?z=%20y&b=2&a&c=%C3%A4", **{"x-fc-trace-id": "t"})


def by_hand():
    path = "/2021-04-06/services/demo"
    dated = [["Date", "Mon, 23 Nov 2026 00:00:00 GMT"], ["X-Fc-Date", DATE]]
    yield sign("the other date in the place of the date", "GET", path, dated, DATE, path)
    yield sign("the other date and the date", "GET", path, dated, dated[0][1], path)
    yield sign("the other date alone", "GET", path, dated[1:], "", path)
    yield sign("headers in any order", "GET", path, [["x-fc-z", "1"], ["X-FC-A", "2"], ["Date", DATE], ["Content-Type", "a/b"]], DATE, path)
    yield sign("a raw path", "GET", "/2016-08-15/services/a%20b", [["Date", DATE]], DATE, "/2016-08-15/services/a%20b")
    yield sign("a repeated key", "GET", PROXY + "/?x=b&x=a", [["Date", DATE]], DATE, PROXY + "/\nx=a\nx=b")
    yield presigned("presigned", PROXY + "/a%20b", [("q", "1 &"), ("n", "5")], "1795521600")
    yield presigned("presigned on a domain of its own", "/plain", [], "1795521600", [("Content-Type", "text/plain")])


if __name__ == "__main__":
    print(json.dumps([{"key": KEY, "secret": SECRET, **one} for one in [*from_the_sdks(), *published(), *by_hand()]], indent=1, ensure_ascii=False))
