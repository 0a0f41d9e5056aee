"""What is wrong, in words, and said once."""

import errno

import settings
from umqtt.simple import MQTTException


class BadSetting(Exception):
    """What is wrong in settings.py."""


class Trouble:
    """Says what is wrong when it begins, or becomes another, and not again and again."""

    def __init__(self):
        self._said = ""

    def say(self, problem):
        """Print it, unless it was the last thing said."""
        if problem != self._said:
            print(problem)
        self._said = problem

    def over(self):
        """All is well: the same problem would be a new one."""
        self._said = ""


def explain(error, was_open):
    """What is wrong with the connection, in words; `was_open` if the broker had let us in."""
    place, number = f"{settings.BROKER}:{settings.PORT}", error.args[0] if error.args else None
    if isinstance(error, BadSetting):
        return f"In settings.py, {error}."
    if number == errno.ENODEV:
        return f"There is no Wi-Fi {settings.WIFI!r}, or it does not let us in."
    if was_open:
        silent = (
            "has been silent for too long" if number == errno.ETIMEDOUT else "has ended it. Is the ID in use twice?"
        )
        return f"The connection is lost: {place} {silent}."
    if isinstance(error, MQTTException) and number == 128:  # MQTT 3.1.1 section 3.9.3
        return f"{place} does not let us subscribe. Has USER the right to?"
    if isinstance(error, MQTTException):  # MQTT 3.1.1 section 3.2.2.3
        return f"{place} does not let us in ({number}). Are USER and PASSWORD right?"
    if number in (-1, errno.ECONNRESET):
        return f"{place} ends the connection before answering. Does it want TLS (CA), has it too many connections?"
    if isinstance(error, (AssertionError, IndexError, TypeError)):  # umqtt does not understand its answer
        return f"What answers at {place} is no MQTT broker. Is PORT right?"
    if number == errno.ECONNREFUSED:
        return f"The connection is refused: no broker listens at {place}."
    if number == errno.ETIMEDOUT:
        return f"Nobody answers at {place}."
    if "addrinfo" in str(number) or (isinstance(number, int) and number < 0 and len(error.args) == 1):
        return f"The broker's name is not found: {settings.BROKER}."
    return f"No way to {place}: {' '.join(str(error).split()) or repr(error)}."
