"""A device that knows the threshold sends when its own answer changes:  python edge.py"""

from replay import delays, led, megabytes
from ways import STEP, poll, seen


def on_crossing(hysteresis, silence):
    """Send a reading that changes the answer, and one after `silence` seconds."""
    sent, is_on = [0], True
    for n, reading in enumerate(seen):
        answer = reading < 300 + hysteresis * is_on
        if answer != is_on or n - sent[-1] >= silence / STEP:
            sent.append(n)
        is_on = answer
    return sent


print("                       readings     MB   worst  switches")
for name, sent, hysteresis in [
    ("each 5 s, hysteresis 9", poll(5), 9),
    ("crossing, hysteresis 0", on_crossing(0, 600), 0),
    ("crossing, hysteresis 9", on_crossing(9, 600), 9),
]:
    spans = led(sent, hysteresis)
    print(f"{name:22} {len(sent):8,} {megabytes(sent):6.2f} {max(delays(spans)):7.1f} {len(spans) - 1:9,}")
