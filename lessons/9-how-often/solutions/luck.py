"""The same day with the noise of other days:  python luck.py"""

import replay
import ways
from day import make_day

print("seed  each 5 s  change of 10  change of 10, 1 minute")
for seed in range(1, 6):
    _, seen = make_day(ways.STEP, seed)
    ways.seen = replay.seen = seen
    all_sent = ways.poll(5), ways.on_change(10), ways.on_change(10, 60)
    worst = [max(replay.delays(replay.led(sent))) for sent in all_sent]
    print("{:4} {:9.1f} {:13.1f} {:23.1f}".format(seed, *worst))
