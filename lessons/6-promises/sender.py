"""The sender's plug is pulled. How often does its message arrive?"""

from lab import how_often, new_client, print_table, start, start_receiver, stop, topic, until
from plug import PUBACK, PUBCOMP, PUBLISH, PUBREC, Plug


def pull(qos, lose, clean_session=True):
    receiver = start_receiver(qos)
    plug = Plug()
    sender = start(new_client("sender", qos, clean_session), plug.address)

    plug.lose = lose
    delivery = sender.publish(topic(qos), "dark", qos)
    until(lambda: plug.lost or receiver.arrived)
    plug.pull()
    until(delivery.is_published)  # paho connects again, and sends again what was not acknowledged

    result = how_often(receiver, qos)
    stop(sender)
    return result


ROWS = {
    "The plug is pulled before the broker has the message": lambda qos: pull(qos, [PUBLISH]),
    "... before the sender has the first acknowledgement": lambda qos: pull(qos, [PUBACK, PUBREC]),
    "... before the sender has the last acknowledgement": lambda qos: pull(qos, [PUBACK, PUBCOMP]),
    "... the same, and the sender's session is persistent": lambda qos: pull(qos, [PUBACK, PUBCOMP], False),
}

if __name__ == "__main__":
    print_table(ROWS)
