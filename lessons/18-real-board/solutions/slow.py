"""A flickering lamp, measured every 50 ms: the mean of each five seconds."""

import math
from statistics import mean

for mains in 50.00, 50.01:
    lights = [298 + 10 * math.sin(2 * math.pi * 2 * mains * number * 0.05) for number in range(1200)]
    print(f"{mains:.2f} Hz:", *[round(mean(lights[first : first + 100])) for first in range(0, 1200, 100)])
