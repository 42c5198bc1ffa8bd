"""Statuses: open enums with the values of the contract."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from finetuning_client import EventLevel, FileStatus, JobStatus

from .conftest import components

FINAL = {"succeeded", "failed", "cancelled"}


@pytest.mark.parametrize(
    ("kind", "component"),
    [
        (JobStatus, "FineTuningJobStatus"),
        (FileStatus, "FileStatus"),
        (EventLevel, "FineTuningJobEventLevel"),
    ],
)
def test_known_values_equal_those_of_the_contract(kind: type[JobStatus], component: str) -> None:
    """A value that is added to the contract must be added here too."""
    assert {member.value for member in kind} == set(components()[component]["enum"])


# Listed by name: a status that is added later is covered by the test above.
@pytest.mark.parametrize("status", ["validating_files", "queued", "running", "paused", *sorted(FINAL)])
def test_each_job_status_has_its_outcome(status: str) -> None:
    """`paused` is neither final nor active: nothing happens until the job is resumed."""
    found = JobStatus(status)
    assert found.is_known
    assert found.is_terminal == (status in FINAL)
    assert found.outcome == (status if status in FINAL else None)
    assert found.is_active == (status not in FINAL | {"paused"})


@pytest.mark.parametrize(("status", "is_final"), [("uploaded", False), ("processed", True), ("error", True)])
def test_processed_and_rejected_files_are_final(status: str, is_final: bool) -> None:
    """Processed and rejected files are final."""
    assert FileStatus(status).is_terminal is is_final
    assert FileStatus(status).is_active is not is_final


@pytest.mark.parametrize("kind", [JobStatus, FileStatus])
def test_unknown_status_is_kept_and_counts_as_active(kind: type[JobStatus]) -> None:
    """Compatible servers have other statuses, and the service may add some."""
    status = kind("notRunning")
    assert status == "notRunning" and f"{status}" == "notRunning"
    assert isinstance(status, kind)
    assert not status.is_known and not status.is_terminal and status.is_active
    assert pickle.loads(pickle.dumps(status)) == status
    assert "notRunning" not in set(kind)


def test_status_equals_its_text() -> None:
    """Each known value is one object, with the hash of its text."""
    assert JobStatus("failed") is JobStatus.FAILED
    statuses: dict[str, int] = {JobStatus.FAILED: 1}
    assert statuses["failed"] == 1


@pytest.mark.parametrize("value", [None, 5, [], b"failed"])
def test_status_must_be_text(value: Any) -> None:
    """Other types raise `ValueError`, as with any enum."""
    with pytest.raises(ValueError, match="JobStatus"):
        JobStatus(value)
