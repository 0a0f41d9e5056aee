"""The sun through a tree: an hour in which the light swings up and down:  python leaves.py"""

import math

STEP = 0.1  # seconds
light = [500 + 60 * math.sin(n * STEP * math.tau / 2) for n in range(round(3600 / STEP))]  # a leaf: two seconds


def on_change(deadband, pause=0):
    """Send a change of `deadband`, but not before `pause` seconds have gone by since the last one."""
    sent = [0]
    for n, now in enumerate(light):
        if abs(now - light[sent[-1]]) >= deadband and n - sent[-1] >= pause / STEP:
            sent.append(n)
    return len(sent)


print("readings in an hour")
print(f"each 5 s               {3600 // 5:7,}")
print(f"change of 10           {on_change(10):7,}")
print(f"change of 10, pause 1 s{on_change(10, 1):7,}")
print(f"change of 10, pause 5 s{on_change(10, 5):7,}")
print(f"change of 130          {on_change(130):7,}")
