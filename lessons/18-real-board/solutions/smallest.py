"""What is the smallest hysteresis with which the LED switches twice in a night, and when does it go off?"""

import evening

print("the LED adds   smallest hysteresis   last off")
for adds in 0, 20, 60, 120:
    evening.LED_ADDS = adds
    hysteresis = adds  # less is never enough
    while len(moments := evening.night(hysteresis)) > 2:
        hysteresis += 1
    print(f"{adds:12} {hysteresis:21} {evening.clock(moments[-1]):>10}")
