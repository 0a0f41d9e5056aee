"""What a month costs, and what a broker has to do for 10,000 devices under one sky:  python bill.py"""

from collections import Counter

from replay import megabytes
from ways import STEP, ways

DEVICES = 10_000
PLANS = 1, 10, 100, 500, 1000  # MB a month, as they are sold for devices
BATTERY = 2500  # mAh; this and all below are guesses: your board's data sheet knows better
SEND = 100 * 2 / 3600  # mAh: the radio is on for two seconds, at 100 mA
LOOK = 30 * 0.01 / 3600  # mAh: the processor is awake for ten milliseconds, at 30 mA
SLEEP = 0.01 * 24  # mAh a day
AWAKE = 100 * 24  # mAh a day: a device that never sleeps


def busiest_minute(sent):
    return max(Counter(n // round(60 / STEP) for n in sent).values())


print("                            MB a     its    readings a second    days of")
print("                           month    plan    average   at worst   battery")
for name, sent in ways().items():
    month = 30 * megabytes(sent)
    plan = min((plan for plan in PLANS if plan >= month), default="none")
    average, worst = DEVICES * len(sent) / 86_400, DEVICES * busiest_minute(sent) / 60
    looks = 86_400 if name.startswith("change") else len(sent)  # who sends on change looks each second, say
    days = BATTERY / min(SLEEP + looks * LOOK + len(sent) * SEND, AWAKE)
    print(f"{name:24} {month:7.1f} {plan:>7} {average:10,.0f} {worst:10,.0f} {days:9.0f}")
