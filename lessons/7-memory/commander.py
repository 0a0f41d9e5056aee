"""Sends numbered commands to the robot arm:  python commander.py FIRST LAST [PORT]"""

import sys
import time

from lab import BROKER, ID, new_client, start, stop, until


def start_commander(address=(BROKER, 1883)):
    commander = new_client("commander", 1)
    commander.acknowledged = 0

    def on_publish(client, userdata, mid, reason_code, properties):
        commander.acknowledged += 1

    commander.on_publish = on_publish
    return start(commander, address)


def send(commander, number):
    """Send one command, and wait until the broker has it."""
    before = commander.acknowledged
    commander.publish(f"{ID}/arm/commands", number, qos=1)
    until(lambda: commander.acknowledged > before)  # if the connection breaks, paho sends it again


if __name__ == "__main__":
    first, last = int(sys.argv[1]), int(sys.argv[2])
    address = ("localhost", int(sys.argv[3])) if sys.argv[3:] else (BROKER, 1883)
    commander = start_commander(address)
    for number in range(first, last + 1):
        send(commander, number)
        print("sent", number, flush=True)
        time.sleep(0.03)
    stop(commander)
