"""Replays the day with the finished device's own Reporter:  python finished.py"""

import sys

sys.path.insert(0, "../nightlight")  # where the project is

from replay import show
from ways import STEP, poll, seen

from device.reporter import Reporter


def finished(interval, deadband):
    """The moments at which device/app.py sends, if a server answers each reading at once."""
    now = 0
    reporter = Reporter(interval, deadband, clock=lambda: now * STEP)
    sent = []
    for now, reading in enumerate(seen):
        if reporter.is_due(reading, connection=1):
            sent.append(now)
            reporter.sent()
            reporter.answered()
    return sent


show({"each 5 s": poll(5), "device/app.py": finished(5, 10), "--interval 60": finished(60, 10)})
