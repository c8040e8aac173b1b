"""Runs inside each Python instance: talks to the server over the control socket and calls the user's handler.

The messages are defined in `protocol.rs`. It has to work with every Python from 3.6 on, and it imports as little as it can,
because what it imports is part of every cold start: of `os` and `json` only what they have from modules in C.
"""
import _thread
import builtins
import posix
import sys

OWN_FILES = {__file__}
COROUTINE_FLAG = 0x80  # inspect.CO_COROUTINE, without the import of inspect


class SiteOnDemand:
    """Brings in `site` at the first import that fails: Python is started without it, since it is most of the start time."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if SiteOnDemand not in sys.meta_path:
            return None
        sys.meta_path.remove(SiteOnDemand)
        import site

        site.main()
        return find_elsewhere(name, path)


class LoggingSetup:
    """Gives the root logger the platform's line format as soon as the user's code imports `logging`, and not before."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(LoggingSetup)
        spec = find_elsewhere(name, path)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_configure(module):
                execute(module)
                configure_logging(module)

            spec.loader.exec_module = execute_and_configure
        return spec


def find_elsewhere(name, path):
    for finder in list(sys.meta_path):
        spec = finder.find_spec(name, path) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec
    return None


def configure_logging(logging):
    import time

    class Lines(logging.Handler):
        def emit(self, record):
            try:
                at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
                line = "%s.%03dZ %s [%s] %s\n" % (at, record.msecs, request_id(), record.levelname, self.format(record))
                sys.__stdout__.write(line)
                sys.__stdout__.flush()
            except Exception:
                self.handleError(record)

    logging.root.addHandler(Lines())
    logging.root.setLevel(logging.INFO)


class Record(object):
    """A group of named values, such as `context.function`."""

    def __init__(self, values):
        self.__dict__.update(values)

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, ", ".join("%s=%r" % item for item in sorted(self.__dict__.items())))


class Context(Record):
    """What a handler gets as its second argument."""

    def __init__(self, values, request_id, retry_count):
        for name in ("credentials", "function", "service", "tracing"):
            setattr(self, name, Record(values[name]))
        self.region = values["region"]
        self.account_id = values["account_id"]
        self.request_id = request_id
        self.retry_count = retry_count

    @property
    def logger(self):
        import logging

        return logging.getLogger()


class Parsing(object):
    """How a parser of JSON is made."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float
    parse_int = int


try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    scan = make_scanner(Parsing)
except Exception:
    scan = make_encoder = None  # not in this Python, or not in this way: `json` knows


def from_json(text):
    """As `json.loads`."""
    if scan is not None:
        return scan(text, 0)[0]
    import json

    return json.loads(text)


def refuse(value):
    raise TypeError


def to_json(value):
    """As `json.dumps`, encoded; what fails is left to that, with its own words and whatever the user's code has taught it."""
    try:
        text = "".join(make_encoder({}, refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)(value, 0))
    except Exception:
        text = None
    if text is None:
        import json

        text = json.dumps(value)
    return text.encode("utf-8")


class State(object):
    """What changes while the instance lives."""

    request_id = ""
    code_dir = ""
    loop = None
    awaiting = None
    cancelled = False
    # True while a handler runs that the listener knows of.
    busy = False
    # Cancels the awaitable that runs, where the listener reads the channel.
    cancel = None
    listener = None
    # Tells which request code runs for, where they may be several (`taskyard_several.py`).
    current = None


state = State()


def request_id():
    request = state.current.get() if state.current is not None else None
    return state.request_id if request is None else request.id


class Channel(object):
    """Frames over the control socket."""

    def __init__(self, descriptor):
        posix.set_inheritable(descriptor, False)
        self.descriptor = descriptor
        self.ahead = b""
        self.pid = posix.getpid()
        self.sending = _thread.allocate_lock()

    def send(self, header, payload=b""):
        if posix.getpid() != self.pid:
            posix._exit(0)  # a forked child that came back out of the handler must not answer for its parent
        text = to_json(header)
        lengths = len(text).to_bytes(4, "big") + len(payload).to_bytes(4, "big")
        with self.sending:
            if len(payload) < 65536:
                self.write(lengths + text + payload)
            else:
                self.write(lengths + text)
                self.write(payload)

    def write(self, data):
        written = posix.write(self.descriptor, data)
        while written < len(data):
            written += posix.write(self.descriptor, memoryview(data)[written:])

    def receive(self):
        lengths = self.take(8)
        header = from_json(self.take(int.from_bytes(lengths[:4], "big")).decode("utf-8"))
        return header, self.take(int.from_bytes(lengths[4:], "big"))

    def take(self, count):
        if len(self.ahead) >= count:
            taken, self.ahead = self.ahead[:count], self.ahead[count:]
            return taken
        data = bytearray(count)
        view = memoryview(data)
        at = len(self.ahead)
        view[:at] = self.ahead
        self.ahead = b""
        while at < count:
            if count - at >= 65536:
                got = posix.readv(self.descriptor, [view[at:]])
            else:
                chunk = posix.read(self.descriptor, 65536)
                got = min(len(chunk), count - at)
                view[at : at + got] = chunk[:got]
                self.ahead = chunk[got:]
            if got == 0:
                posix._exit(0)  # the server is gone
            at += got
        return bytes(data)


def line_buffered(stream, fd):
    """Lines have to reach the log while the code runs, and no text may make `print` fail."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        return stream
    import io

    raw = open(fd, "wb", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def shown(text):
    """Paths as the platform shows them: the code lies in /code."""
    return text.replace(state.code_dir, "/code")


def error_body(error):
    import traceback

    stack = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in OWN_FILES or frame.filename.startswith("<frozen importlib"):
            continue
        stack.append(['File "%s"' % shown(frame.filename), "line %d" % (frame.lineno or 0), "in %s" % frame.name, frame.line or ""])
    try:
        message = shown(str(error))
    except Exception as broken:
        message = "the error's text could not be had: %s" % type(broken).__name__
    body = {"errorMessage": message, "errorType": type(error).__name__, "stackTrace": stack}
    print_error(error)
    return to_json(body)


def print_error(error):
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in OWN_FILES:
        trace = trace.tb_next
    try:
        traceback.print_exception(type(error), error, trace)
    except Exception:
        pass  # stderr may be closed; the caller gets the error all the same


def plain_error(message, kind):
    return to_json({"errorMessage": message, "errorType": kind, "stackTrace": []})


class Missing(Exception):
    """The module or its handler is not there; holds the body of the error."""


def load(name):
    module_path, _, symbol = name.rpartition(".")
    module_name = module_path.replace("/", ".")
    if not module_name or not symbol:
        raise Missing(plain_error("Handler '%s' is invalid: it must look like index.handler" % name, "HandlerNotFound"))
    try:
        __import__(module_name)
    except ImportError as error:
        missing = getattr(error, "name", None)
        if type(error).__name__ == "ModuleNotFoundError" and missing and (module_name + ".").startswith(missing + "."):
            text = "Cannot find module '/code/%s.py'" % module_name.replace(".", "/")
            raise Missing(plain_error(text, "ImportModuleError"))
        raise
    try:
        return getattr(sys.modules[module_name], symbol)
    except AttributeError:
        raise Missing(plain_error("Handler '%s' missing on module '%s'" % (symbol, module_path), "HandlerNotFound"))


def is_coroutine_function(function):
    for candidate in (function, getattr(function, "__func__", None), getattr(function, "__call__", None)):
        code = getattr(candidate, "__code__", None)
        if code is not None and code.co_flags & COROUTINE_FLAG:
            return True
    return False


def awaiting():
    """What runs awaitables."""
    state.awaiting = state.awaiting or load_own("taskyard_await")
    return state.awaiting


def encode(result):
    if isinstance(result, bytes):
        return result
    if isinstance(result, (bytearray, memoryview)):
        return bytes(result)
    if isinstance(result, str):
        return result.encode("utf-8")
    return to_json(result)


def call(channel, function, arguments):
    """Calls user code; returns the status and the body of the answer."""

    def run():
        result = function(*arguments)
        if hasattr(type(result), "__await__"):
            result = awaiting().await_result(channel, result)
        return encode(result)

    return guarded(run)


def guarded(run):
    """The status and what `run` gives, or the error object of how it failed."""
    try:
        return "ok", run()
    except SystemExit as leaving:
        leave(leaving)
    except BaseException as error:
        return "unhandled", error_body(error)


def leave(leaving):
    flush()
    code = leaving.code
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
    posix._exit(code & 0xFF if isinstance(code, int) else int(code is not None))


def flush():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass  # replaced or closed by the user's code


def mark(channel, marker, seq):
    """Tells the reader of each stream that everything the request wrote came before."""
    if posix.getpid() != channel.pid:
        posix._exit(0)
    flush()
    line = ("\x1e%s%08x\n" % (marker, seq)).encode("ascii")
    for descriptor in (1, 2):
        try:
            posix.write(descriptor, line)
        except OSError:
            pass  # closed by the user's code


def load_own(name):
    """What only some functions need, which lies beside this file; others don't wait for it."""
    here = __file__.rpartition("/")[0]
    sys.path.insert(0, here)
    try:
        module = __import__(name)
    finally:
        sys.path.remove(here)
    OWN_FILES.add(module.__file__)
    return module


def run_hook(channel, init, hooks, message, is_beside):
    """Runs a hook; `is_beside`: while a handler runs."""
    function = hooks.get(message["hook"])
    context = Context(init["context"], message["request_id"], 0)

    def run():
        result = function(context) if function is not None else None
        if hasattr(type(result), "__await__"):
            awaiting().await_alone(result) if is_beside else awaiting().await_result(channel, result)
        return b""

    status, body = guarded(run)
    flush()
    channel.send({"type": "hooked", "ok": status == "ok"}, body)


def serve(channel, init, handler, initializer, hooks):
    def hook(message, is_beside):
        run_hook(channel, init, hooks, message, is_beside)

    if "pre_stop" in hooks:
        state.listener = load_own("taskyard_listener").Listener(channel, hook)
    source = state.listener or channel
    http_module = None
    while True:
        message, payload = source.receive()
        kind = message["type"]
        if kind not in ("initialize", "invoke", "hook"):
            continue
        state.request_id = message["request_id"]
        state.cancelled = False
        if kind == "hook":
            hook(message, False)
            continue
        context = Context(init["context"], state.request_id, message.get("retry_count", 0))
        http = None
        if kind == "initialize":
            status, body = call(channel, initializer, (context,))
        else:
            if message.get("http"):
                http_module = http_module or load_own("taskyard_http")
                say = lambda header, part=b"": channel.send(header, part)
                status, body, http = http_module.call_http(guarded, handler, message["http"], payload, context, say)
            else:
                status, body = call(channel, handler, (payload, context))
            mark(channel, init["marker"], message["seq"])
        header = {"type": "result", "status": status, "fatal": False, "cancelled": state.cancelled}
        if http is not None:
            header["http"] = http
        state.busy = False
        channel.send(header, body)


def main():
    channel = Channel(int(posix.environ.pop(b"TASKYARD_CHANNEL")))
    posix.unsetenv(b"TASKYARD_CHANNEL")
    channel.send({"type": "hello"})
    sys.stdout = sys.__stdout__ = line_buffered(sys.stdout, 1)
    sys.stderr = sys.__stderr__ = line_buffered(sys.stderr, 2)
    init, _ = channel.receive()
    state.code_dir = init["code_dir"]
    state.request_id = init["request_id"]
    sys.path[0] = state.code_dir
    several = load_own("taskyard_several") if init.get("concurrency", 1) > 1 else None
    if several:
        several.tell_apart(init["marker"])
    sys.meta_path.insert(0, LoggingSetup)
    sys.meta_path.append(SiteOnDemand)
    builtins.exit = builtins.quit = sys.exit  # what `site` would bring
    try:
        handler = load(init["handler"])
        initializer = load(init["initializer"]) if init["initializer"] else None
        hooks = {name: load(init[name]) for name in ("pre_freeze", "pre_stop") if init[name]}
    except Missing as missing:
        return fail(channel, missing.args[0])
    except SystemExit as leaving:
        flush()
        posix._exit(leaving.code if isinstance(leaving.code, int) else 1)
    except BaseException as error:
        return fail(channel, error_body(error))
    channel.send({"type": "ready", "cancellable": is_coroutine_function(handler)})
    if several:
        several.serve(channel, init, handler, initializer, hooks)
    else:
        serve(channel, init, handler, initializer, hooks)


def fail(channel, body):
    flush()
    channel.send({"type": "failed"}, body)
    channel.receive()  # waits for the server to end the process
