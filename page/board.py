"""CounterFit, the virtual board, as its own page uses it: over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from dataclasses import dataclass

import httpx

LIGHT_PIN, LED_PIN = 0, 5
BRIGHTEST = 1023  # what CounterFit's light sensor goes to
PATIENCE = 2.0  # seconds to wait for CounterFit's whole answer
LONGEST_ANSWER = 1_000_000  # bytes; CounterFit's page with a sensor and an LED has 70,000
A_DAY = 60.0  # seconds that a played one takes
STEP = 0.2  # seconds from one light of it to the next


@dataclass(frozen=True)
class Found:
    """What there is of a CounterFit. All is there, if nobody knows better."""

    answers: bool = True
    has_sensor: bool = True
    has_led: bool = True


class Board:
    """A CounterFit at this address, with a light sensor on pin 0 and an LED on pin 5, or without."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False)
        self._day: asyncio.Task[None] | None = None
        self._next: int | None = None
        self._is_setting = False

    async def close(self) -> None:
        """End its connections; a day ends as well."""
        if self._day:
            self._day.cancel()
        await self._http.aclose()

    async def look(self) -> Found:
        """What is there now."""
        try:
            status, _ = await self._ask("GET", f"/sensor_value?port={LIGHT_PIN}")
            _, page = await self._ask("GET", "/")
        except httpx.HTTPError:
            return Found(answers=False)
        is_page = "<title>CounterFit</title>" in page
        return Found(True, status != 404, not is_page or f'id="ledTitleId{LED_PIN}"' in page)

    async def set_light(self, light: int) -> None:
        """From 0 to 1023, as somebody moves it on CounterFit's page. Of many that come at once, the newest counts."""
        self._next = max(0, min(BRIGHTEST, light))
        if self._is_setting:
            return
        self._is_setting = True
        try:
            while self._next is not None:
                value, self._next = self._next, None
                limits = {"is_random": False, "random_min": 0, "random_max": BRIGHTEST}
                await self._post("integer_sensor_settings", {"port": str(LIGHT_PIN), "value": value, **limits})
        finally:
            self._is_setting = False

    async def create_sensor(self) -> None:
        """Put a light sensor on its pin."""
        await self._post("create_sensor", {"type": "Light", "pin": LIGHT_PIN, "unit": "NoUnits"})

    async def create_led(self) -> None:
        """Put an LED on its pin."""
        await self._post("create_actuator", {"type": "LED", "port": LED_PIN})

    @property
    def plays_a_day(self) -> bool:
        """Whether a day is on its way."""
        return self._day is not None and not self._day.done()

    def play_a_day(self) -> None:
        """Dawn to night, in a minute."""
        self._day = asyncio.create_task(self._play())

    def stop_the_day(self) -> None:
        """Leave the light as it is now."""
        self._day = None  # not cancelled: the light that a finger has set meanwhile may still be on its way

    async def _play(self) -> None:
        begin, passed = time.monotonic(), 0.0
        while self._day is asyncio.current_task():
            await self.set_light(round(BRIGHTEST * math.sin(math.pi * passed / A_DAY)))
            if passed == A_DAY:
                return
            await asyncio.sleep(STEP)
            passed = min(A_DAY, time.monotonic() - begin)

    async def _post(self, path: str, value: dict[str, object]) -> None:
        with contextlib.suppress(httpx.HTTPError):  # the next look says what is wrong
            await self._ask("POST", f"/{path}", json=value)

    async def _ask(self, method: str, path: str, json: dict[str, object] | None = None) -> tuple[int, str]:
        """The answer's status and text. httpx.HTTPError if there is none, or it takes too long, or is too long."""

        async def ask() -> tuple[int, str]:
            answer = b""
            async with self._http.stream(method, path, json=json) as response:
                async for part in response.aiter_raw():  # raw: a few bytes may unpack to gigabytes
                    answer += part
                    if len(answer) > LONGEST_ANSWER:
                        raise httpx.ReadError(f"more than {LONGEST_ANSWER:,} bytes")
            return response.status_code, answer.decode(errors="replace")

        try:
            return await asyncio.wait_for(ask(), PATIENCE)
        except asyncio.TimeoutError:
            raise httpx.ReadTimeout(f"not within {PATIENCE} s") from None
