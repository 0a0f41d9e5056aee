"""A long poll: the server keeps the question until there is an answer, or for 30 s."""

import threading
import time

import over_http
from plug import Plug

changed = threading.Condition()


class Handler(over_http.Handler):
    def do_GET(self):
        known = self.path.rpartition("/")[2]  # what the device believes: True or False
        with changed:
            changed.wait_for(lambda: str(over_http.lamp["led_on"]) != known, timeout=30)
        super().do_GET()


class Device(over_http.Device):
    def ask(self, known):
        return self.session.get(f"{self.url}/commands/{known}", timeout=60).json()["led_on"]


switched = []  # when


def switch():
    for led_on in True, False, True, False:
        time.sleep(1)
        switched.append(time.monotonic())
        with changed:
            server.command(led_on)
            changed.notify_all()


server = over_http.Server()
server.web.RequestHandlerClass = Handler
plug = Plug(*over_http.ADDRESS)
device = Device(plug.port, connection="keep-alive")
known, heard = device.ask("nothing"), []
threading.Thread(target=switch).start()
for _ in range(4):
    plug.count()
    known = device.ask(known)
    heard.append(time.monotonic())
size = plug.count()[0]
late = (sum(heard) - sum(switched)) / 4
print(f"late by {late:.2f} s, {size} bytes for a question and its answer, {size * 86400 // 30:,} in a day")
