import json


def handler(event, context):
    """Greets whom the event names."""
    text = event.decode("utf-8", "replace")
    print("event: %s" % text)
    try:
        name = json.loads(text).get("name", "world")
    except (ValueError, AttributeError):
        name = "world"
    print("hello %s" % name)
    return "hello %s" % name
