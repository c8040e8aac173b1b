"""How calls are signed, and code to send."""

import base64
import datetime
import hashlib
import hmac
import io
import urllib.parse
import uuid
import zipfile

import requests

EVENT_CODE = "def handler(event, context):\n    print('hello')\n    return event\n"
HTTP_CODE = """def handler(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [environ["wsgi.input"].read()]
"""


class Signature(requests.auth.AuthBase):
    """ACS3-HMAC-SHA256 over the request as it will be sent."""

    def __init__(self, key_id, secret):
        self.key_id, self.secret = key_id, secret

    def __call__(self, request):
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b"".join(body)
        request.body = body
        url = urllib.parse.urlsplit(request.url)
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True, errors="surrogateescape")
        encode = lambda text: urllib.parse.quote(text, safe="-_.~", errors="surrogateescape")
        query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(pairs))
        now = datetime.datetime.now(datetime.timezone.utc)
        headers = {
            "host": url.netloc,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": uuid.uuid4().hex,
        }
        signed = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join([request.method, url.path or "/", query, lines, signed, headers["x-acs-content-sha256"]])
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        request.headers.update(headers)
        request.headers["Authorization"] = f"ACS3-HMAC-SHA256 Credential={self.key_id},SignedHeaders={signed},Signature={signature}"
        return request


def archive(source=EVENT_CODE):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.py", source)
    return base64.b64encode(buffer.getvalue()).decode()
