"""Creating a job: whatever happens to the answer, one call makes at most one job, and returns it."""

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
    ServerError,
    TrainingUnavailable,
)

from .conftest import ManualClock, Wire, error_response, job_json, list_json

CREATE = "POST /fine_tuning/jobs"
LIST = "GET /fine_tuning/jobs"
KEY = "finetuning_request"

LOST = {
    "reset": httpx.ReadError("Connection reset by peer"),
    "cut short": httpx.RemoteProtocolError("peer closed connection"),
    "timed out": httpx.ReadTimeout("timed out"),
    "500": error_response(500),
    "503 from a proxy": httpx.Response(503, text="<html>busy</html>"),
    "520": httpx.Response(520),
    "408": error_response(408),
}


def create(client: Any, **changes: Any) -> Any:
    """Create a job with the least that it needs."""
    return client.jobs.create(**{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-train", **changes})


def made_by(wire: Wire) -> Callable[[httpx.Request], httpx.Response]:
    """A list in which the job of the last create request stands behind a newer one."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent = next(wire.body(i) for i, a in reversed(list(enumerate(wire.asked))) if a == CREATE)
        other = job_json(id="ftjob-other", metadata={KEY: "another"})
        mine = job_json(id="ftjob-mine", metadata=sent["metadata"])
        return httpx.Response(200, json=list_json(other, mine))

    return answer


def nothing_there(_: httpx.Request) -> httpx.Response:
    """An empty list of jobs."""
    return httpx.Response(200, json=list_json())


def test_a_created_job_is_returned(client: Any, wire: Wire) -> None:
    """The ordinary case: one request, with the token in the metadata."""
    wire.then(job_json())
    assert create(client, metadata={"team": "nlp"}).id == "ftjob-1"
    sent = wire.body(0)
    assert sent["metadata"]["team"] == "nlp"
    assert len(sent["metadata"][KEY]) == 32


def test_each_call_has_a_token_of_its_own(client: Any, wire: Wire) -> None:
    """Two calls are two jobs."""
    wire.then(job_json(), job_json(id="ftjob-2"))
    create(client)
    create(client)
    assert wire.body(0)["metadata"][KEY] != wire.body(1)["metadata"][KEY]


def test_the_token_is_not_among_the_users_metadata(client: Any, wire: Wire) -> None:
    """The handle shows what the user put there; `to_dict` shows all."""
    wire.then(lambda r: httpx.Response(200, json=job_json(metadata=wire.body(0)["metadata"])))
    job = create(client, metadata={"team": "nlp"})
    assert job.metadata == {"team": "nlp"}
    assert KEY in job.to_dict()["metadata"]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_job_whose_answer_was_lost_is_adopted(client: Any, wire: Wire, lost: Any) -> None:
    """The job is there: it is found by its token and returned, and nothing is sent again."""
    wire.then(lost, made_by(wire))
    assert create(client).id == "ftjob-mine"
    assert wire.asked == [CREATE, LIST]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_job_that_is_not_there_is_sent_again(client: Any, wire: Wire, lost: Any) -> None:
    """Only after several looks have found nothing, and with the same token."""
    wire.then(lost, *[nothing_there] * 3, job_json())
    assert create(client).id == "ftjob-1"
    assert wire.asked == [CREATE, LIST, LIST, LIST, CREATE]
    assert wire.body(0)["metadata"][KEY] == wire.body(-1)["metadata"][KEY]


def test_a_job_that_appears_late_is_adopted(client: Any, wire: Wire) -> None:
    """The search goes on for a while: a slow server may still be at work."""
    wire.then(httpx.ReadTimeout("timed out"), nothing_there, nothing_there, made_by(wire))
    assert create(client).id == "ftjob-mine"
    assert wire.asked.count(CREATE) == 1


def test_the_search_lasts_as_long_as_the_lost_attempt_took(
    client: Any, wire: Wire, clock: ManualClock
) -> None:
    """A server that was silent for 20 seconds is given 20 more."""

    def silent(_: httpx.Request) -> httpx.Response:
        clock.now += 20
        raise httpx.ReadTimeout("timed out")

    wire.then(silent, *[nothing_there] * 6, job_json())
    begun = clock.now
    create(client)
    assert 40 <= clock.now - begun <= 42


def test_a_request_that_never_left_is_sent_again_without_a_search(client: Any, wire: Wire) -> None:
    """A refused connection proves that no job was made."""
    wire.then(httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), job_json())
    assert create(client).id == "ftjob-1"
    assert wire.asked == [CREATE] * 3


def test_a_refusal_is_not_searched_for(client: Any, wire: Wire) -> None:
    """An answer that says no means that there is no job."""
    wire.then(error_response(400, param="training_file"))
    with pytest.raises(BadRequest) as e:
        create(client)
    assert e.value.param == "training_file"
    assert wire.asked == [CREATE]


def test_a_rate_limit_is_waited_out(client: Any, wire: Wire, clock: ManualClock) -> None:
    """429 means not carried out; the server's delay is kept."""
    wire.then(error_response(429, headers={"Retry-After": "7"}), job_json())
    create(client)
    assert clock.slept == [7.0]


def test_a_used_up_quota_raises_at_once(client: Any, wire: Wire) -> None:
    """It does not come back by waiting."""
    wire.then(error_response(429, "insufficient_quota"))
    with pytest.raises(RateLimited) as e:
        create(client)
    assert e.value.code == "insufficient_quota"


def test_a_closed_platform_is_its_own_error(client: Any, wire: Wire) -> None:
    """`TrainingUnavailable` says that no job can be created here any more."""
    wire.then(error_response(403, "training_not_available"))
    with pytest.raises(TrainingUnavailable):
        create(client)


def test_a_file_still_being_processed_is_waited_for(client: Any, wire: Wire) -> None:
    """The service refuses a file that it has not looked at yet; that is no reason to give up."""
    message = (
        "File 'file-train' is still being processed and is not ready to be used for fine-tuning. "
        "Please try again later."
    )
    wire.then(error_response(400, message=message), error_response(400, message=message), job_json())
    assert create(client).id == "ftjob-1"


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"null", b"[]", b"{}", b'{"id": 5}'])
def test_an_unreadable_success_is_looked_up(client: Any, wire: Wire, body: bytes) -> None:
    """A 200 that is no job may have made one all the same."""
    wire.then(httpx.Response(200, content=body), made_by(wire))
    assert create(client).id == "ftjob-mine"


def test_an_unreadable_success_without_a_job_is_not_sent_again(client: Any, wire: Wire) -> None:
    """Something in between answers for the service: the caller has to know."""
    wire.then(httpx.Response(200, html="<html>login</html>"), *[nothing_there] * 3)
    with pytest.raises(InvalidResponse, match="No job was created"):
        create(client)
    assert wire.asked.count(CREATE) == 1


def test_a_failed_search_raises_instead_of_sending_again(make_client: Any, wire: Wire) -> None:
    """What cannot be proven absent is not made twice; the error says what to look for."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    wire.then(httpx.ReadError("reset"), error_response(500), error_response(500))
    with pytest.raises(ConnectionFailed, match="the search for it failed") as e:
        create(client)
    assert wire.body(0)["metadata"][KEY] in str(e.value)
    assert wire.asked.count(CREATE) == 1


def test_a_lookalike_without_a_token_stops_the_retry(client: Any, wire: Wire) -> None:
    """A server that keeps no metadata cannot prove that the new job is not this one."""
    wire.then(httpx.ReadError("reset"), list_json(job_json(metadata=None, created_at=1_700_000_000)))
    with pytest.raises(ConnectionFailed, match="ftjob-1 is new and has the same model"):
        create(client)


def test_older_and_other_jobs_without_a_token_do_not_stop_it(client: Any, wire: Wire) -> None:
    """Only a job that is new, of the same model and file, is in doubt."""
    others = list_json(
        job_json(id="ftjob-b", training_file="file-other"),
        job_json(id="ftjob-a", created_at=1_600_000_000),
    )
    wire.then(httpx.ReadError("reset"), others, others, others, job_json(id="ftjob-new"))
    assert create(client).id == "ftjob-new"


def test_with_sixteen_pairs_of_metadata_there_is_no_token(client: Any, wire: Wire) -> None:
    """The user's pairs come first; a lost answer is then judged by what is new."""
    pairs = {f"k{i}": "v" for i in range(16)}
    wire.then(httpx.ReadError("reset"), list_json(job_json(metadata=pairs)))
    with pytest.raises(ConnectionFailed, match="ftjob-1 is new"):
        create(client, metadata=pairs)
    assert wire.body(0)["metadata"] == pairs


def test_the_search_reads_on_while_pages_are_new(client: Any, wire: Wire) -> None:
    """A busy organisation can have more than one page of new jobs."""
    busy = [job_json(id=f"ftjob-{i}", metadata={KEY: "x"}) for i in range(3)]
    wire.then(httpx.ReadError("reset"), list_json(*busy, has_more=True), made_by(wire))
    assert create(client).id == "ftjob-mine"
    assert wire.requests[2].url.params["after"] == "ftjob-2"


def test_when_attempts_are_used_up_the_error_says_that_no_job_exists(make_client: Any, wire: Wire) -> None:
    """The caller may try again without fear."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    wire.then(error_response(500), *[nothing_there] * 3)
    with pytest.raises(ServerError, match="No job was created"):
        create(client)


def test_without_exactly_once_a_lost_answer_raises_at_once(make_client: Any, wire: Wire) -> None:
    """Switched off, nothing is added to the metadata, and nothing is sent twice either."""
    client = make_client(exactly_once=False)
    wire.then(httpx.ReadTimeout("timed out"))
    with pytest.raises(RequestTimedOut, match="may exist"):
        create(client)
    assert wire.asked == [CREATE]
    assert "metadata" not in wire.body(0)


def test_every_order_of_faults_makes_at_most_one_job(make_client: Any, wire: Wire) -> None:
    """A server that loses answers before or after its work: one call makes at most one job."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose after", "500 before", "500 after", "429", "ok")
    for plan in itertools.product(faults, repeat=3):
        wire.server = server = _FaultyServer(plan)
        try:
            job = create(client)
        except FineTuningError:
            assert len(server.jobs) <= 1, plan
        else:
            assert [job.id] == [j["id"] for j in server.jobs], plan


class _FaultyServer:
    """Keeps jobs, and misbehaves on create as told, once each; then well."""

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
