"""One QoS for publishing, another one for subscribing. Which counts?"""

from lab import new_client, print_table, start, start_receiver, stop, topic, until


def arrives_at(publish_qos, subscribe_qos):
    receiver = start_receiver(subscribe_qos)
    sender = start(new_client("sender", subscribe_qos))
    sender.publish(topic(subscribe_qos), "dark", publish_qos)
    until(lambda: receiver.arrived)
    stop(sender, receiver)
    return f"QoS {receiver.arrived[0].qos}"


ROWS = {
    "Published at QoS 0, subscribed at the column's QoS": lambda qos: arrives_at(0, qos),
    "Published at QoS 1, subscribed at the column's QoS": lambda qos: arrives_at(1, qos),
    "Published at QoS 2, subscribed at the column's QoS": lambda qos: arrives_at(2, qos),
}

if __name__ == "__main__":
    print_table(ROWS)
