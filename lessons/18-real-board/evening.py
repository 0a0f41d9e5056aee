"""The LED lights its own sensor. How often does it switch in one night?"""

import random

THRESHOLD = 300
LED_ADDS = 60  # to the light that the sensor measures, while the LED is on
HOUR = 3600


def daylight(second):
    """From 18:00 on, in seconds: dusk takes two hours, from 500 to 100, and so does dawn, from 5:00 on."""
    return max(500 - second * 400 / (2 * HOUR), 100, 100 + (second - 11 * HOUR) * 400 / (2 * HOUR))


def night(hysteresis):
    """The moments at which the LED switches, when each second a reading is answered."""
    chance, led_on, moments = random.Random(18), False, []
    for second in range(13 * HOUR):
        light = round(daylight(second) + LED_ADDS * led_on + chance.gauss(0, 2))
        wanted = light < THRESHOLD + (hysteresis if led_on else 0)
        if wanted != led_on:
            moments.append(second)
        led_on = wanted
    return moments


def clock(second):
    minutes = (18 * HOUR + second) // 60
    return f"{minutes // 60 % 24}:{minutes % 60:02}"


if __name__ == "__main__":
    print("hysteresis   switches   first on   last off")
    for hysteresis in 0, 20, 50, 60, 80, 150, 300:
        moments = night(hysteresis)
        off = clock(moments[-1]) if len(moments) % 2 == 0 else "never"
        print(f"{hysteresis:10} {len(moments):10,} {clock(moments[0]):>10} {off:>10}")
