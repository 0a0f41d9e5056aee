"""The table of step 11 with a fourth rule:  python quarter.py"""

import runpy

from rules import RULES


def quarter(lights):
    """Below the limit as soon as a quarter of the sensors is."""
    return sorted(lights)[(len(lights) - 1) // 4]


RULES["quarter"] = quarter
runpy.run_path("table.py")  # it finds four rules now
