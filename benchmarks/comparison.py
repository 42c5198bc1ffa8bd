"""Comparison of rivals side by side: every round runs each rival once, and their medians are compared.

The measure is CPU time, user and system: elapsed time says little on a machine that is busy with other
work.
"""

import gc
import resource
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time

__all__ = ["Aim", "Comparison", "Finding", "at_least_faster", "at_most_times", "cpu_seconds", "measure"]


def cpu_seconds() -> float:
    """Return the CPU seconds so far of this process, and of the processes it started that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + ended.ru_utime + ended.ru_stime


@dataclass(frozen=True)
class Aim:
    """Promise of the project about a finding.

    Attributes:
        text: the promise in words.
        holds: whether it is kept, given the values of the rivals.
    """

    text: str
    holds: Callable[[Mapping[str, float]], bool]


@dataclass(frozen=True)
class Finding:
    """Values of several rivals; the others are compared with the first.

    Attributes:
        title: the task.
        values: the value of each rival, in `unit`.
        unit: `s` for seconds, or a word.
        aims: the promises.
    """

    title: str
    values: Mapping[str, float]
    unit: str = "s"
    aims: tuple[Aim, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Several ways to perform one task, to be timed.

    Attributes:
        title: the task.
        rivals: a call that performs the task once, by name.
        rounds: number of runs of each.
        aims: the promises about their medians.
        clock: function that returns the seconds so far.
        warm_up: whether an unmeasured round runs first, to warm caches.
    """

    title: str
    rivals: Mapping[str, Callable[[], object]]
    rounds: int
    aims: tuple[Aim, ...] = ()
    clock: Callable[[], float] = cpu_seconds
    warm_up: bool = True


def at_most_times(ours: str, most: float, other: str, over: str = "") -> Aim:
    """Return the promise that `ours` takes at most `most` times as long as `other`, both without `over`."""

    def holds(values: Mapping[str, float]) -> bool:
        base = values[over] if over else 0.0
        return values[ours] - base <= most * (values[other] - base)

    return Aim(f"{ours}: at most {most:g} x {other}" + (f", not counting a {over}" if over else ""), holds)


def at_least_faster(ours: str, least: float, other: str) -> Aim:
    """Return the promise that `ours` is at least `least` times faster than `other`."""
    return Aim(
        f"{ours}: at least {least:g} times faster than {other}",
        lambda values: least * values[ours] <= values[other],
    )


def measure(comparison: Comparison) -> Finding:
    """Run the rounds, and find the median of each rival.

    Rounds are interleaved, so that a machine that slows down slows all of them alike, and every other round
    is in the opposite order.
    """
    # Exclude existing objects from later collections, which would otherwise take most of the time.
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in comparison.rivals}
    for number in range(0 if comparison.warm_up else 1, comparison.rounds + 1):
        for name, run in list(comparison.rivals.items())[:: -1 if number % 2 else 1]:
            gc.collect()
            start = comparison.clock()
            run()
            elapsed = comparison.clock() - start
            if number:
                times[name].append(elapsed)
    gc.unfreeze()
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    return Finding(f"{comparison.title} ({comparison.rounds} rounds)", medians, aims=comparison.aims)
