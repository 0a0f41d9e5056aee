"""The receiver's plug is pulled. How often does the message arrive?"""

from lab import how_often, print_table, publish, start_receiver, until
from plug import PUBACK, PUBREC, Plug


def pull(qos, clean_session):
    plug = Plug()
    receiver = start_receiver(qos, plug.address, clean_session)
    plug.lose = [PUBACK, PUBREC]
    publish(qos, "dark")
    until(lambda: plug.lost or receiver.arrived)
    plug.pull()
    until(lambda: receiver.subscribed == 2)  # it is back
    return how_often(receiver, qos)


ROWS = {
    "The receiver's plug is pulled before it acknowledges": lambda qos: pull(qos, True),
    "... the same, and the receiver's session is persistent": lambda qos: pull(qos, False),
}

if __name__ == "__main__":
    print_table(ROWS)
