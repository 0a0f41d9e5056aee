"""CounterFit, the virtual board: a web page with a light sensor and an LED."""

from __future__ import annotations

from urllib.parse import urlsplit

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
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_led import GroveLed
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor

from nightlight.address import is_host
from nightlight.notices import Problem

PATIENCE = 2.0
"""Seconds to wait for CounterFit's answer."""


def address_in(name: str) -> tuple[str, int]:
    """Host and port of `counterfit` or `counterfit://host:port`. ValueError if it is neither."""
    # A number, not "localhost": Windows would try IPv6 first, for two seconds at every reading.
    if name in ("counterfit", "counterfit://"):
        return "127.0.0.1", 5000
    try:
        parts = urlsplit(name)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "counterfit" and is_host(host) and port != 0 and not (parts.path.strip("/") + parts.query):
            return f"[{host}]" if ":" in host else host, port or 5000
    except ValueError:
        pass  # the port is no port, or the IPv6 address no address
    raise ValueError(f"{name!r} is no board; there are pi, counterfit and counterfit://host:port")


class CounterFit:
    """A CounterFit app, with a light sensor on one pin and an LED on another."""

    def __init__(self, host: str, port: int, light_pin: int, led_pin: int) -> None:
        self._url = f"http://{host}:{port}"
        self._start = "python device/virtual_board.py" + (f" --port {port}" if port != 5000 else "")
        self._light_pin = light_pin
        self._http = _Http()
        counterfit_connection.requests = self._http  # the shims ask through this name
        CounterFitConnection.base_url = f"{self._url}/"  # all that init() does, except that it wants an answer now
        self.light_sensor = GroveLightSensor(light_pin)
        self.led = GroveLed(led_pin)
        self.led_place = f"pin {led_pin} of {self._url}"

    def find(self) -> str:
        """Asks for the sensor's value: whatever speaks CounterFit's language answers that."""
        self._http.get(f"{self._url}/sensor_value?port={self._light_pin}")
        return f"CounterFit answers at {self._url}, with a sensor on pin {self._light_pin}"

    def explain(self, error: Exception) -> Problem:
        """What is wrong with CounterFit, or with the way to it."""
        if isinstance(error, requests.HTTPError) and error.response.status_code == 404:
            # It tells of a missing sensor only; to a missing LED it says that all is well.
            return Problem(
                f"CounterFit has no sensor on pin {self._light_pin}.", f"Open {self._url} and create it there."
            )
        if isinstance(error, requests.HTTPError):
            status = error.response.status_code
            return Problem(
                f"CounterFit at {self._url} answers with an error ({status}).",
                "Is that CounterFit? Restart it, or name another --board.",
            )
        if isinstance(error, requests.ReadTimeout):
            return Problem(f"CounterFit at {self._url} accepts the connection but does not answer.", "Restart it.")
        if isinstance(error, requests.RequestException) and not isinstance(error, ValueError):
            return Problem(
                f"CounterFit is not there: nothing answers at {self._url}.",
                f"Start it ({self._start}), or name another --board.",
            )
        return Problem(
            f"CounterFit at {self._url} sends what is not a light level ({error!s:.80}).",
            "Is it CounterFit, with a light sensor on that pin?",
        )


class _Http(requests.Session):
    """What the shims need of `requests`, with what they leave out: a time limit, and errors that are noticed.

    It also keeps its connection from one reading to the next, and asks no proxy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: str, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        options |= {"timeout": PATIENCE, "allow_redirects": False}
        response = super().request(method, url, **options)  # type: ignore[arg-type]
        response.raise_for_status()
        return response
