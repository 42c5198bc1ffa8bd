"""Arbitrary requests get a documented response, and never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_emulator import Emulator

from .conftest import MODEL, Caller, chat

METHODS = ["GET", "POST", "DELETE", "PUT", "HEAD"]
JOBS = "/fine_tuning/jobs"

text = st.text(max_size=20)
value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
number = st.just("auto") | st.integers(-1, 300) | st.floats(0, 3) | value
hyperparameters = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ["n_epochs", "batch_size", "learning_rate_multiplier", "beta", "eval_interval"], number
    ),
)
settings_of = st.fixed_dictionaries({}, optional={"hyperparameters": hyperparameters | value})
method = st.fixed_dictionaries(
    {"type": st.sampled_from(["supervised", "dpo", "reinforcement"]) | value},
    optional={"supervised": settings_of, "dpo": settings_of, "reinforcement": value},
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["babbage-002", "gpt-4o", "o4-mini"]) | value,
        "validation_file": value,
        "method": method | value,
        "hyperparameters": hyperparameters | value,
        "suffix": st.text(max_size=70) | value,
        "seed": st.integers(-1, 2**31) | value,
        "metadata": st.dictionaries(text, text | value, max_size=18) | value,
        "integrations": value,
    },
)
query = st.dictionaries(
    st.sampled_from(["limit", "after", "order", "purpose", "metadata", "metadata[a]"]) | text,
    st.sampled_from(["1", "asc", "null", "fine-tune"]) | text,
    max_size=3,
)
segment = st.text(min_size=1, max_size=12).map(lambda text: quote(text, safe=""))


@pytest.fixture(scope="module")
def shared_caller() -> Iterator[Caller]:
    """A caller of one emulator for all generated requests."""
    emulator = Emulator(speed=0)
    with Caller(emulator) as caller:
        yield caller
    emulator.close()


@pytest.fixture(scope="module")
def file(shared_caller: Caller) -> str:
    """The id of a training file."""
    return shared_caller.upload(chat())


@settings(deadline=None)
@given(fields=fields)
def test_any_body_creates_a_job_or_is_refused(shared_caller: Caller, file: str, fields: Any) -> None:
    """An accepted job can be read to its end; a refusal names the field."""
    body = {"model": MODEL, "training_file": file, **fields}
    response = shared_caller.call("POST", JOBS, json=body)
    if response.status_code == 200:
        job = shared_caller.finished(response.json()["id"])
        assert job["status"] in ("succeeded", "failed")
        shared_caller.get(f"{JOBS}/{job['id']}/events", limit=50)
        shared_caller.get(f"{JOBS}/{job['id']}/checkpoints", limit=50)
    else:
        assert response.status_code == 400
        assert response.json()["error"]["param"]


@settings(deadline=None)
@given(path=st.sampled_from([JOBS, "/files", "/models", "{job}/events"]), query=query)
def test_any_query_gets_a_list_or_a_refusal(
    shared_caller: Caller, file: str, path: str, query: dict[str, str]
) -> None:
    """No query causes a 500."""
    job = shared_caller.ask("POST", JOBS, json={"model": MODEL, "training_file": file})["id"]
    response = shared_caller.call("GET", path.format(job=f"{JOBS}/{job}"), params=query)
    assert response.status_code in (200, 400, 404)


@settings(deadline=None)
@given(
    method=st.sampled_from(METHODS),
    root=st.sampled_from([JOBS, "/files", "/models", "", "/fine_tuning"]),
    rest=st.lists(segment | st.sampled_from(["events", "cancel", "content"]), max_size=3),
)
def test_any_path_gets_a_documented_status(
    shared_caller: Caller, method: str, root: str, rest: list[str]
) -> None:
    """No path causes a 500."""
    response = shared_caller.call(method, "/".join([root, *rest]) or "/")
    assert response.status_code in (200, 400, 403, 404, 405)
