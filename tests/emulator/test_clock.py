"""The emulator's clock: any speed, never backwards, continued after a restart."""

from __future__ import annotations

import math

import pytest

from finetuning_emulator import Clock
from finetuning_emulator.controls.clock import Anchor

START = 1_700_000_000_000


def test_a_clock_at_speed_0_moves_only_by_advance() -> None:
    """At speed 0 only the test moves the clock."""
    clock = Clock(speed=0, start=START)
    assert clock.now() == START
    clock.advance(5000)
    assert clock.now() == START + 5000


def test_an_infinite_clock_skips_ahead() -> None:
    """At infinite speed, `skip_to` jumps to the time."""
    clock = Clock(speed=math.inf, start=START)
    clock.skip_to(START + 10**9)
    assert clock.now() >= START + 10**9


def test_a_finite_clock_does_not_skip() -> None:
    """At any other speed, `skip_to` does nothing."""
    clock = Clock(speed=0, start=START)
    clock.skip_to(START + 10**9)
    assert clock.now() == START


def test_a_clock_never_moves_back() -> None:
    """A negative amount is refused."""
    with pytest.raises(ValueError, match="clock cannot move by"):
        Clock(speed=0).advance(-1)


@pytest.mark.parametrize("speed", [-1.0, math.nan])
def test_a_bad_speed_is_refused(speed: float) -> None:
    """A speed is a number of at least 0."""
    with pytest.raises(ValueError, match="speed"):
        Clock(speed=speed)


def test_time_continues_from_an_anchor() -> None:
    """It continues at the anchor's rate, and never before the anchor."""
    anchor = Anchor(wall=1000, emulated=START, rate=60.0)
    assert anchor.resumed(2000) == START + 60_000
    assert anchor.resumed(500) == START


def test_a_stopped_clock_does_not_run_fast() -> None:
    """Between a clean stop and the next start, it runs no faster than the wall clock."""
    assert Clock(speed=60).anchor().rate == 60
    assert Clock(speed=60).anchor(stopping=True).rate == 1
    assert Clock(speed=0.5).anchor(stopping=True).rate == 0.5
