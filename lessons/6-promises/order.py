"""Three commands are under way when the sender's plug is pulled. In which order do they arrive?"""

from lab import new_client, print_table, start, start_receiver, stop, topic, until, what_arrived
from plug import PUBACK, PUBREC, Plug


def arrive(qos):
    receiver = start_receiver(qos)
    plug = Plug()
    sender = start(new_client("sender", qos), plug.address)

    plug.lose = [PUBACK, PUBREC]
    deliveries = [sender.publish(topic(qos), number, qos) for number in (1, 2, 3)]
    until(lambda: plug.lost == 3 or len(receiver.arrived) == 3)
    plug.pull()
    for delivery in deliveries:
        until(delivery.is_published)

    numbers = [int(message.payload) for message in what_arrived(receiver, qos)]
    stop(sender)
    return numbers


def obey(numbers):
    """What a receiver does that remembers the number of its last command."""
    last = 0
    for number in numbers:
        if number > last:
            last = number
            yield number


def in_words(numbers):
    return " ".join(str(number) for number in numbers)


ROWS = {
    "Three commands, the plug is pulled: what arrives": lambda qos: in_words(arrive(qos)),
    "... what a receiver obeys that looks at the numbers": lambda qos: in_words(obey(arrive(qos))),
}

if __name__ == "__main__":
    print_table(ROWS)
