"""Link: stays connected to the broker, over Wi-Fi, whatever happens."""

import json
import random
import select
from errno import ENODEV
from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

import network
import settings
from patient import MQTTClient, explain

KEEP_ALIVE = 4  # seconds; after one and a half times this the broker sends the last will (MQTT 3.1.1 section 3.1.2.10)


class Link:
    """Keeps a connection, step by step, while somebody calls wait(). No step takes as long as the watchdog waits."""

    def __init__(self):
        self.is_open, self.connections = False, 0  # how often the broker has let us in
        self._unsent, self._retained, self._commands = {}, {"status": "online"}, []
        self._steps, self._pause, self._problem = self._connection(), 0, ""
        self._wifi = network.WLAN(network.STA_IF)
        self._wifi.active(True)
        self._wifi.config(pm=self._wifi.PM_NONE)  # it would save power, and keep a command back for a tenth of a second
        self._client = MQTTClient(f"{settings.ID}/status", "offline", KEEP_ALIVE)
        self._client.set_callback(self._receive)

    def send(self, name, payload, retain=False):
        """Send this with the next wait(); what the broker retains, again on each new connection."""
        self._unsent[name] = payload
        if retain:
            self._retained[name] = payload

    def wait(self, ms):
        """The commands that come within so long."""
        self._ms, self._commands = ms, []
        try:
            next(self._steps)
        except Exception as error:  # ends the connection, and not the program
            problem = explain(error, self.is_open)
            if problem != self._problem:
                print(problem, "Trying again...")
            self.is_open, self._problem, self._steps = False, problem, self._connection()
        return self._commands

    def _connection(self):
        """The steps of one connection, until an error ends it."""
        if self._client.sock:
            self._client.sock.close()
        yield from self._rest(self._pause * random.uniform(0.8, 1))
        self._pause = min(2 * self._pause + 500, 5000)
        if not self._wifi.isconnected():
            self._wifi.connect(settings.WIFI, settings.WIFI_PASSWORD)
            yield from self._rest(15_000, lambda: self._wifi.isconnected() or self._wifi.status() < 0)
        if not self._wifi.isconnected():
            raise OSError(ENODEV)
        self._client.connect()
        yield
        self._client.subscribe(f"{settings.ID}/commands")
        print("MQTT connected!")
        self.is_open, self._problem, self._unsent = True, "", dict(self._retained)
        self.connections += 1
        poller, next_ping = select.poll(), ticks_ms()
        poller.register(self._client.sock.stream, select.POLLIN)
        while self._wifi.isconnected():
            yield
            while self._unsent:
                name, payload = self._unsent.popitem()
                self._client.publish(f"{settings.ID}/{name}", payload, name in self._retained)
            if ticks_diff(next_ping, ticks_ms()) <= 0:
                next_ping = ticks_add(ticks_ms(), KEEP_ALIVE * 1000)
                self._client.ping()
                self._client.wait_msg()
                self._pause = max(0, self._pause - 500)
            if not self._commands and poller.poll(self._ms):
                self._client.wait_msg()
            self._client.sock.flush()  # the acknowledgement
        raise OSError(ENODEV)

    def _rest(self, ms, is_over=lambda: False):
        end = ticks_add(ticks_ms(), int(ms))
        while ticks_diff(end, ticks_ms()) > 0 and not is_over():
            yield sleep_ms(self._ms)

    def _receive(self, topic, payload):
        try:
            if self._client.is_retained:
                raise ValueError("it was retained, so nobody knows how old it is")
            command = json.loads(payload)
            if type(command) is not dict or type(command.get("led_on")) is not bool:
                raise ValueError("it has no 'led_on' that is true or false")
            self._commands.append({"led_on": command["led_on"]})
        except ValueError as error:
            print(f"Ignored a message on {topic.decode()}: {error}: {payload[:40]}")
