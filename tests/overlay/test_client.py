"""A client in use: derived clients, the generated client, and closing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from finetuning_client import (
    AsyncFineTuning,
    ConfigurationError,
    FineTuning,
    FineTuningError,
    RetryPolicy,
    ServerError,
)

from .conftest import BASE_URL, FakeServer, error_response, job_json, list_json, sent_request

# --- derived clients -------------------------------------------------------------


def test_with_options_makes_a_client_on_the_same_pool(make_client: Any, server: FakeServer) -> None:
    """The derived client has the new options, and the original keeps its own."""
    client = make_client(headers={"X-Team": "nlp"}, timeout=9)
    other = client.with_options(
        timeout=1, headers={"x-team": "vision", "X-More": "yes"}, retry=RetryPolicy(max_attempts=1)
    )
    request = sent_request(other, server)
    assert (request.headers["X-Team"], request.headers["X-More"]) == ("vision", "yes")
    assert request.extensions["timeout"]["read"] == 1
    server.enqueue(error_response(503))
    with pytest.raises(ServerError):
        other.jobs.retrieve("ftjob-1")
    request = sent_request(client, server)
    assert (request.headers["X-Team"], "X-More" in request.headers) == ("nlp", False)
    assert request.extensions["timeout"]["read"] == 9
    server.enqueue(error_response(503))
    sent_request(client, server)


def test_with_options_keeps_the_other_options(make_client: Any, server: FakeServer) -> None:
    """`timeout=None` is a value too: only the deadline of the retry policy applies."""
    client = make_client(timeout=9)
    assert sent_request(client.with_options(), server).extensions["timeout"]["read"] == pytest.approx(9, 0.1)
    times = sent_request(client.with_options(timeout=None), server).extensions["timeout"]
    assert times["read"] == pytest.approx(RetryPolicy().deadline, abs=60)


@pytest.mark.parametrize("kind_of_client", [FineTuning, AsyncFineTuning])
def test_repr_shows_the_base_url_and_no_key(kind_of_client: Any) -> None:
    """A client can be logged safely."""
    client = kind_of_client(api_key="sk-secret", base_url=BASE_URL)
    assert repr(client) == f"<{kind_of_client.__name__} at {BASE_URL}>"
    assert "sk-secret" not in repr(vars(client)) + repr(client.jobs)


def test_calls_on_a_closed_client_raise(server: FakeServer) -> None:
    """Calls on the client, its lists and derived clients raise `ConfigurationError`."""
    with FineTuning(api_key="sk-test", base_url=BASE_URL) as client:
        other = client.with_options(timeout=1)
        jobs = client.jobs.list()
    for call in (
        lambda: client.jobs.retrieve("ftjob-1"),
        lambda: client.jobs.create(model="m", training_file="file-1"),
        lambda: client.files.upload(b"{}"),
        lambda: list(jobs),
        lambda: other.jobs.retrieve("ftjob-1"),
    ):
        with pytest.raises(ConfigurationError, match="the client is closed"):
            call()


async def test_calls_on_a_closed_asynchronous_client_raise() -> None:
    """The message is the same as for a blocking client."""
    async with AsyncFineTuning(api_key="sk-test", base_url=BASE_URL) as client:
        pass
    with pytest.raises(ConfigurationError, match="the client is closed"):
        await client.jobs.retrieve("ftjob-1")
    with pytest.raises(ConfigurationError, match="the client is closed"):
        _ = [job async for job in client.jobs.list()]


def test_close_leaves_a_pool_of_the_user_open(make_client: Any, server: FakeServer) -> None:
    """A connection pool passed as `http_client` belongs to the caller."""
    client = make_client()
    client.with_options().close()
    client.close()
    assert sent_request(client, server).url.path == "/v1/fine_tuning/jobs/ftjob-1"


def test_closing_a_derived_client_leaves_the_pool_open() -> None:
    """The pool belongs to the original client."""
    with FineTuning(
        api_key="sk-test", base_url="http://127.0.0.1:1", retry=RetryPolicy(max_attempts=1)
    ) as client:
        with client.with_options():
            pass
        with pytest.raises(FineTuningError, match="cannot be reached"):
            client.jobs.retrieve("ftjob-1")


# --- the generated client --------------------------------------------------------------------


def test_generated_client_uses_the_same_pool_key_and_headers(
    make_client: Any, server: FakeServer, kind: str
) -> None:
    """`client.api` is for direct calls of the functions of `finetuning_api`."""
    from finetuning_api.api.fine_tuning import list_paginated_fine_tuning_jobs as operation

    keys = iter(["sk-1", "sk-2"])
    client = make_client(
        api_key=lambda: next(keys), organization="org-1", headers={"X-Team": "nlp"}, timeout=7
    )
    server.enqueue(list_json(job_json()), list_json())
    for count in (1, 0):
        if kind == "sync":
            page: Any = operation.sync(client=client.api, limit=5)
        else:
            page = client._runner.run(operation.asyncio(client=client.api, limit=5))
        assert len(page.data) == count
    request = server.requests[0]
    assert str(request.url) == f"{BASE_URL}/fine_tuning/jobs?limit=5"
    assert [r.headers["Authorization"] for r in server.requests] == ["Bearer sk-1", "Bearer sk-2"]
    assert (request.headers["OpenAI-Organization"], request.headers["X-Team"]) == ("org-1", "nlp")
    assert request.extensions["timeout"]["read"] == 7


def test_closing_the_generated_client_leaves_the_pool_open(
    make_client: Any, server: FakeServer, kind: str
) -> None:
    """The pool belongs to the client."""
    client = make_client()
    if kind == "sync":
        with client.api:
            pass
    else:

        async def enter_and_leave() -> None:
            async with client.api:
                pass

        client._runner.run(enter_and_leave())
    assert sent_request(client, server).url.path == "/v1/fine_tuning/jobs/ftjob-1"


def test_generated_client_follows_no_redirect(make_client: Any, server: FakeServer, kind: str) -> None:
    """The key is never sent to another host."""
    from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job as operation
    from finetuning_api.errors import UnexpectedStatus

    client = make_client()
    server.enqueue(httpx.Response(307, headers={"location": "https://elsewhere.test/"}))
    with pytest.raises(UnexpectedStatus):
        if kind == "sync":
            operation.sync("ftjob-1", client=client.api)
        else:
            client._runner.run(operation.asyncio("ftjob-1", client=client.api))
    assert len(server.requests) == 1
