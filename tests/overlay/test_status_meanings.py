"""Meanings of statuses: the documented table, statuses declared by the user, and the end of waiting."""

from __future__ import annotations

import copy
import logging
import pickle
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import (
    ConfigurationError,
    DatasetError,
    FileStatus,
    FineTuning,
    JobCancelled,
    JobFailed,
    JobStatus,
    UploadStatus,
    WaitTimeout,
)
from finetuning_client.open_status import OTHER_SPELLINGS, declared_statuses

from .conftest import FakeServer, event_json, file_json, job_json, list_json
from .test_other_servers import rows

FINAL = ("succeeded", "failed", "cancelled")
SPELLED = [(meaning, text) for meaning, texts in OTHER_SPELLINGS.items() for text in texts]


def spellings(text: str) -> set[str]:
    """Return the ways in which servers write a status."""
    words = text.split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    return {
        text,
        text.upper(),
        camel,
        camel.title(),
        "-".join(words),
        " ".join(words).title(),
        f"JOB_STATE_{text}",
    }


def test_table_of_the_page_agrees_with_the_code() -> None:
    """Each row has the meaning, its consequences, and every spelling."""
    found = {row[0].strip("`"): row[1:] for row in rows("Statuses")}
    assert list(found) == [*OTHER_SPELLINGS, "None: unknown"]
    for meaning, texts in OTHER_SPELLINGS.items():
        is_terminal, is_active, outcome, listed = found[meaning]
        assert re.findall(r"`(\w+)`", listed.partition(";")[0]) == list(texts)
        for text in texts:
            status = JobStatus(text)
            assert status.meaning == meaning
            assert status.is_terminal == (is_terminal == "yes")
            assert status.is_active == (is_active == "yes")
            assert status.outcome == (outcome.strip("`") if outcome != "None" else None)
    unknown = JobStatus("hibernating")
    assert (unknown.meaning, unknown.outcome, unknown.is_terminal, unknown.is_active) == (
        None,
        None,
        False,
        True,
    )


@pytest.mark.parametrize(("meaning", "text"), SPELLED)
def test_case_and_punctuation_do_not_matter(meaning: str, text: str) -> None:
    """Servers write the same statuses in several ways; the text is kept unchanged."""
    for spelled in spellings(text):
        assert JobStatus(spelled).meaning == meaning, spelled
        assert JobStatus(spelled) == spelled


def test_files_and_uploads_know_their_own_and_the_common_statuses() -> None:
    """A file on Azure is pending first; a pending upload is not final."""
    meanings = {
        text: FileStatus(text).meaning for text in ("uploaded", "processed", "error", "pending", "deleted")
    }
    assert list(meanings.values()) == ["active", "succeeded", "failed", "active", "cancelled"]
    assert [UploadStatus(text).outcome for text in ("pending", "EXPIRED")] == [None, "failed"]


@pytest.mark.parametrize("text", [t for m in FINAL for t in sorted(OTHER_SPELLINGS[m])])  # type: ignore[index]
def test_waiting_ends_on_every_final_status(client: Any, server: FakeServer, text: str) -> None:
    """`wait`, `wait_all` and `follow` end, and `check` raises the error of the outcome."""
    outcome = JobStatus(text).outcome
    status = text.upper()
    server.enqueue(
        job_json(status="NOT_STARTED"), job_json(status="cancellation-requested"), job_json(status=status)
    )
    job = client.jobs.retrieve("ftjob-1")
    raised = {"succeeded": None, "failed": JobFailed, "cancelled": JobCancelled}[str(outcome)]
    if raised is None:
        assert job.wait().status == status
    else:
        with pytest.raises(raised):
            job.wait()
    server.handler = lambda request: httpx.Response(
        200, json=list_json() if request.url.path.endswith("events") else job_json(status=status)
    )
    assert [found.status for found in client.jobs.wait_all([job], check=False)] == [status]
    assert list(job.follow()) == []
    assert list(client.jobs.follow_all([job])) == []


def statuses_of(client: Any, server: FakeServer, status: str) -> list[Any]:
    """Return the status of a job from every place where a client returns one."""
    found: list[Any] = []
    body = job_json(status=status)

    def respond(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/events"):
            return httpx.Response(200, json=list_json(event_json(1)))
        is_list = request.method == "GET" and path.endswith("/jobs")
        return httpx.Response(200, json=list_json(body) if is_list else body)

    server.handler = respond
    job = client.jobs.retrieve("ftjob-1")
    found.append(job.status)
    found += [listed.status for listed in client.jobs.list()]
    found.append(client.jobs.create(model="m", training_file="file-train").status)
    found.append(job.wait(on_update=lambda seen: found.append(seen.status)).status)
    found += [waited.status for waited in client.jobs.wait_all(["ftjob-1", "ftjob-1"])]
    list(job.follow(on_update=lambda seen: found.append(seen.status)))
    found += [followed.status for followed, _ in client.jobs.follow_all(["ftjob-1"])]
    found.append(client.with_options(timeout=3).jobs.retrieve("ftjob-1").status)
    found.append(job.cancel().status)
    for name in ("retrieve", "pause", "resume"):
        found.append(getattr(job, name)().status)
    return found


@pytest.mark.parametrize("spelled", ["done", "Done", "DO-NE"])
def test_declared_status_applies_to_every_result_of_a_client(
    make_client: Any, server: FakeServer, spelled: str
) -> None:
    """It applies to handles, lists, waiting and following, and in copies and pickles."""
    found = statuses_of(make_client(statuses={"done": "succeeded"}), server, spelled)
    assert len(found) >= 12
    for status in found:
        copies = [copy.copy(status), copy.deepcopy(status)]
        copies += [pickle.loads(pickle.dumps(status, protocol)) for protocol in range(6)]
        for one in (status, *copies):
            assert one == spelled and hash(one) == hash(spelled) and type(one) is JobStatus
            assert (one.outcome, one.is_terminal, one.is_active) == ("succeeded", True, False)
    assert JobStatus(spelled).outcome is None


def test_copies_of_handles_and_views_keep_declared_statuses(make_client: Any, server: FakeServer) -> None:
    """This holds for shallow and deep copies of a job, and for a pickle of a file."""
    client = make_client(statuses={"done": "succeeded"})
    server.enqueue(job_json(status="done"), file_json(status="done"), list_json(file_json(status="done")))
    job = client.jobs.retrieve("ftjob-1")
    job = getattr(job, "_target", job)
    assert [copy.copy(job).status.outcome, copy.deepcopy(job).status.outcome] == ["succeeded"] * 2
    file: Any = client.files.retrieve("file-1")
    assert file.status.outcome == "succeeded"
    for one in (copy.copy(file), copy.deepcopy(file), pickle.loads(pickle.dumps(file))):
        assert one.status.outcome == "succeeded"
    assert [listed.status.outcome for listed in client.files.list()] == ["succeeded"]


def test_file_within_an_upload_keeps_declared_statuses(make_client: Any, server: FakeServer) -> None:
    """The client of the upload passes them to the view of the file."""
    body = {"id": "upload_1", "object": "upload", "status": "done", "file": file_json(status="done")}
    server.enqueue(body)
    upload = make_client(statuses={"done": "succeeded"}).uploads.complete("upload_1", ["part_1"])
    assert upload.status.outcome == upload.file.status.outcome == "succeeded"


@pytest.mark.parametrize(
    ("meaning", "error"), [("succeeded", None), ("failed", DatasetError), ("cancelled", DatasetError)]
)
def test_declared_status_of_a_file_ends_the_wait(
    make_client: Any, server: FakeServer, meaning: str, error: type[Exception] | None
) -> None:
    """A file that was not processed raises an error."""
    server.enqueue(file_json(status="pending"), file_json(status="Ready!"))
    client = make_client(statuses={"ready": meaning})
    if error is None:
        assert client.files.wait_processed("file-1").status == "Ready!"
    else:
        with pytest.raises(error, match="rejected"):
            client.files.wait_processed("file-1")


def test_declared_status_takes_precedence(make_client: Any, server: FakeServer) -> None:
    """A client can declare a documented status final; other documented ones stay members of the enum."""
    client = make_client(statuses={"paused": "failed"})
    server.enqueue(job_json(status="paused"), job_json(status="running"))
    assert client.jobs.retrieve("ftjob-1").status.outcome == "failed"
    assert client.jobs.retrieve("ftjob-1").status is JobStatus.RUNNING
    assert JobStatus.PAUSED.outcome is None


@pytest.mark.parametrize(
    ("statuses", "message"),
    [
        ({"done": "great"}, "'great'"),
        ({"done": None}, "None"),
        ({"done": ["succeeded"]}, "must be one of"),
        ({"done": "Succeeded"}, "'succeeded'"),
        ({5: "succeeded"}, "a status must be a string"),
        ({"": "succeeded"}, "a status must be a string"),
        ({"-_": "succeeded"}, "a status must be a string"),
        ({"done": "succeeded", "DONE": "failed"}, "different meanings"),
        (["done"], "statuses must be a dict"),
        ("done", "statuses must be a dict"),
    ],
    ids=str,
)
def test_wrong_declaration_is_refused(make_client: Any, statuses: Any, message: str) -> None:
    """The error names the status, the value and the allowed words."""
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        make_client(statuses=statuses)


def test_same_status_may_be_declared_in_two_spellings() -> None:
    """Two spellings with the same meaning do not contradict each other."""
    FineTuning(
        api_key="k", statuses={"done": "succeeded", "DONE": "succeeded", JobStatus.PAUSED: "paused"}
    ).close()


def test_unknown_status_is_reported_once_and_in_the_timeout(
    client: Any, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Both name the status, and say how to declare it."""
    server.handler = lambda _: httpx.Response(200, json=job_json(status="hibernating"))
    with caplog.at_level(logging.WARNING, "finetuning_client"), pytest.raises(WaitTimeout) as caught:
        client.jobs.wait_all(["ftjob-1"], timeout=60)
    for text in (str(caught.value), caplog.messages[0]):
        assert "'hibernating' is an unknown status" in text
        assert "statuses={'hibernating': 'succeeded'}" in text
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("status", ["paused", "SUSPENDED"])
@pytest.mark.parametrize("wait", ["wait", "wait_all", "follow"])
def test_timeout_at_a_paused_job_says_to_resume_it(
    client: Any, server: FakeServer, status: str, wait: str
) -> None:
    """It does not say that the job is still running."""
    server.handler = lambda request: httpx.Response(
        200, json=list_json() if request.url.path.endswith("events") else job_json(status=status)
    )
    job = client.jobs.retrieve("ftjob-1")
    calls: dict[str, Callable[[], Any]] = {
        "wait": lambda: job.wait(timeout=5),
        "wait_all": lambda: client.jobs.wait_all([job], timeout=5),
        "follow": lambda: list(job.follow(timeout=5)),
    }
    with pytest.raises(WaitTimeout, match=f"to resume a job that is '{status}', call job.resume") as caught:
        calls[wait]()
    assert "the service keeps working" not in str(caught.value)


def test_timeout_of_many_jobs_names_only_current_statuses(client: Any, server: FakeServer) -> None:
    """A job that had an unknown status and has ended since is not mentioned."""
    replies = iter(["odd", "running"])

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=job_json(status=next(replies, "running")))

    server.handler = respond
    with pytest.raises(WaitTimeout, match="; the service keeps working") as caught:
        client.jobs.wait_all(["ftjob-1"], timeout=20)
    assert "unknown" not in str(caught.value)


def test_unknown_status_of_a_file_is_in_the_timeout(client: Any, server: FakeServer) -> None:
    """The timeout names it as for jobs."""
    server.handler = lambda _: httpx.Response(200, json=file_json(status="indexing"))
    with pytest.raises(WaitTimeout, match="'indexing' is an unknown status"):
        client.files.wait_processed("file-1", timeout=5)


def test_long_processing_of_a_file_is_reported(
    client: Any, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A creation that waits for its file logs this after half a minute."""
    server.handler = lambda _: httpx.Response(200, json=file_json(status="uploaded"))
    with caplog.at_level(logging.WARNING, "finetuning_client"), pytest.raises(WaitTimeout):
        client.files.wait_processed("file-1", timeout=600)
    assert caplog.messages == ["file-1 is still 'uploaded'; processing is taking a long time"]


@pytest.mark.parametrize("status", ["canceled", "canceling", "CANCELLATION_REQUESTED", "stopped"])
def test_refused_repetition_of_a_lost_cancellation_counts(
    client: Any, server: FakeServer, status: str
) -> None:
    """The job's status shows that the first attempt worked, in the server's own words."""
    server.enqueue(
        httpx.ReadError("reset"), httpx.Response(400, json={"detail": "not running"}), job_json(status=status)
    )
    assert client.jobs.cancel("ftjob-1").status == status


@given(
    st.text(min_size=1), st.dictionaries(st.text("abc-_ ", min_size=1, max_size=4), st.sampled_from(FINAL))
)
def test_any_text_is_a_status(text: str, declared: dict[str, str]) -> None:
    """It keeps its text, and a pickle keeps its meaning."""
    try:
        table = declared_statuses(declared)
    except ConfigurationError:
        table = {}
    status = JobStatus.of(text, table)
    copied = pickle.loads(pickle.dumps(status))
    assert status == copied == text
    assert status.meaning == copied.meaning
    assert status.is_terminal == (status.outcome is not None)
