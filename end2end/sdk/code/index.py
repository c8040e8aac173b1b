"""Handlers that the tests call."""

import json
import os
import signal
import subprocess
import time


def echo(event, context):
    print("echo says", event.decode("utf-8", "replace"))
    return event


def about(event, context):
    return {
        "request": context.request_id,
        "function": context.function.name,
        "service": context.service.name,
        "qualifier": context.service.qualifier,
        "region": context.region,
        "greeting": os.environ.get("GREETING"),
    }


def fail(event, context):
    raise ValueError("no luck today")


def nap(event, context):
    time.sleep(float(event))
    return "rested"


def overrun(event, context):
    time.sleep(600)


def quit(event, context):
    os._exit(7)


def family(event, context):
    """Starts processes that a stop has to find, by the mark in their arguments: a child, one that ignores SIGTERM, and one that
    detached itself twice."""
    mark = json.loads(event)["mark"]
    subprocess.Popen(["/bin/sh", "-c", "sleep 600; :", mark])
    subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done", mark])
    subprocess.Popen(["/bin/sh", "-c", "setsid /bin/sh -c 'sleep 600; :' " + mark + " & exit 0"], start_new_session=True)
    time.sleep(600)


def stubborn(event, context):
    """Ends by SIGKILL only."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["/bin/sh", "-c", "sleep 600; :", event.decode()])
    while True:
        time.sleep(600)


def web(environ, start_response):
    """An HTTP function: fails, gives a body back, or tells what it was asked, by the path's end."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    print("web serves", environ["REQUEST_METHOD"])
    if environ["PATH_INFO"].endswith("/fail"):
        raise ValueError("no page today")
    if environ["PATH_INFO"].endswith("/echo"):
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [body]
    seen = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ["QUERY_STRING"],
        "greeting": environ.get("HTTP_X_GREETING"),
        "platform": environ.get("HTTP_X_FC_TRACE_ID"),
        "body": body.decode(),
        "request": environ["fc.context"].request_id,
    }
    start_response("201 Created", [("Content-Type", "text/plain"), ("X-Seen", "yes"), ("X-Fc-Secret", "no")])
    return [json.dumps(seen).encode()]
