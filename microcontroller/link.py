"""Link: stays connected to the broker, over Wi-Fi, whatever happens."""

import json
import random
from errno import ENODEV
from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

import settings
from patient import KEEP_ALIVE, MQTTClient
from trouble import Trouble, explain
from wifi import Wifi


class Link:
    """Keeps a connection, step by step, while somebody calls wait(). No step takes as long as the watchdog waits."""

    def __init__(self):
        self.is_open, self.connections = False, 0  # how often the broker has let us in
        self._unsent, self._retained, self._commands = {}, {"status": "online"}, []
        self._steps, self._pause, self._in_vain, self._trouble = self._connection(), 0, 0, Trouble()
        self._wifi, self._client = Wifi(), MQTTClient(f"{settings.ID}/status", "offline")
        self._client.set_callback(self._receive)

    def send(self, name, payload, retain=False):
        """Send this text to <id>/<name>, with the next wait(); what is to `retain`, again on each new connection."""
        self._unsent[name] = payload
        if retain:
            self._retained[name] = payload

    def wait(self, ms):
        """The commands that come within so many ms, as {"led_on": True}; the newest ten, if there are more."""
        self._ms, self._commands = ms, []
        try:
            next(self._steps)
        except Exception as error:  # ends the connection, and not the program
            self._trouble.say(f"{explain(error, self.is_open)} Trying again...")
            self.is_open, self._steps = False, self._connection()
        return self._commands

    def _connection(self):
        """The life of one connection, until an error ends it. Each call of wait() takes it on to the next `yield`."""
        if self._client.sock:
            self._client.sock.close()
        yield from self._rest(self._pause * random.uniform(0.8, 1))
        self._pause, self._in_vain = min(2 * self._pause + 500, 5000), self._in_vain + 1
        if self._in_vain % 12 == 0 or not self._wifi.is_there():  # after many attempts, the Wi-Fi itself is in doubt
            self._wifi.join()
            yield from self._rest(15_000, self._wifi.is_decided)
        if not self._wifi.is_there():
            raise OSError(ENODEV)
        self._client.connect()
        for topic in ("status", "commands"):
            yield
            self._client.subscribe(f"{settings.ID}/{topic}")
        print("MQTT connected!")
        self._trouble.over()
        self.is_open, self._unsent = True, dict(self._retained)  # what else there was is old
        self.connections, self._in_vain = self.connections + 1, 0
        next_ping = ticks_add(ticks_ms(), KEEP_ALIVE * 1000)
        while self._wifi.is_there():
            yield  # to whoever waits, after each thing that may take seconds
            if self._unsent:
                name, payload = self._unsent.popitem()
                self._client.publish(f"{settings.ID}/{name}", payload, name in self._retained)
            elif ticks_diff(next_ping, ticks_ms()) <= 0:
                next_ping = ticks_add(ticks_ms(), KEEP_ALIVE * 1000)
                self._client.ping()
                self._pause = max(0, self._pause - 500)
            else:
                self._client.hear(self._ms)
        raise OSError(ENODEV)

    def _rest(self, ms, is_over=lambda: False):
        end = ticks_add(ticks_ms(), int(ms))
        while ticks_diff(end, ticks_ms()) > 0 and not is_over():
            yield sleep_ms(self._ms)

    def _receive(self, topic, payload):
        try:
            if topic.endswith(b"/status"):  # an old last will that comes late, or a liar
                if payload == b"offline":
                    self._unsent["status"] = "online"
                return
            if self._client.is_retained:
                raise ValueError("it was retained, so nobody knows how old it is")
            command = json.loads(payload)
            if type(command) is not dict or type(command.get("led_on")) is not bool:
                raise ValueError("it has no 'led_on' that is true or false")
            self._commands = self._commands[-9:] + [{"led_on": command["led_on"]}]
        except ValueError as error:
            print(f"Ignored a message on {topic.decode()}: {error}: {payload[:40]}")
