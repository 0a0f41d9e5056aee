"""Plots of what was measured, as SVG: text stays text, and they fit a light page as well as a dark one.

The colours are those of Okabe and Ito, which colour-blind people can tell apart; shapes tell them apart as well.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench import cost, decisions, light_to_led, recovery, sharing, under_load
from bench.peers import OURS

WIDTH = 7.3  # inches of 72 points: 526, which a page shows 700 pixels wide

INK, FAINT, PAPER = "#1f2329", "#8b949e", "#fdfdfe"
"""What the plot is drawn with; on a dark page each becomes the other one."""
DARK = {INK: "#e6e9ed", FAINT: "#7d8590", PAPER: "#14181d"}

BLUE, RED, GREEN, PINK, GREY = "#2b88c8", "#d55e00", "#009e73", "#cc79a7", FAINT
LOOKS = {
    "this server": (BLUE, "o"),
    "gmqtt": (GREEN, "s"),
    "Node-RED": (RED, "D"),
    "usual paho script": (PINK, "^"),
    "bare socket": (GREY, "v"),
}

WHISKER: dict[str, Any] = {"ecolor": INK, "error_kw": {"linewidth": 0.8}}

mpl.rcParams.update(
    {
        "font.size": 9.5,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "svg.fonttype": "none",
        "svg.hashsalt": "bench",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.linewidth": 0.4,
        "legend.frameon": False,
        "figure.constrained_layout.w_pad": 0.12,
        "figure.constrained_layout.h_pad": 0.1,
        "figure.facecolor": PAPER,
        "axes.facecolor": "none",
        "grid.color": FAINT,
        **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    }
)


def new(height: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    return figure, list(axes)


def save(figure: Figure, file: Path) -> None:
    """With a style that changes the colours on a dark page, and whatever font there is."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    names = {INK: "--ink", FAINT: "--faint", PAPER: "--paper"}
    for colour, name in names.items():
        svg = re.sub(rf"(fill|stroke): {colour}", rf"\1: {colour}; \1: var({name})", svg)
    svg = re.sub(r"'DejaVu Sans', [^;\"]*sans-serif", "Verdana, 'DejaVu Sans', sans-serif", svg)
    light = "".join(f"{name}: {colour};" for colour, name in names.items())
    dark = "".join(f"{name}: {DARK[colour]};" for colour, name in names.items())
    style = f"<style>svg {{{light}}} @media (prefers-color-scheme: dark) {{svg {{{dark}}}}}</style>"
    svg = re.sub(r"(<svg [^>]*>)", rf"\1\n {style}", svg, count=1)
    file.write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE), encoding="utf-8", newline="\n")


def spread(rounds: list[list[float]]) -> list[list[float]]:
    """How far the slowest and the fastest of some rounds are from the median."""
    return [[median(each) - min(each) for each in rounds], [max(each) - median(each) for each in rounds]]


def draw_decisions(found: decisions.Decisions) -> Figure:
    """A bar for the median, a whisker from the slowest to the fastest round."""
    names = sorted(found["0"], key=lambda name: median(found["0"][name]["rates"]))
    figure, panels = new(0.9 + 0.36 * len(names), 2)
    for axes, qos in zip(panels, ("0", "1"), strict=True):
        rates = [found[qos][name]["rates"] for name in names]
        medians = [median(each) for each in rates]
        colours = [BLUE if name.startswith(OURS.name) else GREY for name in names]
        bars = axes.barh(names, medians, 0.66, color=colours, xerr=spread(rates), **WHISKER)
        axes.bar_label(bars, [f"{each:,.0f}" for each in medians], padding=6)
        axes.set_title(f"QoS {qos}: decisions a second")
        axes.set_xlim(0, max(max(each) for each in rates) * 1.28)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:,.0f}k" if value else "0")
        axes.grid(False, axis="y")
        axes.tick_params(left=False)
    panels[1].set_yticklabels([])
    return figure


def draw_under_load(found: under_load.UnderLoad) -> Figure:
    figure, [axes] = new(3.6)
    for name, (colour, marker) in LOOKS.items():
        if name in found:
            points = [(int(rate), under_load.typical(rounds)) for rate, rounds in found[name]["at_rate"].items()]
            kept_up = [(rate, seconds * 1e3) for rate, seconds in points if seconds is not None]
            width = 2.4 if name == OURS.name else 1.4
            axes.plot(*zip(*kept_up, strict=True), color=colour, marker=marker, linewidth=width, label=name)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="readings a second; a line ends where the server does not keep up",
        ylabel="milliseconds",
    )
    axes.set_title("From a reading to its command, under load")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.legend()
    return figure


def draw_cost(found: cost.Cost) -> Figure:
    figure, [memory, processor] = new(2.7, 2)
    devices = [int(each) for each in found]
    memory.plot(devices, [of["memory"] for of in found.values()], color=BLUE, marker="o")
    processor.plot(devices, [median(of["processor"]) for of in found.values()], color=BLUE, marker="o")
    memory.set_title("memory, MB")
    processor.set_title("processor, % of a core")
    for axes in (memory, processor):
        axes.set(xscale="log", xlabel="devices, a reading every 5 s each")
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return figure


def draw_sharing(found: sharing.Sharing) -> Figure:
    figure, [axes] = new(2.7)
    rates = list(found.values())
    medians = [median(each) for each in rates]
    bars = axes.bar(list(found), medians, 0.5, color=BLUE, yerr=spread(rates), **WHISKER)
    axes.bar_label(bars, [f"{each:,.0f}" for each in medians], padding=4)
    axes.margins(y=0.15)
    axes.set_title("Servers that share the work: decisions a second")
    axes.set_xlabel("servers")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(False, axis="x")
    return figure


def draw_light_to_led(found: light_to_led.LightToLed) -> Figure:
    figure, [axes] = new(1.7)
    for height, (name, taken) in enumerate(found.items()):
        colour = BLUE if name == light_to_led.OURS else GREY
        axes.plot(taken, [height] * len(taken), "|", color=colour, markersize=16)
        axes.plot([median(taken)], [height], "o", color=INK)
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set(xscale="log", xlabel="seconds; each line is a change, each dot a median")
    axes.set_title("From light to LED")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(False, axis="y")
    return figure


def draw_recovery(found: recovery.Recovery) -> Figure:
    figure, [axes] = new(0.9 + 0.5 * len(found))
    names = list(found)[::-1]
    for name, (colour, marker), shift in (
        (recovery.OURS, LOOKS["this server"], 0.14),
        (recovery.NODE_RED, LOOKS["Node-RED"], -0.14),
    ):
        for height, fault in enumerate(names):
            if taken := found[fault].get(name):
                axes.plot([min(taken), max(taken)], [height + shift] * 2, color=colour, linewidth=1.2)
                label = name if height == 0 else None
                axes.plot([median(taken)], [height + shift], marker, color=colour, label=label, linestyle="none")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set(xscale="log", xlabel="seconds until it answers again: median, fastest to slowest")
    axes.set_title("After a fault")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(False, axis="y")
    axes.legend()
    return figure


DRAWINGS: dict[str, Callable[[Any], Figure]] = {
    "decisions": draw_decisions,
    "under_load": draw_under_load,
    "cost": draw_cost,
    "sharing": draw_sharing,
    "light_to_led": draw_light_to_led,
    "recovery": draw_recovery,
}
