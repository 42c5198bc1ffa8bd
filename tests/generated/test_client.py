"""The generated clients: authentication, derived clients, connection pools and their repr."""

from typing import Any

import httpx
import pytest

from finetuning_api import AuthenticatedClient, Client
from finetuning_api.api.models import list_models

SECRET = "sk-secret"


def client_of(seen: list[httpx.Request], **settings: Any) -> AuthenticatedClient:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"object": "list", "data": []})

    arguments = {"transport": httpx.MockTransport(handle)}
    return AuthenticatedClient(
        base_url="https://api.example/v1", token=SECRET, httpx_args=arguments, **settings
    )


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({}, "authorization", f"Bearer {SECRET}"),
        ({"prefix": "Token"}, "authorization", f"Token {SECRET}"),
        ({"prefix": "", "auth_header_name": "api-key"}, "api-key", SECRET),
    ],
)
def test_token_is_sent(settings: dict[str, Any], header: str, value: str) -> None:
    """The token is sent in the configured header, after the prefix if there is one."""
    seen: list[httpx.Request] = []
    list_models.sync(client=client_of(seen, **settings))
    assert seen[0].headers[header] == value


def test_secrets_are_not_shown() -> None:
    """Neither the token nor headers nor cookies are in the repr, even after a request."""
    client = client_of([], headers={"x-key": SECRET}, cookies={"session": SECRET})
    list_models.sync(client=client)
    assert SECRET not in repr(client)
    assert SECRET not in repr(Client(base_url="https://api.example", headers={"x-key": SECRET}))


def test_derived_clients_do_not_change_the_first() -> None:
    """with_headers, with_cookies and with_timeout give new clients; the first keeps its pool and settings."""
    seen: list[httpx.Request] = []
    first = client_of(seen)
    pool = first.get_httpx_client()
    derived = first.with_headers({"x-a": "1"}).with_cookies({"c": "2"}).with_timeout(httpx.Timeout(3.0))
    list_models.sync(client=derived)
    list_models.sync(client=first)

    assert isinstance(derived, AuthenticatedClient)
    assert (seen[0].headers["x-a"], seen[0].headers["cookie"]) == ("1", "c=2")
    assert seen[0].headers["authorization"] == f"Bearer {SECRET}"
    assert derived.get_httpx_client().timeout == httpx.Timeout(3.0)
    assert "x-a" not in seen[1].headers
    assert "cookie" not in seen[1].headers
    assert first.get_httpx_client() is pool is not derived.get_httpx_client()


def test_raising_on_an_undocumented_status_cannot_be_switched_off() -> None:
    """`raise_on_unexpected_status` of openapi-python-client is accepted only with the value true."""
    Client(base_url="https://api.example", raise_on_unexpected_status=True)
    with pytest.raises(ValueError, match=r"catch errors\.UnexpectedStatus"):
        Client(base_url="https://api.example", raise_on_unexpected_status=False)


async def test_httpx_clients_can_be_given() -> None:
    """Blocking and async calls use the given client."""
    seen: list[httpx.Request] = []
    transport = client_of(seen).get_httpx_client()._transport
    client = Client(base_url="https://api.example").set_httpx_client(
        httpx.Client(base_url="https://other.example", transport=transport)
    )
    assert isinstance(transport, httpx.MockTransport)
    client.set_async_httpx_client(httpx.AsyncClient(base_url="https://third.example", transport=transport))
    authenticated: Any = client
    list_models.sync(client=authenticated)
    await list_models.asyncio(client=authenticated)
    assert [request.url.host for request in seen] == ["other.example", "third.example"]


async def test_context_closes_the_pool() -> None:
    """Leaving the context closes the httpx client that was used in it."""
    with client_of([]) as client:
        list_models.sync(client=client)
    assert client.get_httpx_client().is_closed
    async with client_of([]) as client:
        await list_models.asyncio(client=client)
    assert client.get_async_httpx_client().is_closed
