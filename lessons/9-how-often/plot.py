"""Draws what replay.py has found:  python plot.py"""

import math
import statistics

from replay import delays, led, megabytes
from ways import ways


def column(delay):
    """A logarithmic scale: ten columns further to the right is ten times as long."""
    return round(10 * math.log10(max(delay, 0.1) / 0.1))


print("                             MB  0.1 s     1 s       10 s      100 s     1000 s")
for name, sent in sorted(ways().items(), key=lambda way: -len(way[1])):
    late = delays(led(sent))
    median, worst = column(statistics.median(late)), column(max(late))
    line = " " * median + "m" + "-" * (worst - median - 1) + "W" * (worst > median)
    print(f"{name:24} {megabytes(sent):6.2f}  {line}")
