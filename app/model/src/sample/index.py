import logging


def handler(event, context):
    """event is bytes; what is returned becomes the return value of the task."""
    logging.getLogger().info("hello from %s, request %s", context.function.name, context.request_id)
    print("event: %s" % event.decode("utf-8", "replace"))
    return "hello world"
