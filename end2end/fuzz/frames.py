"""Commands in an instance whose client sends whatever comes to its mind: random frames over the exec websocket (fc-api.md 3.6.1)."""

import json
import random
import time

import client
import requests
import websocket

FUNCTION = "/2021-04-06/services/frames/functions/f"
SESSIONS = 12
FRAMES = 60
PATIENCE_SECONDS = 10


def frame(chance):
    """A channel's byte, mostly one that there is, and data of any length; an opcode of text or bytes."""
    channel = bytes([chance.choice([0, 0, 0, 1, 4, 4, chance.randrange(256)])])
    sizes = [b"{}", b'{"cols":80,"rows":24}', b'{"Width":0,"Height":-1}', b'{"cols":99999999999999999999}', b"\xff\xfe", b""]
    data = chance.choice([*sizes, chance.randbytes(chance.randrange(64)), chance.randbytes(chance.randrange(40_000))])
    is_text = chance.random() < 0.3
    return (channel + data, websocket.ABNF.OPCODE_TEXT if is_text else websocket.ABNF.OPCODE_BINARY)


def connected(address, headers):
    """The commands of earlier sessions keep their places until they have ended, which may be after their connection."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return websocket.create_connection(address, timeout=PATIENCE_SECONDS, header=headers, skip_utf8_validation=True)
        except websocket.WebSocketBadStatusException as refusal:
            if refusal.status_code != 429 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def session(address, instance, sign, chance):
    """How it ends is the client's fault, but it has to end."""
    query = [("command", chance.choice(["cat", "/bin/bash"])), ("stdin", "true"), ("stdout", "true"), ("stderr", "true"), ("tty", chance.choice(["true", "false"]))]
    prepared = requests.Request("GET", f"http://{address}{FUNCTION}/instances/{instance}/exec", params=query, auth=sign).prepare()
    headers = {name: value for name, value in prepared.headers.items() if name != "host"}  # it sends its own
    connection = connected(prepared.url.replace("http://", "ws://", 1), headers)
    try:
        for _ in range(chance.randrange(FRAMES)):
            data, opcode = frame(chance)
            connection.send(data, opcode)
        connection.send_close()
        while connection.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE:
            pass
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        pass  # refused by the server, which may: a text frame has to be UTF-8
    finally:
        connection.shutdown()


def fuzz(address, sign, seed):
    """Why it failed, or nothing. The server's log is looked at by the caller."""
    chance = random.Random(seed)
    base = f"http://{address}{FUNCTION}"

    def ask(url, **body):
        requests.post(url, json=body or None, auth=sign, timeout=PATIENCE_SECONDS).raise_for_status()

    ask(f"http://{address}/2021-04-06/services", serviceName="frames")
    code = {"zipFile": client.archive()}
    ask(base.removesuffix("/f"), functionName="f", runtime="python3", handler="index.handler", timeout=2, memorySize=128, code=code)
    ask(base + "/invocations")
    instances = requests.get(base + "/instances", auth=sign, timeout=PATIENCE_SECONDS).json()["instances"]
    if not instances:
        return f"no instance to enter: {json.dumps(instances)}"
    for number in range(SESSIONS):
        try:
            session(address, instances[0]["instanceId"], sign, chance)
        except (websocket.WebSocketTimeoutException, websocket.WebSocketBadStatusException) as error:
            return f"session {number} of seed {seed}: {error!r}"
    answer = requests.post(base + "/invocations", data=b"still here", auth=sign, timeout=PATIENCE_SECONDS)
    return None if answer.content == b"still here" else f"the instance answers {answer.status_code} {answer.content!r} afterwards"
