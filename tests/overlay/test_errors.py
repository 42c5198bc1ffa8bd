"""Errors: a class for each status, facts as attributes, and messages that say what to do."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import pickle
import re
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import finetuning_client.errors
from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_client import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    Conflict,
    ConnectionFailed,
    DatasetError,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    JobCancelled,
    JobFailed,
    NotFound,
    PermissionDenied,
    Problem,
    RateLimited,
    RequestTimedOut,
    RetryPolicy,
    ServerError,
    Supervised,
    TrainingUnavailable,
    UnprocessableEntity,
    WaitTimeout,
)
from finetuning_client.plans.effects import Request, Response
from finetuning_client.plans.failures import error_of
from finetuning_client.plans.responses import read_object

from .conftest import (
    FakeServer,
    ManualClock,
    error_response,
    job_json,
    list_json,
)

ONCE = RetryPolicy(max_attempts=1)


def error_for(client: Any, server: FakeServer, response: httpx.Response) -> ApiError:
    """Return the error that a response raises."""
    server.enqueue(response)
    with pytest.raises(ApiError) as e:
        client.with_options(retry=ONCE).jobs.retrieve("ftjob-1")
    return e.value


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, None, BadRequest),
        (401, "invalid_api_key", AuthenticationFailed),
        (402, None, ApiError),
        (403, None, PermissionDenied),
        (403, "training_not_available", TrainingUnavailable),
        (404, None, NotFound),
        (405, None, ApiError),
        (409, None, Conflict),
        (418, None, ApiError),
        (422, None, UnprocessableEntity),
        (429, None, RateLimited),
        (500, None, ServerError),
        (529, None, ServerError),
        (599, None, ServerError),
        (301, None, ApiError),
    ],
)
def test_each_status_has_its_class(
    client: Any, server: FakeServer, status: int, code: str | None, expected: type[ApiError]
) -> None:
    """The class is the one that the docstring of `errors` shows."""
    error = error_for(client, server, error_response(status, code))
    assert type(error) is expected
    assert (error.status, error.code) == (status, code)


def test_class_hierarchy_equals_the_docstring() -> None:
    """Each class is below its base class in the docstring of `errors`."""
    tree = re.findall(r"^( [ │├└─]*)([A-Z]\w+)", finetuning_client.errors.__doc__ or "", re.MULTILINE)
    kinds = inspect.getmembers(finetuning_client.errors, inspect.isclass)
    classes = {name: kind for name, kind in kinds if issubclass(kind, Exception) and not name.startswith("_")}
    assert {name for _, name in tree} == set(classes)
    above: list[tuple[int, str]] = []
    for indent, name in tree:
        above = [(depth, parent) for depth, parent in above if depth < len(indent)]
        assert above or name == "FineTuningError"
        assert all(issubclass(classes[name], classes[parent]) for _, parent in above)
        above.append((len(indent), name))


def test_error_has_the_facts_of_the_response(client: Any, server: FakeServer) -> None:
    """Status, envelope, request id, delay, attempts and body are attributes."""
    response = error_response(
        429,
        "rate_limit_exceeded",
        message="Slow down",
        type="requests",
        param="n",
        headers={"x-request-id": "req_1", "Retry-After": "12"},
    )
    error = error_for(client, server, response)
    assert (error.code, error.param, error.type) == ("rate_limit_exceeded", "n", "requests")
    assert (error.request_id, error.retry_after, error.attempts) == ("req_1", 12, 1)
    assert json.loads(error.body)["error"]["message"] == "Slow down"


def test_message_names_request_status_reason_and_request_id(client: Any, server: FakeServer) -> None:
    """A log line with the message is enough for the support of the service."""
    response = error_response(404, message="No such job", headers={"x-request-id": "req_1"})
    text = str(error_for(client, server, response))
    assert text == "GET /fine_tuning/jobs/ftjob-1: 404: No such job (1 attempt, request id req_1)"


WITH_A_MESSAGE = [
    b'{"error": {"message": "why", "type": null, "param": null, "code": null}}',
    b'{"error": "why"}',
    b'{"message": "why"}',
    b'{"error": null, "message": "why"}',
    b'{"error": {}, "message": "why"}',
    b'{"error": ["why"]}',
    b'{"errors": [{"reason": "why"}]}',
    b'{"detail": "why"}',
    b'{"code": 5, "message": "why", "details": []}',
    b'"why"',
    '{"error": {"message": "why"}}'.encode("utf-16"),
]
WITHOUT_A_MESSAGE: list[tuple[bytes, str]] = [
    (b'{"a": "why"}', "a JSON object with the fields 'a'"),
    (b"[1, 2]", "a JSON array of 2 items"),
    (b'{"error": {"mess', "incomplete or malformed JSON of 16 bytes"),
    (b"why", "'why'"),
    (b"<html>\n  <h1>why</h1>\n</html>", "an HTML page: 'why'"),
    (b"", "an empty body"),
    (b"null", "'null'"),
    (b"\xff\xfe!", "'\ufffd\ufffd!'"),
]


@pytest.mark.parametrize("body", WITH_A_MESSAGE, ids=lambda value: repr(value)[:40])
def test_message_is_found_in_any_envelope(client: Any, server: FakeServer, body: bytes) -> None:
    """Compatible servers and proxies have their own envelopes."""
    assert ": 400: why (1 attempt" in str(error_for(client, server, httpx.Response(400, content=body)))


@pytest.mark.parametrize(("body", "shown"), WITHOUT_A_MESSAGE, ids=lambda value: repr(value)[:40])
def test_body_without_a_message_is_shown(client: Any, server: FakeServer, body: bytes, shown: str) -> None:
    """The message describes JSON and pages, and shows the beginning of any other body in one line."""
    assert f": 400: {shown} (1 attempt" in str(error_for(client, server, httpx.Response(400, content=body)))


def test_envelope_fields_of_other_types_become_text_or_none(client: Any, server: FakeServer) -> None:
    """Some servers send numbers as codes; the attributes are always `str` or `None`."""
    envelope = {"message": {"a": 1}, "code": 1234, "param": ["n"], "type": ""}
    error = error_for(client, server, httpx.Response(400, json={"error": envelope}))
    assert (error.code, error.param, error.type) == ("1234", None, None)
    assert "1234" in str(error)


def test_long_bodies_are_cut(client: Any, server: FakeServer) -> None:
    """The message stays short, and `body` has at most 64 KiB."""
    error = error_for(client, server, httpx.Response(500, text="<p>" * 100_000))
    assert len(str(error)) < 400
    assert len(error.body) == 65_536
    error = error_for(client, server, error_response(500, message="x" * 1_000_000))
    assert len(str(error)) < 2_200


@given(body=st.binary(), status=st.integers(300, 999))
def test_any_error_response_becomes_an_api_error(body: bytes, status: int) -> None:
    """Any body and status give an `ApiError` with a message."""
    request = Request({"method": "GET", "url": "/x"})
    error = error_of(Response(status, {}, body), request, attempts=1, now=0.0)
    assert isinstance(error, ApiError) and error.status == status and str(error)


NOT_A_JOB: list[tuple[bytes, str]] = [
    (b"<!doctype html><title>Sign in</title>", "not JSON"),
    (b"", "the body is empty"),
    (b"  \n", "the body is empty"),
    (b"null", "null, not an object"),
    (b"[]", "an array, not an object"),
    (b'"ftjob-1"', "a string, not an object"),
    (b"17", "a bare value, not an object"),
    (b"true", "a bare value, not an object"),
    (b"{}", "without a usable 'id'"),
    (b'{"id": null}', "without a usable 'id'"),
    (b'{"id": ""}', "without a usable 'id'"),
    (b'{"id": 5, "status": "running"}', "without a usable 'id'"),
    (b'{"error": {"message": "Overloaded", "code": null}}', "the body is an error"),
    (b'{"object": "list", "data": []}', "without a usable 'id'"),
    (b'{"id": "ftjob-1"', "not JSON"),
    (b"\x1f\x8b\x08", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"1" * 10_000, "not"),
]


@pytest.mark.parametrize(("body", "reason"), NOT_A_JOB, ids=lambda value: repr(value)[:30])
def test_success_without_a_job_raises_invalid_response(
    make_client: Any, server: FakeServer, body: bytes, reason: str
) -> None:
    """The error of the last attempt describes the body."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.enqueue(*[httpx.Response(200, content=body, headers={"x-request-id": "req_1"})] * 2)
    with pytest.raises(InvalidResponse, match=reason) as e:
        client.jobs.retrieve("ftjob-1")
    assert len(server.requests) == 2
    assert (e.value.status, e.value.request_id, e.value.body) == (200, "req_1", body[:65_536])
    assert "GET /fine_tuning/jobs/ftjob-1" in str(e.value)
    assert len(str(e.value)) < 600


@pytest.mark.parametrize(
    "body", [b"{}", b"null", b'{"data": null}', b'{"data": {}}', b'{"data": ["x"]}', b"<p>"]
)
def test_success_without_a_list_raises_invalid_response(
    make_client: Any, server: FakeServer, body: bytes
) -> None:
    """It is not read as an empty list."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.enqueue(*[httpx.Response(200, content=body)] * 2)
    with pytest.raises(InvalidResponse, match="GET /fine_tuning/jobs"):
        list(client.jobs.list())
    assert len(server.requests) == 2


@pytest.mark.parametrize(("body", "reason"), NOT_A_JOB, ids=lambda value: repr(value)[:30])
def test_read_succeeds_after_a_success_without_a_job(
    client: Any, server: FakeServer, body: bytes, reason: str
) -> None:
    """It is retried like a 502."""
    server.enqueue(httpx.Response(200, content=body), job_json())
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_read_succeeds_after_another_job(client: Any, server: FakeServer) -> None:
    """It may be the response to an earlier request on the same connection."""
    server.enqueue(job_json(id="ftjob-2"), job_json())
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_list_succeeds_after_a_success_without_a_list(client: Any, server: FakeServer) -> None:
    """Each page is retried."""
    garbage = httpx.Response(200, html="<p>")
    first, second = list_json(job_json(id="ftjob-2"), has_more=True), list_json(job_json())
    server.enqueue(garbage, first, garbage, list_json({"status": "running"}), second)
    assert [job.id for job in client.jobs.list()] == ["ftjob-2", "ftjob-1"]


def test_delay_of_an_unreadable_success_is_used(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """A proxy that responds for a busy service may send a Retry-After header."""
    server.enqueue(httpx.Response(200, html="<p>", headers={"Retry-After": "7"}), job_json())
    client.jobs.retrieve("ftjob-1")
    assert clock.slept == [7.0]


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_status_is_a_success(client: Any, server: FakeServer, status: int) -> None:
    """Some servers send 201 for a creation."""
    server.enqueue(httpx.Response(status, json=job_json()))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_nan_in_json_is_read(client: Any, server: FakeServer) -> None:
    """Some servers write NaN for a loss."""
    body = json.dumps(job_json(oddity=float("nan")))
    server.enqueue(httpx.Response(200, text=body))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


@given(body=st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode()))
def test_any_body_gives_a_job_or_invalid_response(body: bytes) -> None:
    """No other exception is raised."""
    with contextlib.suppress(InvalidResponse):
        read_object(Response(200, {}, body), Request({"method": "GET", "url": "/x"}), FineTuningJob)


ERRORS: list[FineTuningError] = [
    FineTuningError("m"),
    InvalidRequestError("m", field="n_epochs", limit="at most 50", value=51),
    DatasetError("m", path="train.jsonl", problems=[Problem(3, "is not JSON")]),
    ConnectionFailed("m", request="GET /x", attempts=3, delivered=True),
    RequestTimedOut("m", request="GET /x"),
    *(
        kind("m", status=418, code="c", param="p", type="t", request_id="r", retry_after=1.5, body=b"b")
        for kind in (ApiError, BadRequest, NotFound, RateLimited, ServerError, TrainingUnavailable)
    ),
    InvalidResponse("m", status=200, request_id="r", body=b"b"),
    JobFailed("m", code="c", param="p"),
    JobCancelled("m"),
    WaitTimeout("m"),
]


@pytest.mark.parametrize("duplicate", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_can_be_copied_and_pickled(error: FineTuningError, duplicate: Any) -> None:
    """A copy has the same message and facts, so errors can be passed between processes."""
    copied = duplicate(error)
    assert type(copied) is type(error)
    assert (copied.args, vars(copied)) == (error.args, vars(error))


def test_job_error_is_pickled_without_the_handle(client: Any, server: FakeServer) -> None:
    """The handle holds connections; the other facts are kept."""
    server.enqueue(job_json(status="failed", error={"code": "invalid_n_examples", "message": "too few"}))
    server.enqueue(job_json(status="failed", error={"code": "invalid_n_examples", "message": "too few"}))
    with pytest.raises(JobFailed) as e:
        client.jobs.retrieve("ftjob-1").wait()
    copied = pickle.loads(pickle.dumps(e.value))
    assert (str(copied), copied.code, copied.job) == (str(e.value), "invalid_n_examples", None)


def test_a_problem_is_a_value() -> None:
    """Its text names the line, unless it is about the whole file; it is no tuple, and cannot be changed."""
    problem = Problem(3, "is empty")
    assert str(problem) == "line 3: is empty" and str(Problem(0, "is empty")) == "is empty"
    assert repr(problem) == "Problem(line=3, message='is empty')"
    assert {problem, Problem(line=3, message="is empty")} == {problem} != {Problem(4, "is empty")}
    assert problem != (3, "is empty") and pickle.loads(pickle.dumps(problem, 0)) == problem
    with pytest.raises(AttributeError, match="create a new one"):
        problem.line = 4
    with pytest.raises(AttributeError, match="create a new one"):
        del problem.line


def test_errors_have_builtin_base_classes() -> None:
    """`ValueError` and `TimeoutError` catch the errors that they describe."""
    assert issubclass(InvalidRequestError, ValueError)
    assert issubclass(WaitTimeout, TimeoutError)
    with pytest.raises(ValueError, match="n_epochs"):
        Supervised(n_epochs=51)
