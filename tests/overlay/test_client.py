"""A client in use: other options on the same pool, the generated client beside it, and its end."""

from __future__ import annotations

import asyncio
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

from .conftest import BASE_URL, Wire, error_response, job_json, list_json


def sent(client: Any, wire: Wire) -> httpx.Request:
    """A request of the client."""
    wire.then(job_json())
    client.jobs.retrieve("ftjob-1")
    return wire.requests[-1]


# --- other options --------------------------------------------------------------


def test_options_make_another_client_on_the_same_pool(make_client: Any, wire: Wire) -> None:
    """The first stays as it was."""
    client = make_client(headers={"X-Team": "nlp"}, timeout=9)
    other = client.with_options(
        timeout=1, headers={"x-team": "vision", "X-More": "yes"}, retry=RetryPolicy(max_attempts=1)
    )
    request = sent(other, wire)
    assert (request.headers["X-Team"], request.headers["X-More"]) == ("vision", "yes")
    assert request.extensions["timeout"]["read"] == 1
    wire.then(error_response(503))
    with pytest.raises(ServerError):
        other.jobs.retrieve("ftjob-1")
    request = sent(client, wire)
    assert (request.headers["X-Team"], "X-More" in request.headers) == ("nlp", False)
    assert request.extensions["timeout"]["read"] == 9
    wire.then(error_response(503))
    sent(client, wire)


def test_options_that_are_not_given_stay(make_client: Any, wire: Wire) -> None:
    """`timeout=None` is an option too: no limit."""
    client = make_client(timeout=9)
    assert sent(client.with_options(), wire).extensions["timeout"]["read"] == 9
    assert sent(client.with_options(timeout=None), wire).extensions["timeout"]["read"] is None


@pytest.mark.parametrize("kind_of_client", [FineTuning, AsyncFineTuning])
def test_a_client_shows_where_it_goes_and_no_key(kind_of_client: Any) -> None:
    """Safe to log."""
    client = kind_of_client(api_key="sk-secret", base_url=BASE_URL)
    assert repr(client) == f"<{kind_of_client.__name__} at {BASE_URL}>"
    assert "sk-secret" not in repr(vars(client)) + repr(client.jobs)


def test_a_closed_client_says_so(wire: Wire) -> None:
    """Whatever is asked of it, and of those made from it."""
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


async def test_a_closed_asynchronous_client_says_so() -> None:
    """In the same words."""
    async with AsyncFineTuning(api_key="sk-test", base_url=BASE_URL) as client:
        pass
    with pytest.raises(ConfigurationError, match="the client is closed"):
        await client.jobs.retrieve("ftjob-1")
    with pytest.raises(ConfigurationError, match="the client is closed"):
        _ = [job async for job in client.jobs.list()]


def test_a_pool_from_outside_is_left_open(make_client: Any, wire: Wire) -> None:
    """Whoever made it closes it."""
    client = make_client()
    client.with_options().close()
    client.close()
    assert sent(client, wire).url.path == "/v1/fine_tuning/jobs/ftjob-1"


def test_closing_a_derived_client_leaves_the_pool_open() -> None:
    """It belongs to the first."""
    with FineTuning(
        api_key="sk-test", base_url="http://127.0.0.1:1", retry=RetryPolicy(max_attempts=1)
    ) as client:
        with client.with_options():
            pass
        with pytest.raises(FineTuningError, match="cannot be reached"):
            client.jobs.retrieve("ftjob-1")


def test_a_client_used_in_a_second_event_loop_says_so(wire: Wire) -> None:
    """Its connections belong to the first; the error is one of ours."""

    class Bound(httpx.AsyncBaseTransport):
        """Works in the loop it was first used in, as connections do."""

        loop: asyncio.AbstractEventLoop | None = None

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if Bound.loop not in (None, asyncio.get_running_loop()):
                raise RuntimeError("Event loop is closed")
            Bound.loop = asyncio.get_running_loop()
            return httpx.Response(200, json=job_json())

    http = httpx.AsyncClient(transport=Bound())
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    asyncio.run(_read(client))
    with pytest.raises(ConfigurationError, match=r"another event loop"):
        asyncio.run(_read(client))


async def _read(client: AsyncFineTuning) -> Any:
    return await client.jobs.retrieve("ftjob-1")


# --- the generated client --------------------------------------------------------------------


def test_the_generated_client_uses_the_same_pool_and_key(make_client: Any, wire: Wire, kind: str) -> None:
    """For calling the functions of `finetuning_api` directly."""
    from finetuning_api.api.fine_tuning import list_paginated_fine_tuning_jobs as operation

    keys = iter(["sk-1", "sk-2"])
    client = make_client(
        api_key=lambda: next(keys), organization="org-1", headers={"X-Team": "nlp"}, timeout=7
    )
    wire.then(list_json(job_json()), list_json())
    for count in (1, 0):
        if kind == "sync":
            page: Any = operation.sync(client=client.api, limit=5)
        else:
            page = client._runner.run(operation.asyncio(client=client.api, limit=5))
        assert len(page.data) == count
    request = wire.requests[0]
    assert str(request.url) == f"{BASE_URL}/fine_tuning/jobs?limit=5"
    assert [r.headers["Authorization"] for r in wire.requests] == ["Bearer sk-1", "Bearer sk-2"]
    assert (request.headers["OpenAI-Organization"], request.headers["X-Team"]) == ("org-1", "nlp")
    assert request.extensions["timeout"]["read"] == 7


def test_closing_the_generated_client_leaves_the_pool_open(make_client: Any, wire: Wire, kind: str) -> None:
    """The pool is the client's."""
    client = make_client()
    if kind == "sync":
        with client.api:
            pass
    else:

        async def enter_and_leave() -> None:
            async with client.api:
                pass

        client._runner.run(enter_and_leave())
    assert sent(client, wire).url.path == "/v1/fine_tuning/jobs/ftjob-1"


def test_the_generated_client_follows_no_redirect_with_the_key(
    make_client: Any, wire: Wire, kind: str
) -> None:
    """The key stays with its server."""
    from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job as operation
    from finetuning_api.errors import UnexpectedStatus

    client = make_client()
    wire.then(httpx.Response(307, headers={"location": "https://elsewhere.test/"}))
    with pytest.raises(UnexpectedStatus):
        if kind == "sync":
            operation.sync("ftjob-1", client=client.api)
        else:
            client._runner.run(operation.asyncio("ftjob-1", client=client.api))
    assert len(wire.requests) == 1
