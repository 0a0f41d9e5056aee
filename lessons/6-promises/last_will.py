"""A device leaves a last will. When does the broker publish it?"""

from lab import how_often, new_client, print_table, start, start_receiver, stop, topic, until
from plug import Plug


def start_device(qos, port=1883):
    device = new_client("device", qos)
    device.will_set(topic(qos), "offline", qos)
    return start(device, port, keepalive=1)


def pull(qos):
    receiver, plug = start_receiver(qos), Plug()
    device = start_device(qos, plug.port)
    device.loop_stop()  # so that it does not come back
    plug.pull()
    until(lambda: receiver.arrived)
    return how_often(receiver, qos)


def fall_silent(qos):
    receiver = start_receiver(qos)
    device = start_device(qos)
    device.loop_stop()  # the connection stays open, but the device says nothing more, as if its cable were cut
    until(lambda: receiver.arrived)
    return how_often(receiver, qos)


def say_goodbye(qos):
    receiver = start_receiver(qos)
    stop(start_device(qos))
    return how_often(receiver, qos)


ROWS = {
    "Last will: the device's plug is pulled": pull,
    "Last will: the device falls silent": fall_silent,
    "Last will: the device says goodbye": say_goodbye,
}

if __name__ == "__main__":
    print_table(ROWS)
