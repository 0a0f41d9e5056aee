"""Somebody switches the lamp, four times. How late is each command?  python push.py http mqtt"""

import threading
import time
from statistics import mean

from plug import Plug
from ways import ways


class Lamp:
    def __init__(self, way, new_device):
        self.plug = Plug(*way.ADDRESS)
        self.device = new_device(self.plug.port)
        self.silence = self.device.silence(self.plug)
        self.plug.count()  # what follows is counted from zero
        self.heard = []  # when each command came
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        for _ in range(4):
            self.device.wait(15)
            self.heard.append(time.monotonic())


print(f"{'':34}late, mean   at most   bytes in a day")
named = list(ways())
servers = [way.Server() for way in named]
lamps = [(title, way, Lamp(way, device)) for way in named for title, device in way.DEVICES.items()]
begin, switched = time.monotonic() // 1 + 2.2, []
for number in range(4):
    time.sleep(max(0, begin + number * 1.25 - time.monotonic()))  # each at another moment between two polls
    switched.append(time.monotonic())
    for server in servers:
        server.command(number % 2 == 0)

for title, way, lamp in lamps:
    lamp.thread.join()
    late = [heard - sent for heard, sent in zip(lamp.heard, switched, strict=True)]
    commands = lamp.plug.count()[0] if way.PUSHES else 0  # otherwise the polls carry them, and cost the same
    print(f"{title:34}{mean(late):8.2f} s {max(late):7.2f} s {lamp.silence + commands:16,}")
    lamp.device.stop()
for way, server in zip(named, servers, strict=True):
    server.stop()
    way.forget()
