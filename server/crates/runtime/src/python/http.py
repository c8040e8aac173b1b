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


def environ_of(head, body, context, multithread):
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
        "wsgi.multithread": multithread,
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


class Answer(object):
    """The answer of a WSGI application: sent whole where it is one, and else as it comes."""

    def __init__(self, say):
        self.say = say
        self.head = None
        self.is_sent = False

    def start_response(self, status, headers, exc_info=None):
        if self.is_sent and exc_info:
            raise exc_info[1]
        headers = [[str(name), str(value).encode("latin-1", "replace").decode("utf-8", "replace")] for name, value in headers]
        self.head = {"status": int(status.split(" ", 1)[0]), "headers": headers}
        return self.write

    def write(self, chunk):
        if self.head is None:
            raise RuntimeError("the handler has not called start_response")
        if not self.is_sent:
            self.is_sent = True
            self.say({"type": "head", "http": self.head})
        if chunk:
            self.say({"type": "chunk"}, encoded(chunk))


def encoded(chunk):
    return chunk.encode("utf-8") if isinstance(chunk, str) else bytes(chunk)


def call_http(guarded, handler, head, body, context, say, multithread=False):
    """Calls a WSGI application; returns the status, the body and the head of its answer. What is written bit by bit is said as it comes."""
    answer = Answer(say)

    def run():
        result = handler(environ_of(head, body, context, multithread), answer.start_response)
        if isinstance(result, (bytes, bytearray, str)):
            result = [result]
        try:
            if isinstance(result, (list, tuple)) and not answer.is_sent:
                whole = b"".join(encoded(chunk) for chunk in result)
            else:
                whole = b""
                for chunk in result:
                    answer.write(chunk)
        finally:
            if hasattr(result, "close"):
                result.close()
        if answer.head is None:
            raise RuntimeError("the handler has not called start_response")
        return whole

    status, body = guarded(run)
    return status, body, answer.head if status == "ok" and not answer.is_sent else None
