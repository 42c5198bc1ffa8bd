"""Unusual values from a caller or a server raise clear errors of this package."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import (
    AsyncFineTuning,
    ConfigurationError,
    FineTuning,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    InvalidWebhook,
    JobFailed,
    NotFound,
    Reinforcement,
    RetryPolicy,
    Supervised,
    check_dataset,
    loss_curve,
)
from finetuning_client.webhooks import verify

from .conftest import FakeServer, ManualClock, error_response, event_json, file_json, job_json, list_json
from .loopback import ONCE

EXAMPLES = 2000 if os.environ.get("SOAK_ROUNDS") else 60
HUGE = 10**400


def nested(depth: int, value: Any = None) -> Any:
    """Return a value inside `depth` nested objects and lists."""
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


GRADER: dict[str, Any] = {
    "type": "string_check",
    "name": "a",
    "input": "x",
    "reference": "y",
    "operation": "eq",
}


class BrokenRepr:
    """A value with a broken `repr`."""

    def __repr__(self) -> str:
        raise LookupError


# --- arguments -------------------------------------------------------------------------------

ODD: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a huge timeout": (lambda c: c.jobs.wait_all([], timeout=HUGE), "timeout: must be"),
    "a huge interval": (lambda c: c.files.wait_processed("file-1", poll_interval=HUGE), "poll_interval"),
    "a huge patience": (lambda c: c.jobs.wait_all([], patience=-HUGE), "patience: must be"),
    "a class as method": (
        lambda c: c.jobs.create(model="m", training_file="file-1", method=Supervised),
        r"not the class Supervised: write Supervised\(\.\.\.\)",
    ),
    "deep hyperparameters": (
        lambda c: c.jobs.create(model="m", training_file="file-1", hyperparameters={"a": nested(700)}),
        "nested at most 100 levels deep",
    ),
    "a deep item": (
        lambda c: c.graders.run(grader=GRADER, model_sample="x", item={"a": nested(700)}),
        "nested at most 100 levels deep",
    ),
    "a grader without a type": (
        lambda c: c.graders.run(grader={"name": "x"}, model_sample="x"),
        "grader.type: is required, and must be one of 'string_check'",
    ),
    "a grader without a key": (
        lambda c: c.graders.run(grader={"type": "string_check", "name": "x"}, model_sample="x"),
        r"grader\.\w+: is required",
    ),
    "a value with a broken repr": (
        lambda c: c.jobs.create(model="m", training_file="file-1", method=BrokenRepr()),
        "not a value of type BrokenRepr",
    ),
    "a long value": (lambda c: c.jobs.wait_all([], timeout="x" * 10**6), r"timeout: .{,200}…$"),
    "a path with a tilde": (lambda c: c.files.upload("~/train.jsonl"), "expanduser"),
    "a target with a tilde": (lambda c: c.files.download("file-1", "~/none/x"), "expanduser"),
}


@pytest.mark.parametrize(("call", "message"), ODD.values(), ids=ODD)
def test_an_odd_argument_is_refused(
    client: Any, server: FakeServer, call: Callable[[Any], Any], message: str
) -> None:
    """No request is sent, and the error names the argument."""
    with pytest.raises(InvalidRequestError, match=message):
        call(client)
    assert server.calls == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_dataset(b"{}\n", minimum="3"), "minimum: must be a whole number"),  # type: ignore[arg-type]
        (lambda: loss_curve(5), r"rows: must be the rows that job\.metrics\(\) returns, not int"),  # type: ignore[arg-type]
        (lambda: loss_curve("rows"), "rows: must be"),  # type: ignore[arg-type]
        (lambda: loss_curve([], width="80"), "width: must be"),  # type: ignore[arg-type]
        (lambda: loss_curve([], height=HUGE), "height: must be"),
        (lambda: Reinforcement(grader={}), r"grader\.type: is required, and must be one of"),
    ],
    ids=["minimum", "rows", "text as rows", "width", "height", "grader"],
)
def test_an_odd_argument_of_a_function_is_refused(call: Callable[[], Any], message: str) -> None:
    """The error names the argument."""
    with pytest.raises(InvalidRequestError, match=message):
        call()


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
@pytest.mark.parametrize(
    "options", [{"timeout": HUGE}, {"base_url": "\ud800"}, {"base_url": "https://[::1"}, {"timeout": "5"}]
)
def test_a_client_with_invalid_options_raises_a_clear_error(kind: Any, options: dict[str, Any]) -> None:
    """The error names the option."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        kind(**{"api_key": "k" * 8, **options})


@pytest.mark.parametrize("name", ["max_attempts", "initial_delay", "max_delay", "jitter", "deadline"])
@pytest.mark.parametrize("value", [HUGE, -HUGE, math.nan, "1", None, [1]])
def test_a_policy_with_an_invalid_value_is_refused(name: str, value: Any) -> None:
    """The error names the field."""
    with pytest.raises(ConfigurationError, match=name):
        RetryPolicy(**{name: value})


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
def test_a_client_whose_constructor_raised_can_be_shown(kind: Any) -> None:
    """`repr` does not raise, as debuggers need."""
    assert "not usable" in repr(kind.__new__(kind))


# --- webhooks --------------------------------------------------------------------------------

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


ODD_OF_WEBHOOKS: dict[str, tuple[Any, ...]] = {
    "tolerance": (math.nan, -1, "300", None, HUGE, []),
    "now": (math.nan, "now", HUGE, []),
    "body": (None, 5, -1, HUGE, {}, [1]),
    "headers": (None, 5, "x", [1], {1: 2}),
    "secret": (None, 5, "", [], ["x", 1], b"x"),
}


def signed(body: bytes, stamp: str) -> dict[str, str]:
    """Return the headers of a request signed at a time."""
    import base64
    import hashlib
    import hmac

    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, b"id." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": signature}


@pytest.mark.parametrize(
    "options",
    [{name: value} for name, values in ODD_OF_WEBHOOKS.items() for value in values],
    ids=lambda options: repr(options)[:40],
)
def test_an_odd_argument_does_not_verify_a_webhook(options: dict[str, Any]) -> None:
    """A `tolerance` of NaN, for example, does not accept an old request."""
    body = json.dumps({"type": "fine_tuning.job.succeeded", "data": {"id": "ftjob-1"}}).encode()
    arguments = {"headers": signed(body, "1000"), "body": body, "secret": SECRET, "now": time.time()}
    with pytest.raises((ConfigurationError, InvalidWebhook)):
        verify(**{**arguments, **options})


# --- responses -------------------------------------------------------------------------------

VALUES: Any = st.sampled_from(
    [
        *(None, True, 5, -1, 1.5, 1e308, 2**70, "", "x", "\ud800", "9" * 5000),
        *([], [1], [None], [[]], {}, {"a": 1}, {"type": []}, {"object": []}, {"object": {}}),
        *(nested(90), nested(300), nested(700)),
    ]
)
EVENT = event_json(1, data={"step": 1, "train_loss": 0.5}, type="metrics")
JOB = job_json(
    status="succeeded",
    result_files=["file-r"],
    method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
    error={"code": "a", "message": "b", "param": None},
    metadata={"a": "b"},
)
CALLS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "a job": (JOB, lambda c: c.jobs.retrieve("ftjob-1")),
    "jobs": (list_json(JOB), lambda c: list(c.jobs.list(limit=3))),
    "events": (list_json(EVENT), lambda c: list(c.jobs.list_events("ftjob-1", limit=3))),
    "a file": (file_json(), lambda c: c.files.retrieve("file-1")),
    "files": (list_json(file_json()), lambda c: list(c.files.list(limit=3))),
    "an error": ({"error": {"message": "m", "code": "c", "param": "p"}}, lambda c: c.models.retrieve("m")),
}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a JSON value."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*at, key))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), strict=st.booleans(), status=st.sampled_from([200, 200, 400]))
@pytest.mark.parametrize("call", CALLS)
def test_any_value_anywhere_in_a_response_is_read_or_refused(
    make_client: Any, server: FakeServer, call: str, data: st.DataObject, strict: bool, status: int
) -> None:
    """A value that is read can be shown, copied, compared and serialised."""
    body, operation = CALLS[call]
    place = data.draw(st.sampled_from(list(places(body))))
    changed = {"root": copy.deepcopy(body)}
    inner: Any = changed
    for key in ("root", *place)[:-1]:
        inner = inner[key]
    inner[("root", *place)[-1]] = data.draw(VALUES)
    content = json.dumps(changed["root"]).encode()
    server.handler = lambda _: httpx.Response(status, content=content)
    try:
        found = operation(make_client(strict=strict, retry=ONCE))
    except FineTuningError as error:
        str(error).encode()
        return
    for item in found if isinstance(found, list) else [found]:
        one: Any = getattr(item, "_target", item)
        assert repr(one).encode() and copy.deepcopy(one) is not None
        json.dumps(one.to_dict())


def test_half_of_a_surrogate_pair_can_be_shown(client: Any, server: FakeServer) -> None:
    """The surrogate in a JSON string is kept unchanged."""
    half = "\ud800"
    failed = job_json(status="failed", model=half, error={"code": half, "message": half})
    server.handler = lambda _: httpx.Response(200, content=json.dumps(failed).encode())
    job = client.jobs.retrieve("ftjob-1")
    assert (repr(job) + repr(job.error)).encode()
    assert job.to_dict()["model"] == half
    with pytest.raises(JobFailed) as e:
        job.wait()
    assert str(e.value).encode()


def test_a_response_nested_too_deeply_is_refused(client: Any, server: FakeServer) -> None:
    """The depth is checked before the value is read."""
    server.handler = lambda _: httpx.Response(200, json=job_json(extra=nested(200)))
    with pytest.raises(InvalidResponse, match="nested more than 100 levels deep"):
        client.jobs.retrieve("ftjob-1")


def test_a_value_that_contains_itself_is_refused(client: Any, server: FakeServer) -> None:
    """It cannot be serialised."""
    item: dict[str, Any] = {}
    item["item"] = item
    with pytest.raises(InvalidRequestError, match="nested"):
        client.graders.run(grader=GRADER, model_sample="x", item=item)
    assert server.calls == []


@pytest.mark.parametrize(("base_url", "hinted"), [("https://api.test", True), ("https://api.test/v1", False)])
def test_a_base_url_without_a_version_is_pointed_out(
    make_client: Any, server: FakeServer, base_url: str, hinted: bool
) -> None:
    """A 404 mentions `/v1` if the base URL has no path."""
    server.enqueue(error_response(404))
    with pytest.raises(NotFound) as e:
        make_client(base_url=base_url).jobs.retrieve("ftjob-1")
    assert ("under /v1" in str(e.value)) == hinted


def test_waiting_uses_a_custom_clock(make_client: Any, server: FakeServer, clock: ManualClock) -> None:
    """With a custom clock, waiting takes no real time."""
    server.handler = lambda _: httpx.Response(200, json=job_json())
    job = make_client().jobs.retrieve("ftjob-1")
    with pytest.raises(FineTuningError, match="after 3600 s"):
        job.wait(timeout=3600)
    assert clock.now >= 1_700_003_600


def test_a_path_that_only_a_shell_expands_is_explained(client: Any, tmp_path: Path) -> None:
    """The hint about `~` appears only for paths that begin with it."""
    with pytest.raises(InvalidRequestError) as e:
        client.files.download("file-1", tmp_path / "none" / "x")
    assert "expanduser" not in str(e.value)
