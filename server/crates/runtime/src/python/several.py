"""What Python instances need that serve several requests at once.

Requests of a handler that is a coroutine function run as tasks of one event loop, in the main thread. Others run in a thread each: the main
thread when it is free, so that one request alone runs where it always does, and else a further one, which is kept for the next.
"""
import _thread
import sys

import taskyard_bootstrap as bootstrap

try:
    from _contextvars import ContextVar
except ImportError:

    class ContextVar(object):
        """Before 3.7 threads are told apart, tasks of an event loop are not."""

        def __init__(self, name, default=None):
            self.local = _thread._local()

        def get(self):
            return getattr(self.local, "value", None)

        def set(self, value):
            self.local.value = value


state = bootstrap.state
# Characters of an unfinished line that are kept back.
UNFINISHED_MAX = 65536


class Request(object):
    """A request that runs."""

    def __init__(self, message):
        self.id = message["request_id"]
        self.seq = message.get("seq")
        self.cancelled = False
        self.cancel = None
        self.unfinished = ["", ""]


class Lines(object):
    """A text stream that puts the number of the request that writes in front of each line."""

    def __init__(self, stream, index, marker, lock):
        self.stream = stream
        self.index = index
        self.label = "\x1f" + marker
        self.lock = lock

    def write(self, text):
        request = state.current.get()
        with self.lock:
            if request is None or request.seq is None or not isinstance(text, str):
                return self.stream.write(text)
            lines = (request.unfinished[self.index] + text).split("\n")
            request.unfinished[self.index] = lines.pop()
            if len(request.unfinished[self.index]) > UNFINISHED_MAX:
                lines.append(request.unfinished[self.index])
                request.unfinished[self.index] = ""
            if lines:
                label = "%s%08x" % (self.label, request.seq)
                self.stream.write("".join("%s%s\n" % (label, line) for line in lines))
            return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def finish(self, request):
        if request.unfinished[self.index]:
            self.write("\n")

    def __getattr__(self, name):
        return getattr(self.stream, name)


def tell_apart(marker):
    """From now on lines say which request they are of."""
    state.current = ContextVar("taskyard_request", default=None)
    lock = _thread.RLock()
    sys.stdout = sys.__stdout__ = Lines(sys.stdout, 0, marker, lock)
    sys.stderr = sys.__stderr__ = Lines(sys.stderr, 1, marker, lock)


class Server(object):
    """Hands each message of the channel to who runs it."""

    def __init__(self, channel, init, handler, hooks):
        self.channel = channel
        self.init = init
        self.handler = handler
        self.hooks = hooks
        self.running = {}
        self.http = None
        self.lock = _thread.allocate_lock()

    def say(self, request):
        def say(header, payload=b""):
            header["request_id"] = request.id
            self.channel.send(header, payload)

        return say

    def call(self, request, message, payload):
        """Calls the handler; returns status, body and HTTP head of its answer."""
        context = bootstrap.Context(self.init["context"], request.id, message.get("retry_count", 0))
        if message.get("http"):
            with self.lock:
                self.http = self.http or bootstrap.load_own("taskyard_http")
            call = self.http.call_http
            return call(bootstrap.guarded, self.handler, message["http"], payload, context, self.say(request), multithread=True)

        def run():
            result = self.handler(payload, context)
            if hasattr(type(result), "__await__"):
                result = bootstrap.awaiting().await_alone(result)
            return bootstrap.encode(result)

        status, body = bootstrap.guarded(run)
        return status, body, None

    def answer(self, request, status, body, http=None):
        for stream in (sys.__stdout__, sys.__stderr__):
            stream.finish(request)
        bootstrap.mark(self.channel, self.init["marker"], request.seq)
        self.running.pop(request.id, None)
        header = {"type": "result", "status": status, "fatal": False, "cancelled": request.cancelled}
        if http is not None:
            header["http"] = http
        self.say(request)(header, body)

    def perform(self, message, payload):
        """A request from its message to its answer, in a thread of its own."""
        request = Request(message)
        self.running[request.id] = request
        state.current.set(request)
        try:
            self.answer(request, *self.call(request, message, payload))
        finally:
            state.current.set(None)

    def listen(self, begin):
        """Reads the channel until the server is gone."""
        while True:
            message, payload = self.channel.receive()
            kind = message["type"]
            if kind == "invoke":
                begin(message, payload)
            elif kind == "hook":
                _thread.start_new_thread(bootstrap.run_hook, (self.channel, self.init, self.hooks, message, True))
            elif kind == "cancel":
                request = self.running.get(message["request_id"])
                if request is not None and request.cancel is not None:
                    request.cancel()


class Threads(object):
    """Threads that run requests, the main one first."""

    def __init__(self, server):
        self.server = server
        self.free = []

    def begin(self, message, payload):
        if self.free:
            # The main thread, or the one that was used last.
            free = self.free.pop(0 if self.free[0] is self.main else -1)
            free.append((message, payload))
            free.lock.release()
        else:
            work = Work()
            work.append((message, payload))
            work.lock.release()
            _thread.start_new_thread(self.work, (work,))

    def work(self, work):
        while True:
            work.lock.acquire()
            self.server.perform(*work.pop())
            if work is self.main:
                self.free.insert(0, work)
            else:
                self.free.append(work)

    def run(self):
        self.main = Work()
        self.free.append(self.main)
        _thread.start_new_thread(self.server.listen, (self.begin,))
        self.work(self.main)


class Work(list):
    """What a thread has to do next; its lock is open when there is something."""

    def __init__(self):
        list.__init__(self)
        self.lock = _thread.allocate_lock()
        self.lock.acquire()


def run_loop(server):
    """Runs requests as tasks of one event loop."""
    import asyncio

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    async def perform(request, message, payload):
        state.current.set(request)
        context = bootstrap.Context(server.init["context"], request.id, message.get("retry_count", 0))
        try:
            status, body = "ok", bootstrap.encode(await server.handler(payload, context))
        except SystemExit as leaving:
            bootstrap.leave(leaving)
        except BaseException as error:
            status, body = "unhandled", bootstrap.error_body(error)
        server.answer(request, status, body)

    def start(message, payload):
        request = Request(message)
        server.running[request.id] = request
        task = loop.create_task(perform(request, message, payload))

        def cancel():
            if not task.done():
                request.cancelled = True
                server.say(request)({"type": "cancelling", "observed": True})
                task.cancel()

        request.cancel = lambda: loop.call_soon_threadsafe(cancel)

    _thread.start_new_thread(server.listen, (lambda *call: loop.call_soon_threadsafe(start, *call),))
    loop.run_forever()


def serve(channel, init, handler, initializer, hooks):
    if initializer is not None:
        message, _ = channel.receive()
        while message["type"] != "initialize":
            message, _ = channel.receive()
        context = bootstrap.Context(init["context"], message["request_id"], 0)
        status, body = bootstrap.call(channel, initializer, (context,))
        channel.send({"type": "result", "status": status, "fatal": False, "cancelled": False}, body)
    server = Server(channel, init, handler, hooks)
    if bootstrap.is_coroutine_function(handler):
        run_loop(server)
    else:
        Threads(server).run()
