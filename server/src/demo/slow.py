import json
import time


def handler(event, context):
    """Sleeps and says every second how long it has slept."""
    try:
        seconds = float(json.loads(event or b"{}").get("seconds", 30))
    except (ValueError, AttributeError):
        seconds = 30.0
    slept = 0.0
    while slept < seconds:
        step = min(1.0, seconds - slept)
        time.sleep(step)
        slept += step
        print("slept %.0f of %.0f s" % (slept, seconds))
    return "slept %.0f s" % slept
