"""Twenty light sensors in a stadium. Some of them may be broken."""

import random

SEATS = [f"seat-{number:02}" for number in range(1, 21)]

SAYS = {  # what a broken sensor says, whatever the light is: from 0 to 1023
    "dark": lambda: 0,  # a bird sits on it
    "bright": lambda: 1023,  # a lamp hangs above it
    "noise": lambda: int(1024 * random.random()),  # a loose wire
    "silent": lambda: None,  # its battery is empty
}


def read_all(light, kind="", broken=0):
    """What each seat says. The broken ones are the last ones; the silent ones are left out."""
    said = {seat: int(light * (0.9 + 0.2 * random.random())) for seat in SEATS}  # no two sensors are quite the same
    for seat in SEATS[len(SEATS) - broken :]:
        said[seat] = SAYS[kind]()
    return {seat: light for seat, light in said.items() if light is not None}
