"""The same day with the noise of other days:  python luck.py"""

import replay
from day import make_day
from replay import STEP, delays, led, on_change, poll

print("seed  each 5 s  change of 10  change of 10, 1 minute")
for seed in range(1, 9):
    replay.light, replay.seen = make_day(STEP, seed)
    worst = [max(delays(led(sent))) for sent in (poll(5), on_change(10), on_change(10, 60))]
    print("{:4} {:9.1f} {:13.1f} {:23.1f}".format(seed, *worst))
