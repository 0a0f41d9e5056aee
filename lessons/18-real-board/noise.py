"""10,000 readings of a light that does not change:  python noise.py, or on a Raspberry Pi  python noise.py pi"""

import math
import random
import statistics
import sys
import time
from collections import Counter
from itertools import count, islice

if "pi" in sys.argv:
    from grove_pi import GroveLightSensor  # of step 2

APART = 0.002  # seconds between two readings
MAINS = 50.0  # Hz


def stand_in():
    """A model of a sensor: a lamp that flickers twice in each period of the mains, noise, and whole numbers."""
    chance = random.Random(18)
    for number in count():
        flicker = 10 * math.sin(2 * math.pi * 2 * MAINS * number * APART)
        yield round(298 + flicker + chance.gauss(0, 2))


def real_sensor():
    sensor, start = GroveLightSensor(0), time.monotonic()
    for number in count():
        time.sleep(max(0, start + number * APART - time.monotonic()))
        yield sensor.light


def switches(lights, hysteresis=0):
    """How often the LED switches, when each reading is answered."""
    led_on, times = False, -1  # the first switch is none
    for light in lights:
        wanted = light < threshold + (hysteresis if led_on else 0)
        times += wanted != led_on
        led_on = wanted
    return max(times, 0)


readings = list(islice(real_sensor() if "pi" in sys.argv else stand_in(), 10_000))
threshold = statistics.median_low(readings) + 2
step = max(1, (max(readings) - min(readings)) // 40)
bars = Counter(light // step * step for light in readings)
for light in range(min(bars), max(bars) + step, step):
    print(f"{light:5} {'#' * (60 * bars[light] // max(bars.values()))}")

fives = [sorted(readings[number : number + 5]) for number in range(0, 10_000, 5)]
middles = [round(statistics.mean(five[1:4])) for five in fives]
print(f"The LED is to be on below {threshold}. It switches")
for hysteresis in 0, 10, 20:
    print(f"{switches(readings, hysteresis):6,} times by 10,000 readings, with a hysteresis of {hysteresis}")
    print(f"{switches(middles, hysteresis):6,} times by 2,000 means of five")
