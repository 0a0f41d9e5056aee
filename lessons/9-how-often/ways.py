"""When does a device send? Each way is a list of moments of the day."""

from day import make_day

STEP = 0.1  # seconds between two looks at the sensor
NEVER = float("inf")

light, seen = make_day(STEP)


def poll(interval):
    """Send a reading each `interval` seconds."""
    return list(range(0, len(seen), round(interval / STEP)))


def on_change(deadband, silence=NEVER):
    """Send a reading that differs by `deadband` from the last one sent, and one after `silence` seconds."""
    sent = [0]
    for n, reading in enumerate(seen):
        if abs(reading - seen[sent[-1]]) >= deadband or n - sent[-1] >= silence / STEP:
            sent.append(n)
    return sent


def ways():
    return {
        "each 0.1 s": poll(0.1),
        "each 1 s": poll(1),
        "each 5 s": poll(5),
        "each minute": poll(60),
        "each 10 minutes": poll(600),
        "change of 10": on_change(10),
        "change of 10, 10 minutes": on_change(10, 600),
        "change of 10, 1 minute": on_change(10, 60),
        "change of 10, 5 s": on_change(10, 5),
    }
