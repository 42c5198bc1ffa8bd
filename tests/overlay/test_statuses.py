"""Statuses: open enums that agree with the contract."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from finetuning_client import EventLevel, FileStatus, JobStatus

from .conftest import components

ENDS = {"succeeded", "failed", "cancelled"}


@pytest.mark.parametrize(
    ("ours", "component"),
    [
        (JobStatus, "FineTuningJobStatus"),
        (FileStatus, "FileStatus"),
        (EventLevel, "FineTuningJobEventLevel"),
    ],
)
def test_the_known_values_are_those_of_the_contract(ours: type[JobStatus], component: str) -> None:
    """No more and no fewer, so that a new one in the contract is not forgotten here."""
    assert {member.value for member in ours} == set(components()[component]["enum"])


# By name, so that a status that the contract gains later is judged by the contract alone.
@pytest.mark.parametrize("status", ["validating_files", "queued", "running", "paused", *sorted(ENDS)])
def test_a_job_status_knows_whether_it_is_an_end(status: str) -> None:
    """Paused is neither an end nor active: nothing happens until it is resumed."""
    found = JobStatus(status)
    assert found.is_known
    assert found.is_terminal == (status in ENDS)
    assert found.outcome == (status if status in ENDS else None)
    assert found.is_active == (status not in ENDS | {"paused"})


@pytest.mark.parametrize(("status", "ends"), [("uploaded", False), ("processed", True), ("error", True)])
def test_a_file_status_knows_whether_it_is_an_end(status: str, ends: bool) -> None:
    """For better or worse."""
    assert FileStatus(status).is_terminal is ends
    assert FileStatus(status).is_active is not ends


@pytest.mark.parametrize("kind", [JobStatus, FileStatus])
def test_an_unknown_status_is_kept_and_counts_as_going_on(kind: type[JobStatus]) -> None:
    """Compatible servers have their own, and the service may have new ones."""
    status = kind("notRunning")
    assert status == "notRunning" and f"{status}" == "notRunning"
    assert isinstance(status, kind)
    assert not status.is_known and not status.is_terminal and status.is_active
    assert pickle.loads(pickle.dumps(status)) == status
    assert "notRunning" not in set(kind)


def test_a_status_equals_its_text_and_is_one_object() -> None:
    """Both ways of asking work."""
    assert JobStatus("failed") is JobStatus.FAILED
    statuses: dict[str, int] = {JobStatus.FAILED: 1}
    assert statuses["failed"] == 1


@pytest.mark.parametrize("value", [None, 5, [], b"failed"])
def test_what_is_no_text_is_no_status(value: Any) -> None:
    """As with any enum."""
    with pytest.raises(ValueError, match="JobStatus"):
        JobStatus(value)
