"""Nobody listens when the message is published. Does a receiver that subscribes later get it?"""

from lab import how_often, print_table, publish, start_receiver


def come_late(qos, retain, clear=False):
    publish(qos, "dark", retain)
    if clear:
        publish(qos, "", retain=True)
    result = how_often(start_receiver(qos), qos)
    publish(qos, "", retain=True)  # leave nothing behind
    return result


ROWS = {
    "Nobody has subscribed yet": lambda qos: come_late(qos, retain=False),
    "... but the message is retained": lambda qos: come_late(qos, retain=True),
    "... and then cleared by an empty retained message": lambda qos: come_late(qos, retain=True, clear=True),
}

if __name__ == "__main__":
    print_table(ROWS)
