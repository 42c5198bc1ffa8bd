"""Jobs created from paths: the files are uploaded first, and only for a job that can be created."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetuning_client import (
    DatasetError,
    InvalidRequestError,
)

from .conftest import (
    JSONL,
    FakeServer,
    created_job,
    file_json,
)

UPLOAD = "POST /files"


def create_job(client: Any, **files: Any) -> Any:
    """Create a job from files."""
    return client.jobs.create(model="gpt-4o-mini-2024-07-18", **files)


def test_job_is_created_from_paths(client: Any, server: FakeServer, train: Path) -> None:
    """Each file is uploaded and processed before the job is created with its id."""
    valid = train.with_name("valid.jsonl")
    valid.write_bytes(JSONL)
    server.enqueue(
        file_json(id="file-a", status="uploaded"), file_json(id="file-a"),
        file_json(id="file-b", filename="valid.jsonl", status="uploaded"), file_json(id="file-b"),
        created_job,
    )  # fmt: skip
    create_job(client, training_file=train, validation_file=valid)
    assert server.calls == [
        UPLOAD,
        "GET /files/file-a",
        UPLOAD,
        "GET /files/file-b",
        "POST /fine_tuning/jobs",
    ]
    body = server.body(4)
    assert (body["training_file"], body["validation_file"]) == ("file-a", "file-b")


def test_both_paths_are_checked_before_one_is_uploaded(client: Any, server: FakeServer, train: Path) -> None:
    """A missing validation file does not leave an uploaded training file on the service."""
    with pytest.raises(DatasetError, match=r"missing\.jsonl"):
        create_job(client, training_file=train, validation_file=train.with_name("missing.jsonl"))
    assert server.requests == []


def test_nothing_is_uploaded_for_an_invalid_job(client: Any, server: FakeServer, train: Path) -> None:
    """The whole request is checked first."""
    with pytest.raises(InvalidRequestError, match="suffix"):
        create_job(client, training_file=train, suffix="x" * 65)
    assert server.requests == []


def test_no_job_is_created_from_a_rejected_file(client: Any, server: FakeServer, train: Path) -> None:
    """The error has the service's reason."""
    server.enqueue(file_json(), file_json(status="error", status_details="bad"))
    with pytest.raises(DatasetError, match="bad"):
        create_job(client, training_file=train)
    assert "POST /fine_tuning/jobs" not in server.calls


@pytest.mark.parametrize("reference", ["train.jsonl", "data/train", "", 5, None, b"file-1"], ids=repr)
def test_invalid_file_reference_is_refused(client: Any, server: FakeServer, reference: Any) -> None:
    """The usual cause is a path without `Path(...)`; the error says so."""
    with pytest.raises(InvalidRequestError, match="training_file") as e:
        create_job(client, training_file=reference)
    assert server.requests == []
    if reference == "train.jsonl":
        assert "write Path('train.jsonl')" in str(e.value)
