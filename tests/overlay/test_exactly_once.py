"""Only a job of this request is adopted, and a creation is repeated only if no job can exist."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    RateLimited,
    RetryPolicy,
)

from .conftest import (
    FakeServer,
    created_job,
    each_doubtful,
    error_response,
    job_json,
    list_json,
)

CREATE = "POST /fine_tuning/jobs"
LIST = "GET /fine_tuning/jobs"
KEY = "finetuning_request"
LOOKS = 3
LOST = httpx.ReadError("reset")


class Jobs:
    """Creates and lists jobs, newest first.

    Attributes:
        replies: responses to the next create requests; `None` for a response with the job.
        creates: whether a request that gets another response also creates its job.
        keeps_metadata: whether jobs have their metadata.
        late: the number of lists that do not have the jobs yet.
        others: jobs of other requests, which are listed first.
    """

    def __init__(self, *replies: Any, creates: bool = True, keeps_metadata: bool = True) -> None:
        self.replies = list(replies)
        self.creates = creates
        self.keeps_metadata = keeps_metadata
        self.late = 0
        self.others: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.late -= 1
            return httpx.Response(200, json=list_json(*self.others, *(self.jobs if self.late < 0 else ())))
        reply = self.replies.pop(0) if self.replies else None
        if reply is None or self.creates:
            made = json.loads(created_job(request).content)
            kept = made["metadata"] if self.keeps_metadata else None
            # The server resolves the alias of the model to a snapshot.
            made |= {"id": f"ftjob-{len(self.jobs)}", "model": "gpt-resolved-2024-07-18", "metadata": kept}
            self.jobs.insert(0, made)
        if isinstance(reply, Exception):
            raise reply
        if reply is None:
            return httpx.Response(200, json=self.jobs[0])
        # A copy, since a response that a blocking client has read cannot be read by an async one.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


def create_job(client: Any, **changes: Any) -> Any:
    """Create a job with the required arguments."""
    return client.jobs.create(**{"model": "gpt-4o-mini", "training_file": "file-train", **changes})


def raised(client: Any, **changes: Any) -> FineTuningError:
    """Return the error of a creation."""
    with pytest.raises(FineTuningError) as e:
        create_job(client, **changes)
    return e.value


# --- responses of other requests -------------------------------------------------------------

OTHER_JOBS = {
    "another token": job_json(id="ftjob-other", metadata={KEY: "another"}),
    "another file": job_json(id="ftjob-other", training_file="file-other"),
    "another file and metadata": job_json(id="ftjob-other", training_file="file-other", metadata={"a": "b"}),
}
each_other_job = pytest.mark.parametrize("other", OTHER_JOBS.values(), ids=OTHER_JOBS)


@each_other_job
def test_job_of_another_request_is_not_adopted(client: Any, server: FakeServer, other: Any) -> None:
    """Another response may be left on the connection; the right job is found by its token."""
    server.handler = jobs = Jobs(httpx.Response(200, json=other))
    assert create_job(client).id == jobs.jobs[0]["id"]
    assert server.calls == [CREATE, LIST]


@each_other_job
def test_job_of_another_request_is_never_sent_again(client: Any, server: FakeServer, other: Any) -> None:
    """A readable success proves that requests reach the service, so the right job may still appear."""
    server.handler = Jobs(httpx.Response(200, json=other), creates=False)
    error = raised(client)
    assert type(error) is InvalidResponse
    assert "ftjob-other belongs to another request" in str(error)
    assert error.may_exist is True
    assert server.calls == [CREATE, *[LIST] * LOOKS]


@pytest.mark.parametrize(
    "changes",
    [
        {"training_file": "file%2Dtrain"},
        {"training_file": ""},
        {"training_file": None},
        {"model": "another-model"},
        {"metadata": {}},
        {"metadata": {"a": "b"}},
        {"metadata": "none"},
    ],
    ids=str,
)
def test_job_that_may_be_of_this_request_is_adopted(
    client: Any, server: FakeServer, changes: dict[str, Any]
) -> None:
    """Servers encode ids, resolve model names, and may drop metadata."""
    server.enqueue(job_json(**changes))
    assert create_job(client).id == "ftjob-1"
    assert server.calls == [CREATE]


def test_encoded_file_id_of_the_caller_is_the_same_file(client: Any, server: FakeServer) -> None:
    """The comparison decodes both ids."""
    server.enqueue(job_json(training_file="file-a b"))
    assert create_job(client, training_file="file-a%20b").id == "ftjob-1"


def test_echoed_token_is_sufficient(client: Any, server: FakeServer) -> None:
    """The job is adopted even if its training file has another name."""
    server.enqueue(
        lambda request: httpx.Response(
            200, json={**json.loads(created_job(request).content), "training_file": "file-copied"}
        )
    )
    assert create_job(client).id == "ftjob-1"


@pytest.mark.parametrize("options", [{}, {"exactly_once": False}], ids=str)
@pytest.mark.parametrize("pairs", [1, 16])
def test_metadata_copied_from_another_job_may_have_its_token(
    make_client: Any, server: FakeServer, pairs: int, options: dict[str, Any]
) -> None:
    """The job in the response has all the values that were sent."""
    server.handler = Jobs()
    copied = {KEY: "of another job", **{f"k{n}": "v" for n in range(pairs - 1)}}
    assert create_job(make_client(**options), metadata=copied).id == "ftjob-0"
    assert server.calls == [CREATE]


# --- lost responses --------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_metadata", [True, False])
@pytest.mark.parametrize("pairs", [0, 16])
def test_lost_response_never_makes_two_jobs(
    client: Any, server: FakeServer, pairs: int, keeps_metadata: bool
) -> None:
    """A job without its token may be the lost one, whatever its model; the error names it."""
    server.handler = jobs = Jobs(LOST, keeps_metadata=keeps_metadata)
    metadata = {f"k{n}": "v" for n in range(pairs)}
    if keeps_metadata and not pairs:
        assert create_job(client).id == "ftjob-0"
    else:
        error = raised(client, metadata=metadata)
        assert isinstance(error, ConnectionFailed) and error.may_exist is True
        assert "The job may exist: ftjob-0 is new and has the same training file" in str(error)
    assert len(jobs.jobs) == 1


def test_doubtful_job_does_not_end_the_search(client: Any, server: FakeServer) -> None:
    """A job of another client without a token may be listed before the right one."""
    server.handler = jobs = Jobs(LOST)
    jobs.late = 1
    jobs.others = [job_json(id="ftjob-unmarked")]
    assert create_job(client).id == "ftjob-0"
    assert server.calls == [CREATE, LIST, LIST]


def test_doubt_remains_if_the_job_disappears_from_the_list(client: Any, server: FakeServer) -> None:
    """A list may come from a replica of the service that is not up to date."""
    server.enqueue(LOST, list_json(job_json()), list_json(), list_json())
    assert "ftjob-1 is new" in str(raised(client))
    assert server.calls.count(CREATE) == 1


@pytest.mark.parametrize("pairs", [0, 16])
def test_request_is_sent_again_if_every_new_job_is_of_another_request(
    client: Any, server: FakeServer, pairs: int
) -> None:
    """Another token or another training file proves that it is."""
    server.handler = jobs = Jobs(LOST, creates=False)
    jobs.others = [
        job_json(id="ftjob-other", metadata={KEY: "another"}),
        job_json(id="ftjob-file", training_file="file-other"),
    ]
    assert create_job(client, metadata={f"k{n}": "v" for n in range(pairs)}).id == "ftjob-0"
    assert server.calls == [CREATE, *[LIST] * LOOKS, CREATE]
    assert len(jobs.jobs) == 1


@pytest.mark.parametrize("created_at", [None, "today", float("nan")], ids=str)
def test_job_without_a_usable_time_counts_as_new(client: Any, server: FakeServer, created_at: Any) -> None:
    """It may be the lost job."""
    text = json.dumps(list_json(job_json(created_at=created_at)))
    server.enqueue(LOST, *[httpx.Response(200, text=text)] * LOOKS)
    assert "ftjob-1 is new" in str(raised(client))


def test_search_does_not_end_at_an_old_job_of_an_unsorted_list(client: Any, server: FakeServer) -> None:
    """Newer jobs may follow it."""
    old = [job_json(id=f"ftjob-{n}", created_at=n) for n in (3, 1, 2)]
    server.enqueue(LOST, list_json(*old, has_more=True))
    server.enqueue(lambda _: httpx.Response(200, json=list_json(job_json(id="ftjob-mine", **server.body(0)))))
    assert create_job(client).id == "ftjob-mine"
    assert server.requests[2].url.params["after"] == "ftjob-2"


@each_doubtful
def test_job_is_adopted_after_a_doubtful_refusal(client: Any, server: FakeServer, doubtful: Any) -> None:
    """A proxy may refuse a repeated request after the first one was carried out."""
    server.handler = jobs = Jobs(doubtful)
    assert create_job(client).id == "ftjob-0"
    assert server.calls == [CREATE, LIST]
    assert len(jobs.jobs) == 1


@pytest.mark.parametrize("status", [303, 499])
def test_job_is_adopted_after_a_status_that_is_not_a_refusal(
    client: Any, server: FakeServer, status: int
) -> None:
    """A 303 follows a request that was carried out; a proxy sends 499 when it stops waiting."""
    server.handler = jobs = Jobs(error_response(status), creates=True)
    assert create_job(client).id == "ftjob-0"
    assert len(jobs.jobs) == 1


@pytest.mark.parametrize("status", [303, 499])
def test_job_may_exist_after_a_status_that_is_not_a_refusal(
    client: Any, server: FakeServer, status: int
) -> None:
    """The request is not sent again."""
    server.handler = Jobs(error_response(status), creates=False)
    assert raised(client).may_exist is True
    assert server.calls == [CREATE, *[LIST] * LOOKS]


@each_doubtful
def test_doubtful_refusal_is_sent_again_after_a_search(
    client: Any, server: FakeServer, doubtful: Any
) -> None:
    """The search found no job."""
    server.handler = jobs = Jobs(doubtful, creates=False)
    assert create_job(client).id == "ftjob-0"
    assert server.calls == [CREATE, *[LIST] * LOOKS, CREATE]
    assert len(jobs.jobs) == 1


@each_doubtful
def test_refusal_is_sent_again_at_once_without_exactly_once(
    make_client: Any, server: FakeServer, doubtful: Any
) -> None:
    """There is no search, and the retry policy decides as for other requests."""
    server.enqueue(doubtful, job_json())
    assert create_job(make_client(exactly_once=False)).id == "ftjob-1"
    assert server.calls == [CREATE, CREATE]


@pytest.mark.parametrize("last", [httpx.ConnectError("refused"), error_response(400), LOST], ids=str)
def test_job_may_exist_after_a_resend(make_client: Any, server: FakeServer, last: Any) -> None:
    """The first request may still be carried out, whatever the result of the last one."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.handler = Jobs(LOST, last, creates=False)
    error = raised(client)
    assert error.may_exist is True
    assert server.body(0)["metadata"][KEY] in str(error)
    assert server.calls == [CREATE, *[LIST] * LOOKS, CREATE, *[LIST] * LOOKS]


def test_late_job_is_adopted_after_the_resend_is_refused(client: Any, server: FakeServer) -> None:
    """Each further failure is followed by a search."""
    server.handler = jobs = Jobs(LOST, error_response(400))
    jobs.late = LOOKS
    assert create_job(client).id in [job["id"] for job in jobs.jobs]


def test_refusal_after_a_search_says_that_no_job_was_created(make_client: Any, server: FakeServer) -> None:
    """The service refused the only request, and the search found no job."""
    server.handler = Jobs(error_response(429), creates=False)
    error = raised(make_client(retry=RetryPolicy(max_attempts=1)))
    assert isinstance(error, RateLimited)
    assert error.may_exist is False
    assert "No job was created" in str(error)


def test_request_is_not_sent_again_if_the_server_forbids_it(client: Any, server: FakeServer) -> None:
    """`x-should-retry: false` is respected after the search."""
    server.handler = Jobs(error_response(500, headers={"x-should-retry": "false"}), creates=False)
    assert raised(client).may_exist is True
    assert server.calls == [CREATE, *[LIST] * LOOKS]
