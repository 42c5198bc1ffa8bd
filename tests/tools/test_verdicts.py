"""Each kind of change of a contract is found at its place, reported, and judged for both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tools.comparison.verdicts import Step, changes, step_asked, step_taken
from tools.comparison.walk import compare
from tools.diff import Report

from .edits import Expected
from .edits_of_calls import CALLS
from .edits_of_clients import CLIENT
from .edits_of_details import DETAILS
from .edits_of_schemas import SCHEMAS, UNNOTICED
from .edits_of_spelling import SPELLINGS
from .small import Edit, at, planted

PLANTED: dict[str, tuple[Edit, Edit, list[Expected]]] = {
    **{name: (lambda _: None, *rest) for name, rest in {**CALLS, **SCHEMAS}.items()},
    **DETAILS,
    **CLIENT,
    **SPELLINGS,
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_change_is_reported_and_judged(name: str) -> None:
    """Exactly the planted changes are reported, with their places, and a verdict for each side."""
    before, after, expected = PLANTED[name]
    found = changes(compare(planted(before), planted(after)))
    named = [
        (str(one.difference.place), one.text, {side.value: side in one.breaks for side in one.sides})
        for one in found
    ]
    assert sorted(named, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("name", UNNOTICED)
def test_changes_that_no_user_notices_are_not_reported(name: str) -> None:
    """Descriptions, order and other ways of writing the same are not changes."""
    assert changes(compare(planted(), planted(UNNOTICED[name]))) == []


def test_breaking_changes_come_first() -> None:
    """A reader of only the first lines sees the important changes."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Kind", "enum").append("reward")
        at(data, "JobStatus", "enum").remove("done")
        at(data, "Job", "properties").pop("loss")

    report = Report.of(planted(), planted(edit))
    breaks = [bool(change.breaks) for change in report.changes]
    assert breaks == [True, True, False]


def test_a_change_is_reported_once_with_the_operations_it_affects() -> None:
    """A change of a component is one change, for any number of operations that use it at any depth."""
    found = changes(compare(planted(), planted(lambda d: at(d, "Job", "properties").pop("loss"))))
    assert [change.operations for change in found] == [("listJobs", "createJob", "retrieveJob")]


VERSIONS = [
    ((0, 4, 1), Step.NONE, Step.PATCH, Step.MINOR),
    ((1, 4, 1), Step.NONE, Step.MINOR, Step.MAJOR),
]


@pytest.mark.parametrize(("base", "nothing", "compatible", "breaking"), VERSIONS)
def test_the_required_step_depends_on_the_change(
    base: tuple[int, int, int], nothing: Step, compatible: Step, breaking: Step
) -> None:
    """Below 1.0.0 a breaking change requires a minor step, and from 1.0.0 on a major one."""
    fine = changes(compare(planted(), planted(lambda d: at(d, "Kind", "enum").append("reward"))))
    breaks = changes(compare(planted(), planted(lambda d: at(d, "Kind", "enum").remove("plain"))))
    assert step_asked([], base) == nothing
    assert step_asked(fine, base) == compatible
    assert step_asked([*fine, *breaks], base) == breaking


@pytest.mark.parametrize(
    ("base", "now", "step"),
    [
        ((0, 4, 1), (0, 4, 1), Step.NONE),
        ((0, 4, 1), (0, 4, 0), Step.NONE),
        ((1, 4, 1), (0, 9, 9), Step.NONE),
        ((0, 4, 1), (0, 4, 2), Step.PATCH),
        ((0, 4, 1), (0, 5, 0), Step.MINOR),
        ((0, 4, 1), (1, 0, 0), Step.MAJOR),
        ((9, 0, 0), (10, 0, 0), Step.MAJOR),
    ],
)
def test_the_step_between_two_versions(
    base: tuple[int, int, int], now: tuple[int, int, int], step: Step
) -> None:
    """A version that is not higher is not a step."""
    assert step_taken(base, now) == step
