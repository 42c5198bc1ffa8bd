"""`archive.replay` starts a job again on another server, and explains what that server lacks."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ApiError,
    ArchiveError,
    AsyncFineTuning,
    AsyncJob,
    BadRequest,
    FineTuning,
    InvalidRequestError,
    PermissionDenied,
    TrainingUnavailable,
)
from finetuning_client.archive import Archive, ArchivedJob
from finetuning_emulator import Emulator

from .conftest import ADMIN

Connect = Callable[..., FineTuning]


@pytest.fixture
def archive(saved: Path) -> Archive:
    """The archive."""
    return Archive(saved)


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another server, without jobs."""
    with Emulator(speed=float("inf")) as emulator:
        yield emulator


def first_of(archive: Archive, method: str) -> ArchivedJob:
    """Return a job that succeeded by a method."""
    return next(
        job
        for job in archive.jobs
        if job.status == "succeeded" and type(job.method).__name__ == method and not job.validation_file
    )


@pytest.mark.parametrize("method", ["Supervised", "DPO", "Reinforcement"])
def test_a_job_of_each_method_is_replayed(
    archive: Archive, other: Emulator, connect: Connect, method: str
) -> None:
    """Model, method, suffix, seed, metadata and data are the same, so the emulator gives the same losses."""
    job, client = first_of(archive, method), connect(other)
    again = archive.replay(job, client).wait()
    assert again.status == "succeeded"
    assert (again.model, again.method, again.seed) == (job.model, job.method, job.seed)
    assert again.to_dict().get("user_provided_suffix") == job.to_dict().get("user_provided_suffix")
    assert again.metadata == job.metadata
    assert again.metrics() == job.metrics()
    content = client.files.content(str(again.training_file))
    assert content == archive.content(str(job.training_file))
    assert len(list(client.jobs.list())) == 1


def test_an_async_client_gives_an_awaitable(archive: Archive, other: Emulator) -> None:
    """The job can also be given by its id."""

    async def run() -> AsyncJob:
        async with AsyncFineTuning(base_url=other.base_url, api_key="k", admin_key=ADMIN) as client:
            return await archive.replay(str(first_of(archive, "Supervised").id), client)

    job = asyncio.run(run())
    assert isinstance(job, AsyncJob)
    assert job.model == first_of(archive, "Supervised").model


def test_the_job_is_created_once_when_a_response_is_lost(
    archive: Archive, other: Emulator, connect: Connect
) -> None:
    """A lost create request is found again, as by `client.jobs.create`."""
    client = connect(other)
    other.fault("reset_after", operation="createFile")
    other.fault("reset_after", operation="createFineTuningJob")
    archive.replay(first_of(archive, "Supervised"), client)
    assert len(list(client.jobs.list())) == 1
    assert len(list(client.files.list(purpose="fine-tune"))) == 1


def test_changes_replace_the_settings_of_the_job(archive: Archive, other: Emulator, connect: Connect) -> None:
    """Arguments replace the settings of the job, and `None` leaves a setting out."""
    job = first_of(archive, "Supervised")
    client = connect(other)
    again = archive.replay(job, client, model="gpt-4o-2024-08-06", suffix=None, seed=5, metadata={"by": "me"})
    assert (again.model, again.seed, again.metadata) == ("gpt-4o-2024-08-06", 5, {"by": "me"})
    assert again.to_dict()["user_provided_suffix"] is None


def test_a_model_that_the_server_lacks_is_named_before_anything_is_sent(
    archive: Archive, other: Emulator, connect: Connect, requests: list[str]
) -> None:
    """The error suggests other models."""
    with pytest.raises(
        InvalidRequestError, match=r"the server does not have 'gpt-9'.*such as gpt-4"
    ) as raised:
        archive.replay(first_of(archive, "Supervised"), connect(other), model="gpt-9")
    assert raised.value.field == "model"
    assert all(request.startswith("GET /models") for request in requests)


def test_an_argument_that_create_lacks_is_refused_before_anything_is_sent(
    archive: Archive, other: Emulator, connect: Connect, requests: list[str]
) -> None:
    """The error is that of `client.jobs.create`."""
    with pytest.raises(TypeError, match=r"create\(\) has no argument 'sufix'"):
        archive.replay(first_of(archive, "Supervised"), connect(other), sufix="a")
    assert requests == []


def test_an_object_that_is_not_a_client_is_refused(archive: Archive) -> None:
    """The error names the argument."""
    with pytest.raises(
        InvalidRequestError, match="client: must be a FineTuning or AsyncFineTuning, not None"
    ):
        archive.replay(first_of(archive, "Supervised"), None)  # type: ignore[call-overload]


def test_a_method_that_the_server_refuses_is_named(
    archive: Archive, other: Emulator, connect: Connect
) -> None:
    """The uploaded files are deleted."""
    client = connect(other)
    with pytest.raises(BadRequest, match="does not support the method 'reinforcement' of ftjob-") as raised:
        archive.replay(first_of(archive, "Reinforcement"), client, model="gpt-4o-mini-2024-07-18")
    assert raised.value.may_exist is False
    assert list(client.files.list()) == []


def test_a_server_that_is_closed_for_training_says_so(
    archive: Archive, other: Emulator, connect: Connect
) -> None:
    """The error is the vendor's for an organization that can no longer train."""
    other.scenario(training_closed=True)
    client = connect(other)
    with pytest.raises(TrainingUnavailable, match="The server does not support some part"):
        archive.replay(first_of(archive, "Supervised"), client)
    assert list(client.files.list()) == []


def test_a_deleted_data_file_must_be_replaced_or_left_out(
    archive: Archive, other: Emulator, connect: Connect, requests: list[str]
) -> None:
    """The error names the argument; `validation_file=None` starts the job without the file."""
    (job,) = (job for job in archive.jobs if job.validation_file)
    client = connect(other)
    with pytest.raises(InvalidRequestError, match=r"validation_file: .*404.*pass validation_file="):
        archive.replay(job, client)
    assert not requests
    assert archive.replay(job, client, validation_file=None).wait().status == "succeeded"


class OtherServer:
    """A server without a list of models that refuses integrations."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request of a replay."""
        path = request.url.path.removeprefix("/v1")
        if path == "/files" and request.method == "POST":
            return httpx.Response(200, json={"id": "file-9", "object": "file", "status": "processed"})
        if path.startswith("/files/") and request.method == "DELETE":
            self.deleted.append(path)
            return httpx.Response(200, json={"id": "file-9", "object": "file", "deleted": True})
        if path.startswith("/files/"):
            return httpx.Response(200, json={"id": "file-9", "object": "file", "status": "processed"})
        if path == "/fine_tuning/jobs":
            error = {"message": "no integrations here", "param": "integrations", "code": None}
            return httpx.Response(400, json={"error": error})
        return httpx.Response(404, json={"detail": "Not Found"})


def test_integrations_that_the_server_refuses_are_named(
    saved: Path, tmp_path: Path, connect: Connect, other: Emulator
) -> None:
    """A server that has no list of models is still tried."""
    client = connect(other)
    file = client.files.upload(b'{"messages": []}\n' * 3).id
    wandb: dict[str, Any] = {"type": "wandb", "wandb": {"project": "p"}}
    client.jobs.create(model="gpt-4o-mini", training_file=file, integrations=[wandb])
    archive = client.archive(tmp_path / "a")
    server = OtherServer()
    with httpx.Client(transport=httpx.MockTransport(server.respond)) as http:
        other_client = FineTuning(api_key="k", base_url="https://other.test/v1", http_client=http)
        with pytest.raises(ApiError, match=r"the integrations of ftjob-.*replay it with integrations="):
            archive.replay(archive.jobs[0], other_client)
    assert server.deleted == ["/files/file-9"]


def test_a_damaged_file_is_not_uploaded(
    saved: Path, tmp_path: Path, other: Emulator, connect: Connect
) -> None:
    """The content is compared with its checksum before the upload."""
    directory = shutil.copytree(saved, tmp_path / "a")
    archive = Archive(directory)
    job = first_of(archive, "DPO")
    line = next(
        value
        for value in map(json.loads, (directory / "files.jsonl").read_text().splitlines())
        if value.get("id") == job.training_file
    )
    content = directory / line["content"]["path"]
    content.write_bytes(content.read_bytes().replace(b"No", b"no"))
    with pytest.raises(ArchiveError, match="is damaged"):
        archive.replay(job, connect(other))


def test_permission_denied_is_explained(archive: Archive, other: Emulator, connect: Connect) -> None:
    """The error is that of the server, with an explanation."""
    client = connect(other)
    other.fault("error", operation="createFineTuningJob", status=403, code="no_access", times=None)
    with pytest.raises(PermissionDenied, match="does not support some part of ftjob-"):
        archive.replay(first_of(archive, "Supervised"), client)
