import json


def handler(event, context):
    """Fails until it has been retried as often as the event says."""
    try:
        failures = int(json.loads(event or b"{}").get("failures", 2))
    except (ValueError, AttributeError):
        failures = 2
    print("attempt %d" % (context.retry_count + 1))
    if context.retry_count < failures:
        raise RuntimeError("failing on purpose, %d more to come" % (failures - context.retry_count - 1))
    return "worked after %d retries" % context.retry_count
