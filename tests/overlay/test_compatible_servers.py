"""Servers other than the hosted one: URLs, keys, and unusual responses."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, ConfigurationError, FineTuning, JobStatus

from .conftest import FakeServer, event_json, job_json, list_json

ENDPOINT = "https://mine.openai.azure.com"


@pytest.fixture
def http(server: FakeServer) -> httpx.Client:
    """An HTTP client that is connected to the fake server."""
    return httpx.Client(transport=httpx.MockTransport(server.respond))


@pytest.mark.parametrize(
    "endpoint",
    [ENDPOINT, f"{ENDPOINT}/", f"{ENDPOINT}/openai/v1", f"{ENDPOINT}/openai/v1/", f"{ENDPOINT}/openai"],
)
def test_azure_accepts_every_form_of_endpoint(server: FakeServer, http: httpx.Client, endpoint: str) -> None:
    """`/openai/v1` is added if it is missing, and the key is sent in Azure's own header."""
    server.enqueue(job_json())
    FineTuning.azure(endpoint, api_key="azure-key", http_client=http).jobs.retrieve("ftjob-1")
    request = server.requests[0]
    assert str(request.url) == f"{ENDPOINT}/openai/v1/fine_tuning/jobs/ftjob-1"
    assert request.headers["api-key"] == "azure-key"
    assert "authorization" not in request.headers


def test_azure_requests_a_token_for_each_attempt(server: FakeServer, http: httpx.Client) -> None:
    """The token provider is called for each attempt, and its token is sent as a bearer token."""
    tokens = iter(["one", "two"])
    server.enqueue(job_json(), job_json())
    client = FineTuning.azure(ENDPOINT, token_provider=lambda: next(tokens), http_client=http)
    client.jobs.retrieve("ftjob-1")
    client.jobs.retrieve("ftjob-1")
    assert [r.headers["authorization"] for r in server.requests] == ["Bearer one", "Bearer two"]


def test_azure_reads_its_own_environment_variables(
    server: FakeServer, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endpoint and key come from Azure's variables, not from OpenAI's."""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", ENDPOINT)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    monkeypatch.setenv("OPENAI_API_KEY", "openai-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://other.test/v1")
    server.enqueue(job_json())
    FineTuning.azure(http_client=http).jobs.retrieve("ftjob-1")
    assert server.requests[0].url.host == "mine.openai.azure.com"
    assert server.requests[0].headers["api-key"] == "azure-key"


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
def test_azure_without_endpoint_or_key_names_the_missing_variable(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable that is not set."""
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_ENDPOINT"):
        kind.azure()
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_API_KEY"):
        kind.azure(ENDPOINT)


def test_azure_accepts_a_coroutine_as_token_provider(server: FakeServer) -> None:
    """The asynchronous client awaits the token."""

    async def token() -> str:
        return "fresh"

    async def main() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
        client = AsyncFineTuning.azure(ENDPOINT, token_provider=token, http_client=http)
        await client.jobs.retrieve("ftjob-1")

    server.enqueue(job_json())
    asyncio.run(main())
    assert server.requests[0].headers["authorization"] == "Bearer fresh"


def test_base_url_may_have_a_path_prefix(make_client: Any, server: FakeServer) -> None:
    """Gateways serve the API under a prefix."""
    server.enqueue(job_json())
    make_client(base_url="https://gateway.test/team/llm/v1/").jobs.retrieve("ftjob-1")
    assert str(server.requests[0].url) == "https://gateway.test/team/llm/v1/fine_tuning/jobs/ftjob-1"


def test_key_in_another_header_is_sent_without_bearer(make_client: Any, server: FakeServer) -> None:
    """Some gateways expect the key in a header of their own."""
    server.enqueue(job_json())
    make_client(key_header="x-gateway-key").jobs.retrieve("ftjob-1")
    assert server.requests[0].headers["x-gateway-key"] == "sk-test"
    assert "authorization" not in server.requests[0].headers


def test_job_of_azure_is_read(client: Any, server: FakeServer) -> None:
    """The job has unknown statuses and fields, and null where the hosted service sends a value."""
    odd = job_json(
        status="notRunning",
        organization_id=None,
        result_files=None,
        hyperparameters=None,
        seed=None,
        kind="x",
    )
    server.enqueue(odd)
    job = client.jobs.retrieve("ftjob-1")
    assert job.status == "notRunning"
    assert not job.status.is_known
    assert not job.status.is_terminal
    assert job.organization_id is None
    assert job.result_files == []
    assert job.to_dict()["kind"] == "x"


def test_follow_continues_through_statuses_of_azure(client: Any, server: FakeServer) -> None:
    """`pending`, `created` and `notRunning` count as in progress, and events may be listed oldest first."""
    server.enqueue(job_json(status="pending"))
    job = client.jobs.retrieve("ftjob-1")
    first, both = list_json(event_json(1)), list_json(event_json(1), event_json(2))
    server.enqueue(
        job_json(status="created"), first,
        job_json(status="notRunning"), first,
        job_json(status="succeeded"), both, both,
    )  # fmt: skip
    assert [event.id for event in job.follow()] == ["ftevent-1", "ftevent-2"]
    assert job.status is JobStatus.SUCCEEDED
