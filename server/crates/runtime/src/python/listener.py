"""What Python instances with a PreStop hook need."""
import _thread

from taskyard_bootstrap import state


class Listener(object):
    """Reads the channel in a thread of its own, so that the PreStop hook can run while a handler does."""

    def __init__(self, channel, hook):
        import queue

        self.channel = channel
        self.hook = hook
        self.queue = queue.Queue()
        _thread.start_new_thread(self.listen, ())

    def listen(self):
        while True:
            message, payload = self.channel.receive()
            kind = message["type"]
            if kind == "cancel":
                cancel = state.cancel
                if cancel is not None and message["request_id"] == state.request_id:
                    cancel()
            elif kind == "hook" and state.busy:
                self.hook(message, True)
            else:
                state.busy = kind == "invoke"
                self.queue.put((message, payload))

    def receive(self):
        return self.queue.get()
