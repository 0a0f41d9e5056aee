"""Sends numbered commands to the robot arm: each when the broker has the one before."""

import sys
import time

from lab import new_client, start, stop, until


def start_commander(port=1883):
    commander = new_client("commander", 1)
    commander.acknowledged = 0

    def on_publish(client, userdata, mid, reason_code, properties):
        commander.acknowledged += 1

    commander.on_publish = on_publish
    return start(commander, port)


def send(commander, number):
    before = commander.acknowledged
    commander.publish("arm/commands", number, qos=1)
    until(lambda: commander.acknowledged > before)  # if the connection breaks, paho sends it again


if __name__ == "__main__":
    first, last, port = (int(word) for word in sys.argv[1:])
    commander = start_commander(port)
    for number in range(first, last + 1):
        send(commander, number)
        print("sent", number, flush=True)
        time.sleep(0.03)
    stop(commander)
