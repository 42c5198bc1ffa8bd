"""Creating a job: one call creates at most one job, even if responses are lost."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    RateLimited,
    RequestTimedOut,
    RetryPolicy,
    TrainingUnavailable,
)

from .conftest import (
    FakeServer,
    ManualClock,
    created_job,
    error_response,
    job_json,
    list_json,
)

CREATE = "POST /fine_tuning/jobs"
LIST = "GET /fine_tuning/jobs"
KEY = "finetuning_request"

REFUSED = httpx.ConnectError("refused")
LOST = {
    "reset": httpx.ReadError("Connection reset by peer"),
    "cut": httpx.RemoteProtocolError("peer closed connection"),
    "timed out": httpx.ReadTimeout("timed out"),
    "500": error_response(500),
    "503 from a proxy": httpx.Response(503, text="<html>busy</html>"),
    "520": httpx.Response(520),
    "408": error_response(408),
}


def create_job(client: Any, **changes: Any) -> Any:
    """Create a job with the required arguments."""
    return client.jobs.create(**{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-train", **changes})


def job_of_last_request(server: FakeServer) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler whose list has the job of the last create request after a newer job."""

    def handler(request: httpx.Request) -> httpx.Response:
        sent = next(server.body(i) for i, a in reversed(list(enumerate(server.calls))) if a == CREATE)
        other = job_json(id="ftjob-other", metadata={KEY: "another"})
        mine = job_json(id="ftjob-mine", metadata=sent["metadata"])
        return httpx.Response(200, json=list_json(other, mine))

    return handler


def no_jobs(_: httpx.Request) -> httpx.Response:
    """Return an empty list of jobs."""
    return httpx.Response(200, json=list_json())


def test_creation_is_one_request_with_a_token(client: Any, server: FakeServer) -> None:
    """Without failures one request is sent, with the token in the job's metadata."""
    server.enqueue(job_json())
    assert create_job(client, metadata={"team": "nlp"}).id == "ftjob-1"
    sent = server.body(0)
    assert sent["metadata"]["team"] == "nlp"
    assert len(sent["metadata"][KEY]) == 32


def test_each_call_has_its_own_token(client: Any, server: FakeServer) -> None:
    """Two calls create two jobs."""
    server.enqueue(job_json(), job_json(id="ftjob-2"))
    create_job(client)
    create_job(client)
    assert server.body(0)["metadata"][KEY] != server.body(1)["metadata"][KEY]


def test_token_is_hidden_from_metadata(client: Any, server: FakeServer) -> None:
    """`metadata` has only the user's pairs; `to_dict()` has all of them."""
    server.enqueue(lambda r: httpx.Response(200, json=job_json(metadata=server.body(0)["metadata"])))
    job = create_job(client, metadata={"team": "nlp"})
    assert job.metadata == {"team": "nlp"}
    assert KEY in job.to_dict()["metadata"]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_job_is_adopted_after_a_lost_response(client: Any, server: FakeServer, lost: Any) -> None:
    """The job is found by its token and returned, and no request is sent again."""
    server.enqueue(lost, job_of_last_request(server))
    assert create_job(client).id == "ftjob-mine"
    assert server.calls == [CREATE, LIST]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_creation_is_retried_if_no_job_is_found(client: Any, server: FakeServer, lost: Any) -> None:
    """The request is sent again with the same token after several searches without a result."""
    server.enqueue(lost, *[no_jobs] * 3, job_json())
    assert create_job(client).id == "ftjob-1"
    assert server.calls == [CREATE, LIST, LIST, LIST, CREATE]
    assert server.body(0)["metadata"][KEY] == server.body(-1)["metadata"][KEY]


def test_job_that_appears_late_is_adopted(client: Any, server: FakeServer) -> None:
    """The search lasts a while because a slow server may still be working."""
    server.enqueue(httpx.ReadTimeout("timed out"), no_jobs, no_jobs, job_of_last_request(server))
    assert create_job(client).id == "ftjob-mine"
    assert server.calls.count(CREATE) == 1


def test_search_lasts_as_long_as_the_lost_attempt(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """After 20 seconds without a response the search lasts 20 seconds."""

    def silent(_: httpx.Request) -> httpx.Response:
        clock.now += 20
        raise httpx.ReadTimeout("timed out")

    server.enqueue(silent, *[no_jobs] * 6, job_json())
    started = clock.now
    create_job(client)
    assert 40 <= clock.now - started <= 42


def test_undelivered_request_is_retried_without_a_search(client: Any, server: FakeServer) -> None:
    """A refused connection proves that no job was created."""
    server.enqueue(httpx.ConnectError("refused"), httpx.ConnectTimeout("timed out"), job_json())
    assert create_job(client).id == "ftjob-1"
    assert server.calls == [CREATE] * 3


def test_refusal_is_raised_without_a_search(client: Any, server: FakeServer) -> None:
    """A refusal means that no job was created."""
    server.enqueue(error_response(400, param="training_file"))
    with pytest.raises(BadRequest) as e:
        create_job(client)
    assert e.value.param == "training_file"
    assert server.calls == [CREATE]


def test_rate_limited_creation_is_retried_after_the_delay(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """The requested delay starts after the search."""
    server.enqueue(error_response(429, headers={"Retry-After": "7"}), *[no_jobs] * 3, job_json())
    create_job(client)
    assert sum(clock.slept[:-1]) == 2.0
    assert clock.slept[-1] == 7.0


def test_exhausted_quota_raises_at_once(client: Any, server: FakeServer) -> None:
    """Waiting does not restore the quota."""
    server.enqueue(error_response(429, "insufficient_quota"))
    with pytest.raises(RateLimited) as e:
        create_job(client)
    assert e.value.code == "insufficient_quota"


def test_closed_platform_raises_training_unavailable(client: Any, server: FakeServer) -> None:
    """The organization can no longer create jobs."""
    server.enqueue(error_response(403, "training_not_available"))
    with pytest.raises(TrainingUnavailable):
        create_job(client)


def test_creation_waits_for_a_file_in_processing(client: Any, server: FakeServer) -> None:
    """The service refuses a file that it has not processed yet; the creation is retried later."""
    message = (
        "File 'file-train' is still being processed and is not ready to be used for fine-tuning. "
        "Please try again later."
    )
    server.enqueue(error_response(400, message=message), error_response(400, message=message), job_json())
    assert create_job(client).id == "ftjob-1"


NOT_A_JOB = [
    b"<html>hello</html>",
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"id": 5}',
    b'{"id": "ftjob-1", "object": "fine_tun',
    b'{"id": "file-1", "object": "file"}',
]


@pytest.mark.parametrize("body", NOT_A_JOB)
def test_unreadable_success_starts_a_search(client: Any, server: FakeServer, body: bytes) -> None:
    """A 200 response without a job may still have created one."""
    server.enqueue(httpx.Response(200, content=body), job_of_last_request(server))
    assert create_job(client).id == "ftjob-mine"


@pytest.mark.parametrize("body", NOT_A_JOB)
def test_creation_is_retried_after_an_unreadable_success(
    client: Any, server: FakeServer, body: bytes
) -> None:
    """If no job is found, a proxy has sent the response instead of the service."""
    server.enqueue(httpx.Response(200, content=body), *[no_jobs] * 3, created_job)
    assert create_job(client).id == "ftjob-1"
    assert server.calls == [CREATE, LIST, LIST, LIST, CREATE]
    assert server.body(0) == server.body(-1)


def test_last_unreadable_success_is_raised(make_client: Any, server: FakeServer) -> None:
    """The job may exist: the service may have received the request."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    attempt: list[Any] = [httpx.Response(200, html="<html>login</html>"), *[no_jobs] * 3]
    server.enqueue(*attempt, *attempt)
    with pytest.raises(InvalidResponse, match="The job may exist: it was not found") as e:
        create_job(client)
    assert e.value.may_exist is True
    assert server.calls.count(CREATE) == 2


def test_failed_search_raises_instead_of_retrying(make_client: Any, server: FakeServer) -> None:
    """The job may exist, so nothing is sent again; the error says how to find the job."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.enqueue(httpx.ReadError("reset"), error_response(500), error_response(500))
    with pytest.raises(ConnectionFailed, match="the search for it failed") as e:
        create_job(client)
    assert server.body(0)["metadata"][KEY] in str(e.value)
    assert server.calls.count(CREATE) == 1


def test_similar_job_without_a_token_prevents_a_retry(client: Any, server: FakeServer) -> None:
    """If the server keeps no metadata, a new job with the same training file may be the lost one."""
    server.enqueue(httpx.ReadError("reset"), *[list_json(job_json(metadata=None))] * 3)
    with pytest.raises(ConnectionFailed, match="ftjob-1 is new and has the same training file") as e:
        create_job(client)
    assert e.value.may_exist is True
    assert server.calls.count(CREATE) == 1


def test_older_and_different_jobs_do_not_prevent_a_retry(client: Any, server: FakeServer) -> None:
    """Only a new job with the same training file is in doubt."""
    others = list_json(
        job_json(id="ftjob-b", training_file="file-other"),
        job_json(id="ftjob-a", created_at=1_600_000_000),
    )
    server.enqueue(httpx.ReadError("reset"), others, others, others, job_json(id="ftjob-new"))
    assert create_job(client).id == "ftjob-new"


def test_sixteen_metadata_pairs_leave_no_room_for_the_token(client: Any, server: FakeServer) -> None:
    """The user's pairs are sent unchanged; after a lost response, a new similar job raises an error."""
    pairs = {f"k{i}": "v" for i in range(16)}
    server.enqueue(httpx.ReadError("reset"), *[list_json(job_json(metadata=pairs))] * 3)
    with pytest.raises(ConnectionFailed, match="ftjob-1 is new") as e:
        create_job(client, metadata=pairs)
    assert e.value.may_exist is True
    assert server.calls.count(CREATE) == 1
    assert server.body(0)["metadata"] == pairs


def test_search_reads_all_pages_of_new_jobs(client: Any, server: FakeServer) -> None:
    """An organization can have more than one page of new jobs."""
    busy = [job_json(id=f"ftjob-{i}", metadata={KEY: "x"}) for i in range(3)]
    server.enqueue(httpx.ReadError("reset"), list_json(*busy, has_more=True), job_of_last_request(server))
    assert create_job(client).id == "ftjob-mine"
    assert server.requests[2].url.params["after"] == "ftjob-2"


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_job_may_exist_after_the_last_lost_response(make_client: Any, server: FakeServer, lost: Any) -> None:
    """The search found nothing, but the service may still be working on the request."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(lost, *[no_jobs] * 3)
    with pytest.raises(FineTuningError, match="The job may exist: it was not found, but may appear") as e:
        create_job(client)
    assert e.value.may_exist is True
    assert server.body(0)["metadata"][KEY] in str(e.value)


@pytest.mark.parametrize(
    "refusal",
    [error_response(400), error_response(403), error_response(429, "insufficient_quota"), REFUSED],
    ids=str,
)
def test_no_job_exists_after_a_refusal(make_client: Any, server: FakeServer, refusal: Any) -> None:
    """The caller can create the job again safely."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(refusal)
    with pytest.raises(FineTuningError) as e:
        create_job(client)
    assert e.value.may_exist is False
    assert server.calls == [CREATE]


def test_lost_response_raises_without_exactly_once(make_client: Any, server: FakeServer) -> None:
    """With `exactly_once=False` no token is added to the metadata, and no request is sent twice."""
    client = make_client(exactly_once=False)
    server.enqueue(httpx.ReadTimeout("timed out"))
    with pytest.raises(RequestTimedOut, match="may exist"):
        create_job(client)
    assert server.calls == [CREATE]
    assert "metadata" not in server.body(0)


def test_any_sequence_of_faults_makes_at_most_one_job(make_client: Any, server: FakeServer) -> None:
    """Responses are lost before or after the job is created."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose after", "500 before", "500 after", "429", "ok")
    for plan in itertools.product(faults, repeat=3):
        server.handler = handler = _FaultyJobs(plan)
        try:
            job = create_job(client)
        except FineTuningError:
            assert len(handler.jobs) <= 1, plan
        else:
            assert [job.id] == [j["id"] for j in handler.jobs], plan


class _FaultyJobs:
    """Creates and lists jobs; each create request takes the next fault, and later requests have none."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = list(faults)
        self.jobs: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=list_json(*reversed(self.jobs)))
        fault = self.faults.pop(0) if self.faults else "ok"
        if fault == "refuse":
            raise httpx.ConnectError("refused")
        if fault == "429":
            return error_response(429)
        if not fault.endswith("before"):
            body = json.loads(request.content)
            made = job_json(id=f"ftjob-{len(self.jobs)}", metadata=body["metadata"])
            self.jobs.append(made)
        if fault.startswith("lose"):
            raise httpx.ReadError("reset")
        if fault.startswith("500"):
            return error_response(500)
        return httpx.Response(200, json=self.jobs[-1])
