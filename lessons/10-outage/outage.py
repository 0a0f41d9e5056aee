"""Seven meters lose their connection for a minute, and three of them are killed: python outage.py [SECOND]"""

import sys
import time

from process import Meter
from witness import Witness, until

SECOND = float(sys.argv[1]) if len(sys.argv) > 1 else 0.02  # how long a second takes here


def measure(first, last):
    for witness.second in range(first, last + 1):
        for meter in meters:
            meter.measure(light=witness.second)
        time.sleep(SECOND)


def wait_until_heard(meter, light):
    until(lambda: light in [reading[0] for reading in witness.arrived[meter.name]])


def wait_until_acknowledged(meter, how_many):
    until(lambda: meter.cable.acknowledged == how_many)


def wait_until_online(times):
    until(lambda: all(witness.online[meter.name] == times for meter in meters))


witness = Witness()
meters = [
    Meter("meter-1", "nothing", "no"),
    Meter("meter-2", "nothing", "in the outage"),
    Meter("meter-3", "queue", "no"),
    Meter("meter-4", "queue", "in the outage"),
    Meter("meter-5", "disk", "no"),
    Meter("meter-6", "disk", "in the outage"),
    late := Meter("meter-7", "disk", "as it catches up"),
]
wait_until_online(times=1)
measure(1, 9)

for meter in meters:
    wait_until_acknowledged(meter, 0 if meter.keeps == "nothing" else 9)
    meter.cable.loses_acknowledgements = True
measure(10, 10)
for meter in meters:
    wait_until_heard(meter, 10)  # the broker has this reading, and the meter does not know it
    meter.cable.pull()

measure(11, 40)
for meter in meters:
    if meter.killed == "in the outage":
        meter.kill_and_start()
measure(41, 70)

back = 70, time.monotonic()
for meter in meters:
    meter.cable.put_in(loses_acknowledgements=meter is late)
wait_until_online(times=2)
measure(71, 71)
wait_until_heard(late, 29)  # so 20 are on their way, and the broker has them
late.kill()
late.cable.loses_acknowledgements = False
late.start()
measure(72, 80)

print("keeps    killed            lost  doubled  oldest  caught up after")
for meter in meters:
    wait_until_heard(meter, 80)
    meter.kill()
    print(f"{meter.keeps:9}{meter.killed:17}{witness.report(meter.name, 80, back)}")
