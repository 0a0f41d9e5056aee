"""What a room does to a lamp: sets the virtual board's light by the time of day, and by the board's own LED."""

import time

import requests

BOARD = "http://127.0.0.1:5000"
LED_ADDS = 60
board = requests.Session()


def led_is_on():
    """What CounterFit's page shows."""
    return ">LED on<" in board.get(BOARD).text


def set_light(light):
    value = {"port": "0", "value": light, "is_random": False, "random_min": 0, "random_max": 1023}
    board.post(f"{BOARD}/integer_sensor_settings", json=value)


def pass_time(name, first, last, seconds=3):
    """The daylight goes from first to last, and what the LED gives comes back to the sensor."""
    start, led, times = time.monotonic(), led_is_on(), 0
    while (passed := time.monotonic() - start) < seconds:
        before, led = led, led_is_on()
        times += before != led
        set_light(round(first + (last - first) * passed / seconds) + LED_ADDS * led)
    print(name, {0: "never", 1: "once"}.get(times, f"{times / seconds:.0f}/s"))


set_light(500)
while led_is_on():
    time.sleep(0.1)
print("The LED switches")
pass_time("at dusk", 400, 200)
pass_time("at dawn", 200, 400)
