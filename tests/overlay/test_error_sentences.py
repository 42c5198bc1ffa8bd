"""Error bodies of any shape become a readable sentence."""

from __future__ import annotations

import json
import warnings
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import ApiError, InvalidResponse, JobFailed, NotFound, RetryPolicy
from finetuning_client.error_bodies import LONGEST_MESSAGE, described, read_error

from .conftest import FakeServer, job_json

ONCE = RetryPolicy(max_attempts=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"detail": "why"}, "why"),
        ({"detail": [{"loc": ["body", "file"], "msg": "required"}]}, "file: required"),
        ({"detail": [{"loc": ["body", "data", 0, "a"], "msg": "bad"}]}, "data[0].a: bad"),
        ({"detail": [{"loc": ["query", "a"], "msg": "b"}, {"loc": ["body"], "msg": "c"}]}, "a: b; body: c"),
        ({"error": "why"}, "why"),
        ({"code": 5, "message": "get job: record not found", "details": []}, "get job: record not found"),
        ({"error": "invalid_grant", "error_description": "the token is old"}, "the token is old"),
        ({"title": "Bad Request", "detail": "why", "status": 400}, "why"),
        ([{"error": {"code": 400, "message": "why", "status": "X"}}], "why"),
        ({"error": {"error": {"message": "why"}}}, "why"),
        ({"detail": {"error": {"message": "why"}}}, "why"),
        ({"Message": "why"}, "why"),
        ({"training_file": ["This field is required."]}, "training_file: This field is required."),
        ({"error": {"message": 'litellm.Error: {"error": {"message": "why"}}'}}, "litellm.Error: why"),
        ({"error": {"message": "Code: 400 - {'error': {'message': 'why', 'c': None}}"}}, "Code: 400 - why"),
        ({"error": {"message": '{"detail": "why"}'}}, "why"),
        ({"error": {"message": 'cut off: {"error": {"mess'}}, "cut off: …"),
        ({"error": {"code": "bad_thing"}}, "error bad_thing"),
        ({"error": {"message": "use {{ item.answer }} or {x}"}}, "use {{ item.answer }} or {x}"),
        ({"title": "Bad Request", "errors": {"model": ["is not here"]}}, "model: is not here"),
        ('{"a": 1}', "JSON without a message"),
        ({"a": 1, "b": {"c": 2}}, "a JSON object with the fields 'a', 'b'"),
        ({"error": {"message": "", "code": ""}}, "a JSON object with the fields 'error'"),
    ],
    ids=lambda value: json.dumps(value)[:80],
)  # fmt: skip
def test_error_of_any_shape_is_a_sentence(
    make_client: Any, server: FakeServer, body: Any, message: str
) -> None:
    """The message has what a person needs; the body is an attribute."""
    server.enqueue(httpx.Response(400, json=body))
    with pytest.raises(ApiError) as caught:
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert str(caught.value) == f"GET /fine_tuning/jobs/ftjob-1: 400: {message} (1 attempt)"
    assert json.loads(caught.value.body) == body


@given(JSON)
def test_no_error_message_has_json(value: Any) -> None:
    """The description of any body is short, and contains no JSON object."""
    body = json.dumps({"error": value, "x": {"y": value}}).encode()
    for text in (read_error(body).message, described(body)):
        assert len(text) <= LONGEST_MESSAGE
        assert '{"' not in text or '{"' in str(value)
        text.encode()


@pytest.mark.parametrize("literal", ["{'a': 1or 2}", r"{'a': '\d'}"])
def test_odd_literal_in_a_message_gives_no_warning(literal: str) -> None:
    """The warning would show the server's text as if it were code of the program."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert read_error(json.dumps({"error": f"failed: {literal}"}).encode()).message
    assert seen == []


def test_long_message_is_cut(make_client: Any, server: FakeServer) -> None:
    """The error is readable, and its body is kept."""
    server.enqueue(httpx.Response(400, json={"detail": [{"loc": ["body"], "msg": "m" * 9000}] * 50}))
    with pytest.raises(ApiError) as caught:
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert len(str(caught.value)) < LONGEST_MESSAGE + 200


@pytest.mark.parametrize(
    "detail",
    ["bad key sk-secret-key-of-mine", [{"loc": ["header", "sk-secret-key-of-mine"], "msg": "bad"}]],
    ids=str,
)
def test_key_in_an_error_is_concealed(make_client: Any, server: FakeServer, detail: Any) -> None:
    """This holds for every shape of the body."""
    server.enqueue(httpx.Response(401, json={"detail": detail}))
    with pytest.raises(ApiError) as caught:
        make_client(api_key="sk-secret-key-of-mine", retry=ONCE).jobs.retrieve("ftjob-1")
    assert "sk-secret" not in f"{caught.value} {caught.value.param} {caught.value.body!r}"
    assert "<hidden>" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "response", "is_hinted"),
    [
        ("one", httpx.Response(404, json={"detail": "Not Found"}), True),
        ("one", httpx.Response(404, text="404 page not found"), True),
        ("one", httpx.Response(404, text="<html><title>404 Not Found</title></html>"), True),
        ("one", httpx.Response(404), True),
        ("one", httpx.Response(404, json={}), True),
        ("one", httpx.Response(405, json={"detail": "Method Not Allowed"}), True),
        ("one", httpx.Response(404, json={"error": {"message": "Invalid URL (GET /jobs)"}}), True),
        ("one", httpx.Response(404, json={"error": {"code": "404", "message": "Resource not found"}}), True),
        ("one", httpx.Response(404, json={"error": {"message": "No such job: ftjob-1"}}), False),
        ("one", httpx.Response(404, json={"detail": "Job ftjob-1 not found"}), False),
        ("one", httpx.Response(404, json={"code": 5, "message": "get job: record not found"}), False),
        ("one", httpx.Response(400, json={"detail": "Not Found"}), False),
        ("list", httpx.Response(404, json={"detail": "jobs are elsewhere"}), True),
        ("list", httpx.Response(404, json={"error": {"message": "no project"}}), False),
    ],
    ids=lambda value: str(getattr(value, "content", value)),
)
def test_missing_api_and_missing_object_have_different_hints(
    make_client: Any, server: FakeServer, path: str, response: httpx.Response, *, is_hinted: bool
) -> None:
    """The hint to check `base_url` is only for a path that the server does not have."""
    server.enqueue(response)
    client = make_client(retry=ONCE)
    with pytest.raises(ApiError) as caught:
        client.jobs.retrieve("ftjob-1") if path == "one" else list(client.jobs.list())
    assert ("check base_url" in str(caught.value)) is is_hinted
    assert isinstance(caught.value, NotFound) is (response.status_code == 404)


@pytest.mark.parametrize("value", [{"a": {"b": 1}}, [{"a": 1}], {"error": {"message": "m", "x": {"y": 1}}}])
def test_unusable_success_is_described_without_json(make_client: Any, server: FakeServer, value: Any) -> None:
    """The message says what the value is, and where to look."""
    server.enqueue(httpx.Response(200, json=value))
    with pytest.raises(InvalidResponse, match="Check base_url") as caught:
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert "{" not in str(caught.value)
    assert json.loads(caught.value.body) == value


def test_violation_of_a_strict_client_shows_no_json(make_client: Any, server: FakeServer) -> None:
    """A value that is an object is not written out."""
    server.enqueue(job_json(model={"name": {"deep": 1}}))
    with pytest.raises(InvalidResponse, match="model: must be a string") as caught:
        make_client(retry=ONCE, strict=True).jobs.retrieve("ftjob-1")
    assert "deep" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"error": {"detail": [{"loc": ["file"], "msg": "empty"}]}}, "failed: file: empty"),
        ({"error": {"message": '{"detail": "why"}', "code": "c"}}, "failed: c: why"),
        ({"error": "why"}, "failed: why"),
        ({"error": ["why", "how"]}, "failed: why; how"),
        ({"error": None, "message": "why"}, "failed: why"),
        ({"error": {"code": "", "message": "", "param": ""}, "error_message": "why"}, "failed: why"),
        ({"error": {"message": "", "x": {"y": 1}}}, "failed; the service gave no reason"),
        ({"error": {}, "message": ""}, "failed; the service gave no reason"),
        ({"error": {"message": '{"a": {"b": 1}}'}}, "failed; the service gave no reason"),
        ({"error": {"message": "[1, 2]", "code": "quota"}}, "failed: quota"),
    ],
    ids=str,
)
def test_failed_job_has_its_reason_in_a_sentence(
    client: Any, server: FakeServer, fields: Any, message: str
) -> None:
    """The server may put the reason into any of several fields."""
    server.enqueue(job_json(status="FAILED_VALIDATION", **fields))
    with pytest.raises(JobFailed) as caught:
        client.jobs.wait_all(["ftjob-1"])
    assert str(caught.value) == f"ftjob-1 {message}"
