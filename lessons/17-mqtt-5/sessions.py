"""How long does the broker keep a session, and in it a command for the lamp that is away?"""

import time

from seat import ID
from versions import all_that_comes, connect, leave, publish

ROWS = [
    ("3.1.1   clean_session=False", "3.1.1", {}),
    ("MQTT 5  clean_start=False", "MQTT 5", {}),
    ("MQTT 5  clean_start=False, expiry 2 s", "MQTT 5", {"SessionExpiryInterval": 2}),
    ("MQTT 5  clean_start=False, expiry 0xFFFFFFFF", "MQTT 5", {"SessionExpiryInterval": 0xFFFFFFFF}),
]


def come_back(when):
    """In each row: is the command still there?"""
    found = []
    for number, (_, version, values) in enumerate(ROWS):
        lamp = connect(version, f"{when}-{number}", clean=False, **values)
        found.append("kept" if all_that_comes(lamp, f"{when}-{number}") else "gone")
        leave(lamp)
        leave(connect("3.1.1", f"{when}-{number}"))  # a clean session under its name ends the old one
    return found


server = connect("3.1.1", "server")
for number, (_, version, values) in enumerate(ROWS):
    for name in f"early-{number}", f"late-{number}":
        leave(connect(version, name, f"{ID}/{name}", clean=False, **values))
        publish("3.1.1", server, name, "on")
leave(server)

at_once = come_back("early")
time.sleep(4)
later = come_back("late")
print(f"{'the lamp comes back':47}at once   after 4 s")
for (asked, _, _), early, late in zip(ROWS, at_once, later, strict=True):
    print(f"{asked:47}{early:10}{late}")
