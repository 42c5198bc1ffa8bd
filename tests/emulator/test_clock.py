"""The emulator's clock: any speed, never backwards, carried over a restart."""

from __future__ import annotations

import math

import pytest

from finetuning_emulator import Clock
from finetuning_emulator.controls.clock import Anchor

START = 1_700_000_000_000


def test_a_still_clock_moves_only_when_told() -> None:
    """At speed 0 time is what the test makes it."""
    clock = Clock(speed=0, start=START)
    assert clock.now() == START
    clock.advance(5000)
    assert clock.now() == START + 5000


def test_an_infinite_clock_has_everything_behind_it() -> None:
    """What is settled has happened by the next look."""
    clock = Clock(speed=math.inf, start=START)
    clock.skip_to(START + 10**9)
    assert clock.now() >= START + 10**9


def test_a_finite_clock_does_not_skip() -> None:
    """Only an infinite clock skips what is to come."""
    clock = Clock(speed=0, start=START)
    clock.skip_to(START + 10**9)
    assert clock.now() == START


def test_time_is_never_turned_back() -> None:
    """A clock refuses to go back."""
    with pytest.raises(ValueError, match="moves forward"):
        Clock(speed=0).advance(-1)


@pytest.mark.parametrize("speed", [-1.0, math.nan])
def test_a_speed_without_sense_is_refused(speed: float) -> None:
    """A speed is 0 or more."""
    with pytest.raises(ValueError, match="speed"):
        Clock(speed=speed)


def test_time_goes_on_from_an_anchor() -> None:
    """A later clock is as far on as the rate says, and never before the anchor."""
    anchor = Anchor(wall=1000, emulated=START, rate=60.0)
    assert anchor.resumed(2000) == START + 60_000
    assert anchor.resumed(500) == START


def test_a_clock_that_is_put_away_does_not_run_fast() -> None:
    """Between a clean stop and the next start no more passes than by the wall's clock."""
    assert Clock(speed=60).anchor().rate == 60
    assert Clock(speed=60).anchor(stopping=True).rate == 1
    assert Clock(speed=0.5).anchor(stopping=True).rate == 0.5
