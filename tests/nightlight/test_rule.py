"""When is it dark?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.rule import Rule

light_levels = st.integers(0, 65_535)


@pytest.mark.parametrize(("light", "dark"), [(0, True), (299, True), (300, False), (400, False), (65_535, False)])
def test_it_is_dark_below_300(light: int, dark: bool) -> None:
    assert Rule().led_on(light) is dark
    assert Rule().led_on(light, was_on=True) is dark, "without hysteresis it is the lesson's rule"


def test_the_threshold_can_be_moved() -> None:
    assert Rule(500).led_on(450)
    assert not Rule(0).led_on(0)


def switched(rule: Rule, lights: list[int]) -> int:
    """How often an LED changes that follows the rule."""
    led_on, changes = False, 0
    for light in lights:
        led_on, before = rule.led_on(light, led_on), led_on
        changes += led_on != before
    return changes


def test_a_dusk_that_flickers_switches_once() -> None:
    dusk = [306, 294, 303, 297, 300, 295, 305, 299] * 8
    assert switched(Rule(300), dusk) > 40
    assert switched(Rule(300, hysteresis=10), dusk) == 1


def test_an_led_that_lights_its_own_sensor_does_not_blink() -> None:
    """In a light of 250 that becomes 350 when the LED is on."""
    for hysteresis, blinks in ((0, True), (50, True), (51, False)):
        rule, led_on, changes = Rule(300, hysteresis), False, 0
        for _ in range(100):
            led_on, before = rule.led_on(350 if led_on else 250, led_on), led_on
            changes += led_on != before
        assert (changes > 1) is blinks


@given(light_levels, light_levels, light_levels, st.booleans())
def test_hysteresis_only_ever_keeps_an_led_on(threshold: int, hysteresis: int, light: int, was_on: bool) -> None:
    plain, kept = Rule(threshold).led_on(light, was_on), Rule(threshold, hysteresis).led_on(light, was_on)
    assert kept == (plain or (was_on and threshold <= light < threshold + hysteresis))
