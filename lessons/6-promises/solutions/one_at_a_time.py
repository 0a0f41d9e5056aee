"""Three commands at QoS 1, and the connection breaks twice. In which order do they arrive?"""

from lab import new_client, start, start_receiver, stop, topic, until, what_arrived
from order import in_words
from plug import PUBACK, Plug


class BadPlug(Plug):
    """Its first two connections lose each PUBACK."""

    @property
    def lose(self):
        return [PUBACK] if self.connections <= 2 else ()

    @lose.setter
    def lose(self, kinds):
        pass  # this plug decides by itself


def pull(plug, lost):
    until(lambda: plug.lost == lost)
    plug.pull()


def send_all(sender, plug):
    deliveries = [sender.publish(topic(1), number, 1) for number in (1, 2, 3)]
    pull(plug, lost=1)
    pull(plug, lost=4)
    for delivery in deliveries:
        until(delivery.is_published)


def send_each(sender, plug):
    first = sender.publish(topic(1), 1, 1)
    pull(plug, lost=1)
    pull(plug, lost=2)
    first.wait_for_publish()
    for number in (2, 3):
        sender.publish(topic(1), number, 1).wait_for_publish()


def arrive(send, inflight):
    receiver, plug, sender = start_receiver(1), BadPlug(), new_client("sender", 1)
    sender.max_inflight_messages_set(inflight)
    send(start(sender, plug.address), plug)
    numbers = [int(message.payload) for message in what_arrived(receiver, 1)]
    stop(sender)
    return in_words(numbers)


print("max_inflight_messages_set(1):", arrive(send_all, 1))
print("each when the broker has the one before:", arrive(send_each, 20))
