"""Three RabbitMQ nodes on this machine that are one broker, to try things on; or to measure how soon all is well again.

    .venv/bin/python -m bench.cluster                    (as root, with Debian's rabbitmq-server installed)
    .venv/bin/python -m bench.cluster --failovers 12

The first prints their three URLs, and ends them on Ctrl+C. The second puts a device on one node, a server on another
and somebody who hears each reading on the third, kills the node of the device and of the server in turn, and measures
how long it takes until the LED follows the light again. The device keeps its readings (--offline keep).
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from tests.kit.boards import CounterFit
from tests.kit.cluster import Cluster, why_not
from tests.kit.failover import DEVICE, SERVER, fail_over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, metavar="N", help="measure so many")
    options = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        print("Three nodes start; that takes half a minute.", flush=True)
        with closing(Cluster()) as cluster:
            if options.failovers:
                measure(cluster, options.failovers)
                return
            print(*cluster.urls, sep="\n")
            print(f"A server on any of them: python server/app.py --broker {','.join(cluster.urls)}")
            print("Ctrl+C ends all three.", flush=True)
            while True:
                time.sleep(3600)


def measure(cluster: Cluster, failovers: int) -> None:
    """Print the table."""
    print("| node that is killed | the light | until the LED follows it again | readings kept | lost |")
    print("| --- | --- | --- | --- | --- |")
    taken = []
    with closing(CounterFit()) as board:
        for number in range(failovers):
            victim, steady = (DEVICE, SERVER)[number % 2], number % 4 > 1
            found = fail_over(cluster, board, victim, steady)
            taken.append(found.seconds)
            whose = "the device's" if victim == DEVICE else "the server's"
            light = "changes once" if steady else "goes on changing"
            print(f"| {whose} | {light} | {found.seconds:.2f} s | {found.readings} | 0 |", flush=True)
    print(f"\nMedian {statistics.median(taken):.2f} s, worst {max(taken):.2f} s, of {failovers}.")


if __name__ == "__main__":
    main()
