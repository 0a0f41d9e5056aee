"""The receiver is away for a moment, or its plug is pulled. How often does the message arrive?"""

from lab import how_often, print_table, publish, start_receiver, stop, until
from plug import PUBACK, PUBREC, Plug


def be_away(qos, clean_session):
    stop(start_receiver(qos, clean_session=clean_session))  # it has subscribed, and goes
    publish(qos, "dark")
    receiver = start_receiver(qos, clean_session=clean_session)  # it is back, under the same client id
    return how_often(receiver, qos)


def pull(qos, clean_session):
    plug = Plug()
    receiver = start_receiver(qos, plug.port, clean_session)
    plug.lose = [PUBACK, PUBREC]
    publish(qos, "dark")
    until(lambda: plug.lost or receiver.arrived)
    plug.pull()
    until(lambda: receiver.subscribed == 2)  # it is back
    return how_often(receiver, qos)


ROWS = {
    "The receiver is away, its session is clean": lambda qos: be_away(qos, True),
    "The receiver is away, its session is persistent": lambda qos: be_away(qos, False),
    "The receiver's plug is pulled before it acknowledges": lambda qos: pull(qos, True),
    "... the same, and the receiver has a persistent session": lambda qos: pull(qos, False),
}

if __name__ == "__main__":
    print_table(ROWS)
