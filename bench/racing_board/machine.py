"""Runs in MicroPython: a board without pins, in which it is day and night in turn, at each look.

After every thousandth look it collects the garbage, and says how much of the heap is in use.
"""

import gc

EVERY = 1000


class ADC:
    looks = 0

    def __init__(self, pin):
        pass

    def read_u16(self):
        """Each 16 readings are one look."""
        ADC.looks += 1
        return 57600 if ADC.looks // 16 % 2 else 6400


class Pin:
    OUT = 1

    def __init__(self, number, mode=None, value=None):
        pass

    def value(self, on):
        pass


class WDT:
    def __init__(self, timeout):
        self._fed = 0

    def feed(self):
        if self._fed % EVERY == 0:
            gc.collect()
            print(f"heap: {gc.mem_alloc()} bytes in use after {self._fed} looks")
        self._fed += 1
