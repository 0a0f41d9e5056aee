"""Two servers share the readings, and one leaves. How many of ten readings does a server hear?"""

import time

from seat import ID
from versions import all_that_comes, connect, leave, publish

ROWS = [
    ("3.1.1   clean session", "3.1.1", {"clean": True}),
    ("3.1.1   persistent session", "3.1.1", {"clean": False}),
    ("MQTT 5  session expiry 2 s", "MQTT 5", {"clean": False, "SessionExpiryInterval": 2}),
]


def server(row, name):
    _, version, values = ROWS[row]
    shared = f"$share/{ID}-{row}/{ID}/{row}/telemetry"
    return connect(version, f"{name}-{row}", shared, **values)


def heard(row, name, client):
    return len(all_that_comes(client, f"{row}/{name}"))


def ten_readings(row):
    for light in range(10):
        publish("3.1.1", device, f"{row}/telemetry", light)


device = connect("3.1.1", "device")
results = []
for row in range(3):
    first, second = server(row, "first"), server(row, "second")
    ten_readings(row)
    both = heard(row, "first", first) + heard(row, "second", second)
    leave(second)
    leave(connect("3.1.1", "newcomer"))  # when the broker lets somebody in, it has noticed who left before
    ten_readings(row)
    results.append((first, both, heard(row, "first", first)))

time.sleep(4)
print(f"{'':29}two servers   one has left   4 s later   the one that left finds")
for row, (first, both, one) in enumerate(results):
    ten_readings(row)
    later = heard(row, "first", first)
    second = server(row, "second")
    print(f"{ROWS[row][0]:29}{both:11}{one:15}{later:12}{heard(row, 'second', second):26}")
    for client, name in (first, "first"), (second, "second"):
        leave(client)
        leave(connect("3.1.1", f"{name}-{row}"))  # a clean session under its name ends the old one
leave(device)
