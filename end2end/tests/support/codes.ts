// Functions that the tests run, each as the text of its `index.py`.

// Prints its event and returns it.
export const ECHO = `
def handler(event, context):
    print("got %s" % event.decode("utf-8"))
    return event
`;

// Runs long enough to be seen while it does, and prints on the way.
export const BRIEF = `
import time


def handler(event, context):
    print("half way through")
    time.sleep(3)
    return "done with %s" % event.decode("utf-8")
`;

// Takes its time to end when it is stopped, so that the state in between can be seen.
export const LINGERS = `
import os
import signal
import time


def leave(number, frame):
    time.sleep(2)
    os._exit(0)


def handler(event, context):
    signal.signal(signal.SIGTERM, leave)
    print("waiting to be stopped")
    time.sleep(300)
`;

// Raises when its event says so, else returns.
export const FAILS_ON_REQUEST = `
def handler(event, context):
    if b"fail" in event:
        raise ValueError("asked to fail by %s" % event.decode("utf-8"))
    return "fine"
`;
