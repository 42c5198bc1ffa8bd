"""Servers other than the hosted one: where requests go, how they are signed, and what comes back odd."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, ConfigurationError, FineTuning, JobStatus

from .conftest import Wire, event_json, job_json, list_json

ENDPOINT = "https://mine.openai.azure.com"


@pytest.fixture
def http(wire: Wire) -> httpx.Client:
    """A pool on the wire."""
    return httpx.Client(transport=httpx.MockTransport(wire.handle))


@pytest.mark.parametrize(
    "endpoint", [ENDPOINT, f"{ENDPOINT}/", f"{ENDPOINT}/openai/v1", f"{ENDPOINT}/openai/v1/"]
)
def test_azure_takes_the_endpoint_in_any_of_its_forms(wire: Wire, http: httpx.Client, endpoint: str) -> None:
    """The surface is added where it is not there yet; the key goes into Azure's own header."""
    wire.then(job_json())
    FineTuning.azure(endpoint, api_key="azure-key", http_client=http).jobs.retrieve("ftjob-1")
    request = wire.requests[0]
    assert str(request.url) == f"{ENDPOINT}/openai/v1/fine_tuning/jobs/ftjob-1"
    assert request.headers["api-key"] == "azure-key"
    assert "authorization" not in request.headers


def test_azure_takes_a_fresh_token_for_each_attempt(wire: Wire, http: httpx.Client) -> None:
    """A token provider is asked each time, and its token is a bearer token."""
    tokens = iter(["one", "two"])
    wire.then(job_json(), job_json())
    client = FineTuning.azure(ENDPOINT, token_provider=lambda: next(tokens), http_client=http)
    client.jobs.retrieve("ftjob-1")
    client.jobs.retrieve("ftjob-1")
    assert [r.headers["authorization"] for r in wire.requests] == ["Bearer one", "Bearer two"]


def test_azure_reads_the_environment(wire: Wire, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Endpoint and key come from Azure's own variables, not from OpenAI's."""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", ENDPOINT)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    monkeypatch.setenv("OPENAI_API_KEY", "openai-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://other.test/v1")
    wire.then(job_json())
    FineTuning.azure(http_client=http).jobs.retrieve("ftjob-1")
    assert wire.requests[0].url.host == "mine.openai.azure.com"
    assert wire.requests[0].headers["api-key"] == "azure-key"


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
def test_azure_without_endpoint_or_key_says_what_is_missing(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the two has its message."""
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_ENDPOINT"):
        kind.azure()
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_API_KEY"):
        kind.azure(ENDPOINT)


def test_azure_works_awaited(wire: Wire) -> None:
    """A coroutine function may give the token."""

    async def token() -> str:
        return "fresh"

    async def main() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
        client = AsyncFineTuning.azure(ENDPOINT, token_provider=token, http_client=http)
        await client.jobs.retrieve("ftjob-1")

    wire.then(job_json())
    asyncio.run(main())
    assert wire.requests[0].headers["authorization"] == "Bearer fresh"


def test_a_base_url_may_have_any_path(make_client: Any, wire: Wire) -> None:
    """Gateways put the API below a prefix."""
    wire.then(job_json())
    make_client(base_url="https://gateway.test/team/llm/v1/").jobs.retrieve("ftjob-1")
    assert str(wire.requests[0].url) == "https://gateway.test/team/llm/v1/fine_tuning/jobs/ftjob-1"


def test_a_key_header_of_another_name_carries_the_key_bare(make_client: Any, wire: Wire) -> None:
    """Some gateways want the key in a header of their own."""
    wire.then(job_json())
    make_client(key_header="x-gateway-key").jobs.retrieve("ftjob-1")
    assert wire.requests[0].headers["x-gateway-key"] == "sk-test"
    assert "authorization" not in wire.requests[0].headers


def test_a_job_of_azure_reads_well(client: Any, wire: Wire) -> None:
    """Its own statuses, no organisation, no result files, fields that nobody documents."""
    odd = job_json(
        status="notRunning",
        organization_id=None,
        result_files=None,
        hyperparameters=None,
        seed=None,
        kind="x",
    )
    wire.then(odd)
    job = client.jobs.retrieve("ftjob-1")
    assert job.status == "notRunning"
    assert not job.status.is_known
    assert not job.status.is_terminal
    assert job.organization_id is None
    assert job.result_files == []
    assert job.to_dict()["kind"] == "x"


def test_following_passes_through_statuses_that_only_azure_has(client: Any, wire: Wire) -> None:
    """`pending`, `created` and `notRunning` are work in progress; lists may be oldest first."""
    wire.then(job_json(status="pending"))
    job = client.jobs.retrieve("ftjob-1")
    first, both = list_json(event_json(1)), list_json(event_json(1), event_json(2))
    wire.then(
        job_json(status="created"), first,
        job_json(status="notRunning"), first,
        job_json(status="succeeded"), both, both,
    )  # fmt: skip
    assert [event.id for event in job.follow()] == ["ftevent-1", "ftevent-2"]
    assert job.status is JobStatus.SUCCEEDED
