// What the functions of the tour run, each as the files of its package.

// Does what its event says, so that one function has a task in every state.
const INVOICE = `
import json
import logging
import os
import random
import signal
import time


def initializer(context):
    """Takes long where SLOW says so: then a task that was taken from the queue waits for its instance."""
    time.sleep(float(os.environ.get("SLOW", "0")))


def total(lines):
    """Of all lines, in cents."""
    return sum(line["quantity"] * line["price"] for line in lines)


def charge(order):
    lines = order["lines"]
    try:
        return total(lines)
    except KeyError as error:
        raise ValueError("order %s: a line has no %s" % (order["id"], error)) from error


def handler(event, context):
    order = json.loads(event)
    wanted = order.get("do", "")
    print("order %s of %s: %d lines" % (order.get("id"), order.get("customer"), len(order.get("lines", []))))
    print("\\033[32mconnected\\033[0m to the ledger in \\033[1m%d ms\\033[0m" % random.randint(2, 40))
    logging.warning("the customer's address is <b>not</b> verified: 上海市黄浦区南京东路 & 江西中路")
    if wanted == "ignore":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if wanted in ("wait", "ignore"):
        for second in range(600):
            print("waiting for the payment provider, %d s" % second)
            time.sleep(1)
    if wanted == "exit":
        logging.error("the ledger closed the connection")
        os._exit(3)
    if wanted == "memory":
        return len(bytearray(os.urandom(1024)) * 1024 * 1024)
    time.sleep(random.random() / 4)
    cents = charge(order)
    logging.info("charged")
    print("x" * 400 if wanted == "long" else "charged %.2f" % (cents / 100))
    return json.dumps({"order": order["id"], "charged": cents, "currency": "EUR", "mail": {"to": order["customer"], "sent": True}})
`;

const THUMBNAIL = `
const sizes = require('./lib/sizes');

exports.handler = (event, context, callback) => {
  const picture = JSON.parse(event.toString());
  console.log('reading %s', picture.path);
  for (const size of sizes) console.log('%s: %d x %d', picture.path, size, size);
  if (picture.path.endsWith('.tiff')) return callback(new Error('unsupported format: image/tiff, of ' + picture.path));
  setTimeout(() => callback(null, JSON.stringify({ made: sizes.length })), 20 + Math.random() * 80);
};
`;

const TRANSCODE = `
import time


def handler(event, context):
    for percent in range(0, 100, 5):
        print("%d %%" % percent)
        time.sleep(30)
    return "done"
`;

const REPORT = `
def handler(event, context):
    print("reported: %s" % event.decode("utf-8")[:200])
    return "ok"
`;

const TIMES_OUT = `
import time


def handler(event, context):
    print("asking the card's bank")
    time.sleep(60)
`;

export const invoice = { 'index.py': INVOICE, 'README.md': '# Invoices\n\nOne task for each order.\n', 'lib/__init__.py': '', 'lib/money.py': 'CENTS = 100\n' };
export const thumbnail = { 'index.js': THUMBNAIL, 'lib/sizes.js': 'module.exports = [64, 128, 256, 512];\n', 'package.json': '{ "name": "thumbnail" }\n' };
export const transcode = { 'index.py': TRANSCODE };
export const report = { 'index.py': REPORT };
export const timesOut = { 'index.py': TIMES_OUT };
export const bootstrap = { bootstrap: '#!/bin/sh\nexec python3 -m http.server "$FC_SERVER_PORT"\n' };
