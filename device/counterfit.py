"""CounterFit, the virtual board: a web page with a light sensor and an LED."""

from __future__ import annotations

import io
import socket
import time
from typing import Any

from nightlight import packages

packages.check(
    {
        "counterfit-connection": "counterfit_connection",
        "counterfit-shims-grove": "counterfit_shims_grove",
        "requests": "requests",
    },
    f"{packages.INSTALL} (on a Raspberry Pi: pip install -r requirements/laptop.txt)",
)

import counterfit_connection
import requests
import urllib3
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_led import GroveLed
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor

from nightlight.notices import Problem, printable

PATIENCE = 2.0  # seconds to wait for CounterFit's whole answer
LONGEST_ANSWER = 1_000_000  # bytes; a light level has 13, CounterFit's page with a sensor and an LED 70,000


class NoLed(Exception):
    """CounterFit's page shows no LED on the pin."""


class NotALightSensor(Exception):
    """The sensor on the pin is there, but measures something else."""


class CounterFit:
    """A CounterFit app, with a light sensor on one pin and an LED on another."""

    def __init__(self, host: str, port: int, light_pin: int, led_pin: int) -> None:
        self._url = f"http://{host}:{port}"
        self._start = "python device/virtual_board.py" + (f" --port {port}" if port != 5000 else "")
        self._light_pin, self._led_pin = light_pin, led_pin
        self._http = _Http()
        counterfit_connection.requests = self._http  # the shims ask through this name
        CounterFitConnection.base_url = f"{self._url}/"  # all that init() does, except that it wants an answer now
        self.light_sensor = GroveLightSensor(light_pin)
        self.led = GroveLed(led_pin)

    def find(self) -> str:
        """Asks for the sensor's value: whatever speaks CounterFit's language answers that."""
        self._http.get(f"{self._url}/sensor_value?port={self._light_pin}")
        return f"CounterFit answers at {self._url}, with a sensor on pin {self._light_pin}"

    def find_led(self) -> str:
        """Looks on its page: CounterFit says OK to a missing LED, too."""
        page = self._http.get(self._url).text
        if "<title>CounterFit</title>" in page and f'id="ledTitleId{self._led_pin}"' not in page:
            raise NoLed
        return f"pin {self._led_pin} of {self._url}"

    def explain(self, error: Exception) -> Problem:
        """What is wrong with CounterFit, or with the way to it."""
        if isinstance(error, NoLed):
            return Problem(f"CounterFit has no LED on pin {self._led_pin}.", f"Open {self._url} and create it there.")
        if isinstance(error, NotALightSensor):
            what = f"The sensor on pin {self._light_pin} of CounterFit is no light sensor, but knows only on and off."
            return Problem(what, f"Open {self._url}, delete it, choose Light as the type, and create that.")
        if isinstance(error, requests.HTTPError) and error.response.status_code == 404:
            what = f"CounterFit has no sensor on pin {self._light_pin}."
            return Problem(what, f"Open {self._url} and create it there.")
        if isinstance(error, requests.HTTPError):
            what = f"CounterFit at {self._url} answers with an error ({error.response.status_code})."
            return Problem(what, "Is that CounterFit? Restart it, or name another --board.")
        if isinstance(error, requests.ReadTimeout):
            return Problem(f"CounterFit at {self._url} accepts the connection but does not answer.", "Restart it.")
        if isinstance(error, requests.RequestException) and not isinstance(error, ValueError):
            what = f"CounterFit is not there: nothing answers at {self._url}."
            return Problem(what, f"Start it ({self._start}), or name another --board.")
        what = f"CounterFit at {self._url} sends what is not a light level ({printable(str(error))})."
        return Problem(what, "Is it CounterFit, with a light sensor on that pin?")


class _Http(requests.Session):
    """What the shims need of `requests`, with what they leave out: limits, and errors that are noticed.

    An answer is limited in time, from its first byte to its last, and in length. It also keeps its connection from
    one reading to the next, asks no proxy, and tells a button from a light sensor.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.get_adapter("http://").poolmanager.pool_classes_by_scheme = {"http": _Connections}  # type: ignore[attr-defined]

    def request(self, method: str, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        options |= {"timeout": PATIENCE, "allow_redirects": False, "stream": True}
        response = super().request(method, url, **options)  # type: ignore[arg-type]
        response.raw = io.BytesIO(_read(response.raw))
        response.raise_for_status()
        if response.content in (b'{"value": true}', b'{"value": false}'):  # the shims would make 1 and 0 of it
            raise NotALightSensor
        return response


def _read(answer: urllib3.HTTPResponse) -> bytes:
    """All of it, as it comes: a few packed bytes may unpack to gigabytes."""
    try:
        content = answer.read(LONGEST_ANSWER + 1, decode_content=False)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from None
    if len(content) > LONGEST_ANSWER:
        answer.close()
        raise ValueError(f"more than {LONGEST_ANSWER:,} bytes")
    return content


class _ImpatientSocket(socket.socket):
    """Its timeout is for a whole answer: a server that sends a byte now and then gets no longer."""

    def settimeout(self, seconds: float | None) -> None:
        self._end = time.monotonic() + (seconds or PATIENCE)
        super().settimeout(seconds)

    def recv_into(self, *arguments: Any) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        super().settimeout(left)
        return super().recv_into(*arguments)


class _Connection(urllib3.connection.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _ImpatientSocket(fileno=self.sock.detach())


class _Connections(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection
