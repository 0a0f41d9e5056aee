"""Replays the day: what does each way of sending cost, and how late is the LED?  python replay.py"""

import statistics
from itertools import pairwise

from ways import STEP, light, seen, ways

READING, PING = 197, 160  # bytes, from wire.py
PINGS = 1440  # a day: paho's keep-alive is a minute

crossings = [n for n in range(1, len(light)) if (light[n] < 300) != (light[n - 1] < 300)]


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
