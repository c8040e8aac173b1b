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

// Says its event, and that it fails, in a line with a level; takes its time when it is told to wait.
export const SPEAKS = `
import logging
import time


def handler(event, context):
    word = event.decode("utf-8")
    print("says %s" % word)
    logging.error("fails %s", word)
    if word == "wait":
        time.sleep(300)
`;

// Writes as many lines as its event says.
export const CHATTY = `
def handler(event, context):
    for number in range(int(event)):
        print("line %d" % number)
`;

// Says which edition of a function answers.
export const edition = (word: string): string => `
def handler(event, context):
    return ${JSON.stringify(word)}
`;

// Waits in a process of its own, which is called what the event says and can be told from all others by it.
export const SLEEPS = `
import subprocess


def handler(event, context):
    print("sleeping")
    subprocess.run(["sleep", event.decode("utf-8")])
`;

// Returns bytes that are no text, as many as the event says.
export const BYTES = `
def handler(event, context):
    return bytes([255]) * int(event)
`;

// An HTTP function that answers with what reached it.
export const WSGI = `
import json


def handler(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {key[5:].lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    told = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "uri": environ["fc.request_uri"],
        "query": environ["QUERY_STRING"],
        "headers": headers,
        "type": environ.get("CONTENT_TYPE", ""),
        "body": environ["wsgi.input"].read(size).decode("utf-8"),
    }
    print("asked by %s" % told["method"])
    start_response("201 Created", [("Content-Type", "application/json"), ("X-Told", "yes")])
    return [json.dumps(told).encode("utf-8")]
`;

// Its instances take their time before they can be given anything.
export const STARTS_SLOWLY = `
import time


def start(context):
    time.sleep(300)


def handler(event, context):
    return event
`;
