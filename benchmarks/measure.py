"""Measures rivals side by side: every round runs each of them once, and medians are compared."""

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

__all__ = ["Comparison", "Row", "measure"]


@dataclass(frozen=True)
class Comparison:
    """Several ways to do one thing; the first is what the others are compared with.

    Attributes:
        title: What is done.
        rivals: By name, a call that does it once.
        rounds: How often each is run.
        target: What our ratio must not exceed, where the project promises one.
        ours: The rival that the target is about.
    """

    title: str
    rivals: Mapping[str, Callable[[], object]]
    rounds: int
    target: str = ""
    ours: str = ""


@dataclass(frozen=True)
class Row:
    """One rival's result: its median in seconds, and that over the baseline's."""

    name: str
    seconds: float
    ratio: float


def measure(comparison: Comparison) -> list[Row]:
    """Run the rounds and return a row for each rival.

    Rounds are interleaved, so that a machine that slows down slows all of them alike; one round
    goes first unmeasured, to warm caches.
    """
    times: dict[str, list[float]] = {name: [] for name in comparison.rivals}
    for warm in range(comparison.rounds + 1):
        for name, run in comparison.rivals.items():
            gc.collect()
            start = perf_counter()
            run()
            elapsed = perf_counter() - start
            if warm:
                times[name].append(elapsed)
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    baseline = next(iter(medians.values()))
    return [Row(name, seconds, seconds / baseline) for name, seconds in medians.items()]
