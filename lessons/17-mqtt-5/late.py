"""Two commands come while the lamp is away. Which of them does it hear when it is back?"""

import time

from seat import ID
from versions import all_that_comes, connect, leave, publish

ROWS = [("3.1.1", "3.1.1"), ("3.1.1", "MQTT 5"), ("MQTT 5", "3.1.1"), ("MQTT 5", "MQTT 5")]  # server, lamp


def lamp(version, name):
    """With a session that lasts: in 3.1.1 always for ever, in MQTT 5 as many seconds as it says."""
    return connect(version, name, f"{ID}/{name}", clean=False, SessionExpiryInterval=3600)


def shown(message):
    left = getattr(message.properties, "MessageExpiryInterval", None) if message.properties else None
    return message.payload.decode() + (f" ({left} s left)" if left else "")


for number, (server_version, lamp_version) in enumerate(ROWS):
    leave(lamp(lamp_version, f"lamp-{number}"))  # it was there once; now its plug is out
    server = connect(server_version, "server")
    publish(server_version, server, f"lamp-{number}", "on", MessageExpiryInterval=1)
    publish(server_version, server, f"lamp-{number}", "off", MessageExpiryInterval=60)
    leave(server)

time.sleep(3)
print("server   lamp     the lamp hears, after 3 s")
for number, (server_version, lamp_version) in enumerate(ROWS):
    client = lamp(lamp_version, f"lamp-{number}")
    commands = [shown(message) for message in all_that_comes(client, f"lamp-{number}")]
    print(f"{server_version:8} {lamp_version:8} {', '.join(commands)}")
    leave(client)
    leave(connect("3.1.1", f"lamp-{number}"))  # a clean session under its name ends the old one
