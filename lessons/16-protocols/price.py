"""What a reading and its command cost:  python price.py http mqtt"""

import time

from plug import Plug
from ways import ways

print(f"{'':34}first reading           each further one       its answer")
print(f"{'':34}bytes   round trips     bytes   round trips    comes after")
for way in ways():
    server = way.Server()
    for title, new_device in way.DEVICES.items():
        plug = Plug(*way.ADDRESS)
        device = new_device(plug.port)
        device.send(80)
        device.wait(10)
        first, trips_of_the_first = plug.count()
        begin = time.monotonic()
        device.send(80)
        device.wait(10)
        after = time.monotonic() - begin
        size, round_trips = plug.count()
        print(f"{title:34}{first / 1000:.1f} kB {trips_of_the_first:12} {size:9} {round_trips:12}       {after:.2f} s")
        device.stop()
    server.stop()
    way.forget()
