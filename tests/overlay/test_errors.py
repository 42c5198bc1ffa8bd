"""Errors: each status has its class, each error its facts, and every message says what to do about it."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import pickle
import re
import traceback
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
from finetuning_client.plans.responses import error_of, read_object

from .conftest import Wire, error_response, job_json

ONCE = RetryPolicy(max_attempts=1)


def refused(client: Any, wire: Wire, answer: httpx.Response) -> ApiError:
    """The error that an answer becomes."""
    wire.then(answer)
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
    client: Any, wire: Wire, status: int, code: str | None, expected: type[ApiError]
) -> None:
    """The tree in the docstring of `errors` is what is raised."""
    error = refused(client, wire, error_response(status, code))
    assert type(error) is expected
    assert (error.status, error.code) == (status, code)


def test_the_tree_is_the_one_that_its_module_draws() -> None:
    """Each class stands under its parent, indented, in the docstring."""
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


def test_an_error_carries_the_facts_of_the_answer(client: Any, wire: Wire) -> None:
    """Status, envelope, request id, delay, attempts and body are attributes."""
    answer = error_response(
        429,
        "rate_limit_exceeded",
        message="Slow down",
        type="requests",
        param="n",
        headers={"x-request-id": "req_1", "Retry-After": "12"},
    )
    error = refused(client, wire, answer)
    assert (error.code, error.param, error.type) == ("rate_limit_exceeded", "n", "requests")
    assert (error.request_id, error.retry_after, error.attempts) == ("req_1", 12, 1)
    assert json.loads(error.body)["error"]["message"] == "Slow down"


def test_the_message_names_request_status_reason_and_request_id(client: Any, wire: Wire) -> None:
    """A log line with the message alone is enough to ask the service's support."""
    answer = error_response(404, message="No such job", headers={"x-request-id": "req_1"})
    text = str(refused(client, wire, answer))
    assert text == "GET /fine_tuning/jobs/ftjob-1: 404: No such job (1 attempt, request id req_1)"


WITH_A_MESSAGE = [
    b'{"error": {"message": "why", "type": null, "param": null, "code": null}}',
    b'{"error": "why"}',
    b'{"message": "why"}',
    b'{"error": null, "message": "why"}',
    b'{"error": {}, "message": "why"}',
    b'"why"',
    '{"error": {"message": "why"}}'.encode("utf-16"),
]
WITHOUT: list[tuple[bytes, str]] = [
    (b'{"detail": "why"}', """'{"detail": "why"}'"""),
    (b'{"errors": [{"reason": "why"}]}', """'{"errors": [{"reason": "why"}]}'"""),
    (b'{"error": ["why"]}', """'{"error": ["why"]}'"""),
    (b"why", "'why'"),
    (b"<html>\n  <h1>why</h1>\n</html>", "'<html> <h1>why</h1> </html>'"),
    (b"", "an empty body"),
    (b"null", "'null'"),
    (b"\xff\xfe!", "'\ufffd\ufffd!'"),
]


@pytest.mark.parametrize("body", WITH_A_MESSAGE, ids=lambda value: repr(value)[:40])
def test_the_message_is_found_in_any_envelope(client: Any, wire: Wire, body: bytes) -> None:
    """Compatible servers and what stands before them have envelopes of their own."""
    assert ": 400: why (1 attempt" in str(refused(client, wire, httpx.Response(400, content=body)))


@pytest.mark.parametrize(("body", "shown"), WITHOUT, ids=lambda value: repr(value)[:40])
def test_a_body_without_a_message_is_shown(client: Any, wire: Wire, body: bytes, shown: str) -> None:
    """Its beginning, in one line."""
    assert f": 400: {shown} (1 attempt" in str(refused(client, wire, httpx.Response(400, content=body)))


def test_fields_of_an_odd_type_are_brought_to_text_or_none(client: Any, wire: Wire) -> None:
    """Codes come as numbers, and fields as objects; the attributes are `str` or `None`."""
    envelope = {"message": {"a": 1}, "code": 1234, "param": ["n"], "type": ""}
    error = refused(client, wire, httpx.Response(400, json={"error": envelope}))
    assert (error.code, error.param, error.type) == ("1234", None, None)
    assert "1234" in str(error)


def test_long_bodies_are_cut(client: Any, wire: Wire) -> None:
    """Neither a page of HTML nor a message of a megabyte fills the log; 64 KiB of the body are kept."""
    error = refused(client, wire, httpx.Response(500, text="<p>" * 100_000))
    assert len(str(error)) < 400
    assert len(error.body) == 65_536
    error = refused(client, wire, error_response(500, message="x" * 1_000_000))
    assert len(str(error)) < 2_200


def test_a_redirect_is_an_error_that_says_what_to_do(client: Any, wire: Wire) -> None:
    """The key would go along to who knows where."""
    error = refused(client, wire, httpx.Response(307, headers={"location": "https://elsewhere.test/"}))
    assert "not followed" in str(error) and "base_url" in str(error)
    assert len(wire.requests) == 1


@given(body=st.binary(), status=st.integers(300, 999))
def test_any_answer_that_is_no_success_is_an_error_of_ours(body: bytes, status: int) -> None:
    """No body makes the reader of errors fail."""
    request = Request({"method": "GET", "url": "/x"})
    error = error_of(Response(status, {}, body), request, attempts=1, now=0.0)
    assert isinstance(error, ApiError) and error.status == status and str(error)


NO_JOBS: list[tuple[bytes, str]] = [
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


@pytest.mark.parametrize(("body", "reason"), NO_JOBS, ids=lambda value: repr(value)[:30])
def test_a_success_that_is_no_job_is_never_taken_for_one(
    client: Any, wire: Wire, body: bytes, reason: str
) -> None:
    """`InvalidResponse` says what came instead, and is not tried again."""
    wire.then(httpx.Response(200, content=body, headers={"x-request-id": "req_1"}))
    with pytest.raises(InvalidResponse, match=reason) as e:
        client.jobs.retrieve("ftjob-1")
    assert (e.value.status, e.value.request_id, e.value.body) == (200, "req_1", body[:65_536])
    assert "GET /fine_tuning/jobs/ftjob-1" in str(e.value)
    assert len(str(e.value)) < 600


@pytest.mark.parametrize(
    "body", [b"{}", b"null", b'{"data": null}', b'{"data": {}}', b'{"data": ["x"]}', b"<p>"]
)
def test_a_success_that_is_no_list_is_never_taken_for_one(client: Any, wire: Wire, body: bytes) -> None:
    """An empty list must have been sent by the service."""
    wire.then(httpx.Response(200, content=body))
    with pytest.raises(InvalidResponse, match="GET /fine_tuning/jobs"):
        list(client.jobs.list())


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_success_with_a_job_is_one(client: Any, wire: Wire, status: int) -> None:
    """Some servers answer 201 to a creation."""
    wire.then(httpx.Response(status, json=job_json()))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_a_number_that_json_does_not_know_is_read(client: Any, wire: Wire) -> None:
    """Some servers write NaN for a loss; that is no reason to lose the rest."""
    body = json.dumps(job_json(oddity=float("nan")))
    wire.then(httpx.Response(200, text=body))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


@given(body=st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode()))
def test_any_body_is_a_job_or_an_invalid_response(body: bytes) -> None:
    """No other exception leaves the reader."""
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
def test_errors_survive_copying(error: FineTuningError, duplicate: Any) -> None:
    """They cross process pools with all their facts."""
    twin = duplicate(error)
    assert type(twin) is type(error)
    assert (twin.args, vars(twin)) == (error.args, vars(error))


def test_the_error_of_a_job_is_pickled_without_its_handle(client: Any, wire: Wire) -> None:
    """The handle holds connections; the facts go along."""
    wire.then(job_json(status="failed", error={"code": "invalid_n_examples", "message": "too few"}))
    wire.then(job_json(status="failed", error={"code": "invalid_n_examples", "message": "too few"}))
    with pytest.raises(JobFailed) as e:
        client.jobs.retrieve("ftjob-1").wait()
    twin = pickle.loads(pickle.dumps(e.value))
    assert (str(twin), twin.code, twin.job) == (str(e.value), "invalid_n_examples", None)


def test_errors_are_also_of_the_kind_that_python_knows() -> None:
    """`ValueError` and `TimeoutError` catch what they ought to."""
    assert issubclass(InvalidRequestError, ValueError)
    assert issubclass(WaitTimeout, TimeoutError)
    with pytest.raises(ValueError, match="n_epochs"):
        Supervised(n_epochs=51)


def test_no_error_shows_the_key(make_client: Any, wire: Wire) -> None:
    """Neither its message, nor the traceback, nor the representations of what the client is made of."""
    client = make_client(api_key="sk-very-secret", retry=ONCE)
    wire.then(error_response(401), httpx.ReadError("reset"))
    for _ in range(2):
        with pytest.raises(FineTuningError) as e:
            client.jobs.retrieve("ftjob-1")
        frames = traceback.TracebackException.from_exception(e.value, capture_locals=True)
        assert "sk-very-secret" not in "".join(frames.format())
    assert "sk-very-secret" not in repr(client)
