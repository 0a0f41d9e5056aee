"""The receiver is away for a moment. How often does the message arrive?"""

from lab import how_often, print_table, publish, start_receiver, stop


def be_away(qos, clean_session):
    stop(start_receiver(qos, clean_session=clean_session))  # it has subscribed, and goes
    publish(qos, "dark")
    receiver = start_receiver(qos, clean_session=clean_session)  # it is back, under the same client id
    return how_often(receiver, qos)


ROWS = {
    "The receiver is away, its session is clean": lambda qos: be_away(qos, True),
    "The receiver is away, its session is persistent": lambda qos: be_away(qos, False),
}

if __name__ == "__main__":
    print_table(ROWS)
