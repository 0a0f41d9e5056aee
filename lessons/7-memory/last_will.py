"""A device leaves a last will. How long after its end does the broker publish it?"""

import time

from lab import how_often, new_client, print_table, start, start_receiver, stop, topic, until
from plug import Plug


def start_device(qos, plug):
    device = new_client("device", qos)
    device.will_set(topic(qos), "offline", qos)
    return start(device, plug.address, keepalive=1)


def time_of_the_will(receiver):
    began = time.monotonic()
    until(lambda: receiver.arrived)
    stop(receiver)
    return f"{time.monotonic() - began:.0f} s"


def pull(qos):
    receiver, plug = start_receiver(qos), Plug()
    device = start_device(qos, plug)
    device.loop_stop()  # so that it does not come back
    plug.pull()
    return time_of_the_will(receiver)


def fall_silent(qos):
    receiver = start_receiver(qos)
    device = start_device(qos, Plug())
    device.loop_stop()  # the connection stays open, but the device says nothing more, as if its cable were cut
    return time_of_the_will(receiver)


def say_goodbye(qos):
    receiver = start_receiver(qos)
    stop(start_device(qos, Plug()))
    return how_often(receiver, qos)


ROWS = {
    "The device's plug is pulled": pull,
    "The device falls silent": fall_silent,
    "The device says goodbye": say_goodbye,
}

if __name__ == "__main__":
    print_table(ROWS)
