"""The page: shows the lamps as they are, and what travels between device and server; one more client of the broker."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from nightlight.program import begin, run

begin()

from nightlight import packages

packages.check({"nicegui": "nicegui"}, "pip install -r requirements/page.txt")

from checkup.questions import check_up
from nightlight.link import Link
from nightlight.messages import Command, GroupState, LedState, Override, Status, Telemetry
from page.history import open_history
from page.lamps import Lamps
from page.news import News
from page.settings import read_settings
from page.site import serve


def main() -> None:
    settings = read_settings()
    if settings.check:
        sys.exit(check_up(settings))
    history = open_history(settings.keep_in, settings.id, settings.history)
    lamps = Lamps(history, served=settings.id)
    news = News(lamps)
    link = Link(*settings.brokers, qos=settings.qos, role="page")
    for kind in (Telemetry, Command, LedState, Status, Override):
        link.overhear(kind.topic(settings.id), kind, news.put)
    if groups := lamps.groups.pattern:
        link.overhear(GroupState.topic(groups), GroupState, news.put_for_group)
        link.overhear(Override.topic(groups), Override, news.put_for_group)
    with history, link:  # connects in the background, and again whenever it has to
        serve(settings, lamps, news, link)


if __name__ == "__main__":
    run(main)
