"""From noon to noon, with broken sensors: how often does each rule decide wrong?"""

import math
import random

from rules import RULES
from sensors import SEATS, read_all

BROKEN = [0, 10, 30, 45]  # percent
KINDS = {
    "stuck dark": ("dark", True),
    "stuck bright": ("bright", True),
    "noise": ("noise", True),
    "silent": ("silent", True),
    "silent, and forgotten": ("silent", False),
}


def daylight(minute):
    """How bright it is so many minutes after noon: 1000, and 20 in the night."""
    return max(20, 1000 * math.cos(math.tau * minute / 1440))


def wrong_decisions(rule, kind, remembers, broken):
    """In percent of a day's minutes. At noon all is well; from then on so many are broken."""
    random.seed(1)  # the same chance for all, and each time
    lights = read_all(daylight(0))
    wrong = 0
    for minute in range(1440):
        new = read_all(daylight(minute), kind, broken)
        lights = lights | new if remembers else new
        wrong += (rule(lights.values()) < 300) != (daylight(minute) < 300)
    return 100 * wrong / 1440


print("how they break          rule   ", *(f"{percent:4} %" for percent in BROKEN))
for what, (kind, remembers) in KINDS.items():
    for name, rule in RULES.items():
        wrong = [wrong_decisions(rule, kind, remembers, len(SEATS) * percent // 100) for percent in BROKEN]
        print(f"{what:22}  {name:7}", *(f"{share:6.1f}" for share in wrong))
