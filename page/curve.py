"""The curve: the light over time, the threshold, and under it the LED as a band."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

from nicegui import run, ui

from nightlight.notices import printable
from nightlight.rule import Rule
from page.history import Curve, History
from page.lamps import Lamp
from page.tag import Tag
from page.words import Words

LIVE = 600.0  # seconds: the span that moves along
MOST = 600  # points
EACH = 0.2  # seconds at least from one drawing to the next
QUIET = 60.0  # seconds without a reading leave a gap
DAY = 86_400.0

LIGHT, DARK, BAND = "#c98500", "#5b6ee1", "#e8a200"


class LightCurve:
    """Live, or a night, a day, a week of the history."""

    def __init__(self, words: Words, id: str, rule: Rule, history: History, days: int) -> None:
        self._words, self._id, self._rule, self._history = words, id, rule, history
        self._curve = Curve([], [])
        self._is_live, self._drawn_at, self._is_loading = True, 0.0, True
        spans: dict[str, Callable[[float], tuple[float, float]]] = {
            words("10 minutes"): lambda now: (now - LIVE, now),
            words("last night"): words.last_night,
            words("24 hours"): lambda now: (now - DAY, now),
            words("{days} days", days=max(days, 1)): lambda now: (now - max(days, 1) * DAY, now),
        }
        with Tag("section", class_="card curve"):
            with Tag("div", class_="row"):
                Tag("h2", words("The light"))
                with Tag("div", class_="spans", role="group", aria_label=words("Span")):
                    self._buttons = {name: Tag("button", name, type="button", aria_pressed="false") for name in spans}
            with Tag(
                "div", role="img", aria_label=words("Curve of the light of {id}", id=printable(id)), class_="chart"
            ):
                self._chart = ui.echart(self._options(), renderer="svg")
        self._span = spans[words("10 minutes")]
        for name, button in self._buttons.items():
            button.on("click", lambda name=name: self._choose(name, spans[name]), args=[])

    async def load(self, now: float) -> None:
        """What there was before somebody looked; unless that is already another span."""
        if self._is_live:
            await self._choose(next(iter(self._buttons)), self._span, now)

    def show(self, lamp: Lamp, now: float) -> None:
        """What is new: the newest light and LED of the lamp."""
        if not self._is_live or self._is_loading:
            return
        light, led = self._curve.light, self._curve.led
        if lamp.light is not None and (not light or light[-1][0] < lamp.light_at):
            light.append((lamp.light_at, lamp.light))
        if lamp.led_on is not None and (not led or led[-1][1] is not lamp.led_on):
            led.append((lamp.led_at, lamp.led_on))
        if now - self._drawn_at >= EACH:
            while len(light) > 1 and light[1][0] < now - LIVE:
                del light[0]
            del light[: -4 * MOST]
            self._draw(now - LIVE, now, now)

    async def _choose(self, name: str, span: Callable[[float], tuple[float, float]], now: float | None = None) -> None:
        now = now or time.time()
        self._span, self._is_loading = span, True
        self._is_live = name == next(iter(self._buttons))
        for other, button in self._buttons.items():
            button.show(aria_pressed="true" if other == name else "false")
        start, end = span(now)
        curve = await run.io_bound(self._history.curve, self._id, start, end, MOST)
        if span is self._span and curve:
            self._curve, self._is_loading = curve, False
            self._draw(start, end, now)

    def _draw(self, start: float, end: float, now: float) -> None:
        self._drawn_at = now
        step, top = _axis_for(max([self._rule.threshold, *(light for _, light in self._curve.light)]))
        edges = {"min": round(1000 * start), "max": round(1000 * end)}
        self._chart.run_chart_method(
            "setOption",
            {
                "xAxis": [edges, edges],
                "yAxis": [{"interval": step, "max": top}, {}],
                "series": [
                    {"id": "light", "data": _light_points(self._curve.light, start, end)},
                    {"id": "led", "data": _led_points(self._curve, start, end)},
                ],
            },
        )

    def _options(self) -> dict[str, object]:
        quiet = {"axisTick": {"show": False}, "axisLine": {"show": False}}
        mark = {
            "silent": True,
            "symbol": "none",
            "lineStyle": {"color": DARK, "type": "dashed", "width": 1.5},
            "label": {"formatter": self._words("dark below {threshold}", threshold=self._rule.threshold),
                      "position": "insideStartTop", "color": DARK},
            "data": [{"yAxis": self._rule.threshold}],
        }  # fmt: skip
        return {
            "animation": False,
            "aria": {"enabled": False},
            "grid": [
                {"left": 44, "right": 20, "top": 12, "bottom": 52},
                {"left": 44, "right": 20, "height": 14, "bottom": 30},
            ],
            "xAxis": [
                {"type": "time", "gridIndex": 0, "axisLabel": {"show": False}, "splitLine": {"show": False}, **quiet},
                {"type": "time", "gridIndex": 1, "axisLabel": {"hideOverlap": True}, **quiet},
            ],
            "yAxis": [
                {"type": "value", "gridIndex": 0, "min": 0,
                 "splitLine": {"lineStyle": {"color": "rgba(128, 128, 128, 0.25)"}}, **quiet},
                {"type": "value", "gridIndex": 1, "min": 0, "max": 1, "show": True, "name": self._words("LED"),
                 "nameLocation": "middle", "nameRotate": 0, "nameGap": 20, "axisLabel": {"show": False},
                 "splitLine": {"show": False}, **quiet},
            ],
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "dataZoom": [{"type": "inside", "xAxisIndex": [0, 1], "filterMode": "none"}],
            "series": [
                {"id": "light", "name": self._words("light"), "type": "line", "step": "end", "showSymbol": False,
                 "data": [],
                 "lineStyle": {"width": 2, "color": LIGHT}, "itemStyle": {"color": LIGHT},
                 "areaStyle": {"color": LIGHT, "opacity": 0.12}, "markLine": mark},
                {"id": "led", "name": self._words("LED"), "type": "line", "step": "end", "showSymbol": False,
                 "data": [], "xAxisIndex": 1, "yAxisIndex": 1, "lineStyle": {"width": 0}, "itemStyle": {"color": BAND},
                 "areaStyle": {"color": BAND, "opacity": 1}},
            ],
        }  # fmt: skip


def _gaps(light: list[tuple[float, int]], start: float, end: float) -> list[tuple[float, float]]:
    """Where nothing was measured for long: nobody knows the light there, nor the LED."""
    spacings = [after - before for (before, _), (after, _) in pairwise(light)]
    longest = max(QUIET, 4 * (end - start) / MOST, 3 * statistics.median(spacings or [0]))
    times = [start, *(at for at, _ in light if at > start), end]
    return [(before, after) for before, after in pairwise(times) if after - before > longest]


def _light_points(light: list[tuple[float, int]], start: float, end: float) -> list[list[float | None]]:
    """For the chart, in milliseconds; nothing in the gaps."""
    points: list[tuple[float, int | None]] = [*light]
    points += [(before + 0.001, None) for before, _ in _gaps(light, start, end)]
    points.sort(key=lambda point: point[0])
    if points and points[-1][1] is not None:
        points.append((end, points[-1][1]))
    return [[round(1000 * at), value] for at, value in points]


def _led_points(curve: Curve, start: float, end: float) -> list[list[float | None]]:
    """The LED until each change, in milliseconds, where it is known."""
    gaps = _gaps(curve.light, start, end)
    steps: list[tuple[float, int | None]] = [(max(at, start), int(on)) for at, on in curve.led]
    for before, after in gaps:
        known = [on for at, on in steps if at <= after and on is not None]
        steps = [(at, on) for at, on in steps if not before < at < after]
        steps += [(before + 0.001, None), *((after, on) for on in known[-1:])]
        steps.sort(key=lambda step: step[0])
    if steps and not (gaps and gaps[-1][1] == end):
        steps.append((end, steps[-1][1]))
    return [[round(1000 * at), on] for at, on in steps]


def _axis_for(highest: float) -> tuple[float, float]:
    """For an axis that holds this: a round number from line to line, and a multiple of it for the top."""
    rough = max(1.05 * highest, 10) / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= rough)
    return step, step * math.ceil(1.05 * highest / step)
