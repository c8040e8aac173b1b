"""What Python instances of HTTP functions need: WSGI, from a request that came over the control socket."""
import sys


def native(text):
    """Text as WSGI wants it: each byte a character."""
    return text.encode("utf-8").decode("latin-1")


def unquote(text):
    """Text without percent-encoding, each byte a character."""
    first, *rest = text.encode("utf-8").split(b"%")
    out = [first]
    for part in rest:
        try:
            out.append(bytes.fromhex(part[:2].decode("ascii")) + part[2:] if len(part) >= 2 else b"%" + part)
        except ValueError:
            out.append(b"%" + part)
    return b"".join(out).decode("latin-1")


def environ_of(head, body, context):
    """What a WSGI application gets of a request."""
    import io

    uri = head["base_path"] + head["path"] + ("?" + head["query"] if head["query"] else "")
    environ = {
        "REQUEST_METHOD": head["method"],
        "SCRIPT_NAME": unquote(head["base_path"]),
        "PATH_INFO": unquote(head["path"]),
        "QUERY_STRING": native(head["query"]),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": head["client_ip"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "fc.context": context,
        "fc.request_uri": native(uri),
    }
    for name, value in head["headers"]:
        name, value = name.upper().replace("-", "_"), native(value)
        if name == "CONTENT_TYPE":
            environ[name] = value
        elif name != "CONTENT_LENGTH":
            name = "HTTP_" + name
            environ[name] = environ[name] + "," + value if name in environ else value
    host, _, port = environ.get("HTTP_HOST", "").partition(":")
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host or "localhost", port or "80"
    return environ


def call_http(guarded, handler, head, body, context):
    """Calls a WSGI application; returns the status, the body and the head of its answer."""
    answer = {}
    chunks = []

    def start_response(status, headers, exc_info=None):
        answer["status"] = int(status.split(" ", 1)[0])
        answer["headers"] = [[str(name), str(value).encode("latin-1", "replace").decode("utf-8", "replace")] for name, value in headers]
        return chunks.append

    def run():
        result = handler(environ_of(head, body, context), start_response)
        if isinstance(result, (bytes, bytearray, str)):
            result = [result]
        try:
            for chunk in result:
                chunks.append(chunk.encode("utf-8") if isinstance(chunk, str) else bytes(chunk))
        finally:
            if hasattr(result, "close"):
                result.close()
        if not answer:
            raise RuntimeError("the handler has not called start_response")
        return b"".join(chunks)

    status, body = guarded(run)
    return status, body, answer if status == "ok" else None
