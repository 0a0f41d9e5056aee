"""Replays the day: what does each way of sending cost, and how late is the LED?  python replay.py"""

import statistics
from itertools import pairwise

from day import make_day

STEP = 0.1  # seconds between two looks at the sensor
READING, PING = 197, 160  # bytes, from wire.py
PINGS = 1440  # a day: paho's keep-alive is a minute
NEVER = float("inf")

light, seen = make_day(STEP)
crossings = [n for n in range(1, len(light)) if (light[n] < 300) != (light[n - 1] < 300)]


def poll(interval):
    """Send a reading each `interval` seconds. The result is a list of moments."""
    return list(range(0, len(seen), round(interval / STEP)))


def on_change(deadband, silence=NEVER):
    """Send a reading that differs by `deadband` from the last one sent, and one after `silence` seconds."""
    sent = [0]
    for n, reading in enumerate(seen):
        if abs(reading - seen[sent[-1]]) >= deadband or n - sent[-1] >= silence / STEP:
            sent.append(n)
    return sent


def led(sent, hysteresis=0):
    """What a server does with the LED that hears these readings: from when till when it is on, or off."""
    spans, begin, is_on = [], 0, True
    for n in sent:
        if (seen[n] < 300 + hysteresis * is_on) != is_on:
            spans.append((begin, n, is_on))
            begin, is_on = n, not is_on
    return [*spans, (begin, len(seen), is_on)]


def delays(spans):
    """The seconds from each crossing of 300 till the LED is right; those that the LED misses are left out."""
    found = []
    for crossing, following in pairwise([*crossings, len(light)]):
        is_dark = light[crossing] < 300
        right = [max(begin, crossing) for begin, end, is_on in spans if is_on == is_dark and end > crossing]
        if right and right[0] < following:
            found.append((right[0] - crossing) * STEP)
    return found


def largest_error(sent):
    """How far the last reading that was sent has been from the sensor's newest one."""
    pieces = [seen[begin:end] for begin, end in pairwise([*sent, len(seen)])]
    return max(max(max(piece) - piece[0], piece[0] - min(piece)) for piece in pieces)


def megabytes(sent):
    return (len(sent) * READING + PINGS * PING) / 1e6


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


def show(ways):
    print("                         readings     MB  told median  worst  error switches")
    for name, sent in ways.items():
        spans = led(sent)
        late = delays(spans)
        times = f"{len(late):4} {statistics.median(late):6.1f} {max(late):6.1f}"
        error, switches = largest_error(sent), len(spans) - 1
        print(f"{name:24} {len(sent):8,} {megabytes(sent):6.2f} {times} {error:6} {switches:8,}")


if __name__ == "__main__":
    show(ways())
