"""The device on a microcontroller: read the light, report it, obey the commands that come back."""

import json
from time import ticks_add, ticks_diff, ticks_ms

from link import Link
from machine import ADC, WDT, Pin
from settings import ALONE, DEADBAND, HYSTERESIS, INTERVAL, LED_PIN, LIGHT_PIN, SAMPLE, THRESHOLD
from trouble import Trouble

sensor, led, trouble = ADC(Pin(LIGHT_PIN)), Pin(LED_PIN, Pin.OUT, value=0), Trouble()


def read_light():
    """0 (dark) to 1023, the mean of 16 looks, since an analog pin is noisy; None if it cannot be read."""
    try:
        light = sum(sensor.read_u16() for _ in range(16)) >> 10
        trouble.over()
        return light
    except OSError as error:
        trouble.say(f"The light sensor cannot be read: {error}")


def main():
    watchdog = WDT(timeout=8388)  # ms, the most that a Pico W has: if the loop stands still, the board starts again
    link, state = Link(), {}  # the LED's state: on or off, and who said so
    link.send("led", json.dumps({"led_on": False, "by": "device"}), retain=True)
    known, connection, sent_at = 0, 0, 0  # what the server knows: the light, since which connection, since when
    asked_at = None  # since when the server owes us a command
    while True:
        watchdog.feed()
        light, now = read_light(), ticks_ms()
        if light is None:
            asked_at, connection = None, 0  # begin anew when it can be read again, perhaps in days
        is_news = connection != link.connections or abs((light or 0) - known) >= DEADBAND
        if light is not None and (is_news or ticks_diff(now, sent_at) >= INTERVAL * 1000):
            asked_at = now if asked_at is None else asked_at
            if link.is_open:
                link.send("telemetry", json.dumps({"light": light}))
                print(f"Light level: {light}")
                known, connection, sent_at = light, link.connections, now

        wanted = state
        for command in link.wait(1000 if light is None else int(SAMPLE * 1000)):
            print(f"Message received: {command}")
            wanted, asked_at = {"led_on": command["led_on"], "by": "server"}, None
        if asked_at is not None and light is not None and ticks_diff(ticks_ms(), asked_at) >= ALONE * 1000:
            asked_at = ticks_add(ticks_ms(), -int(ALONE * 1000))  # still so, when ticks begin anew after some days
            limit = THRESHOLD + HYSTERESIS if state.get("led_on") else THRESHOLD
            wanted = {"led_on": light < limit, "by": "device"}
        if wanted != state:
            state = wanted
            led.value(state["led_on"])
            link.send("led", json.dumps(state), retain=True)
            if state["by"] == "device":
                print(f"No command for {ALONE} s, deciding alone: {state}")


main()
