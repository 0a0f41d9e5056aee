"""A made day in a room, as a light sensor sees it. Shows it:  python day.py"""

import random
from itertools import pairwise

NOISE = 4  # each reading is wrong by up to this much
CORNERS = """
00:00:00   3  night
06:11:20   3  dawn
07:32:50 520
08:47:30 690
11:02:17 700  a thunderstorm
11:05:41 190
11:23:08 170
11:29:36 720
13:14:29 750  a cloud
13:14:55 270
13:17:12 265
13:17:44 750
14:41:33 740  somebody stands before the window
14:41:34 140
14:41:54 140
14:41:55 740
16:35:10 640  dusk, slow because of fog
18:20:00 310
19:50:00 292
20:45:00  30
21:08:43  25  the lamp is switched on
21:08:44 430
23:06:27 430  and off
23:06:28   3
24:00:00   3
"""


def in_seconds(clock):
    hours, minutes, seconds = map(int, clock.split(":"))
    return 3600 * hours + 60 * minutes + seconds


def make_day(step, seed=9):
    """The light each `step` seconds, and what the sensor makes of it: two lists. The same seed, the same noise."""
    corners = [line.split()[:2] for line in CORNERS.strip().splitlines()]
    corners = [(round(in_seconds(clock) / step), int(light)) for clock, light in corners]
    light = []
    for (begin, first), (end, last) in pairwise(corners):
        light += [first + (last - first) * n / (end - begin) for n in range(end - begin)]
    dice = random.Random(seed)
    return light, [max(0, round(now + NOISE * (2 * dice.random() - 1))) for now in light]


if __name__ == "__main__":
    light, seen = make_day(60)
    for minute in range(0, len(seen), 40):
        print(f"{minute // 60:02}:{minute % 60:02} {seen[minute]:4} " + "#" * (seen[minute] // 12))
