"""Requests that a web page or another machine could cause are refused; the root path is public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from finetuning_emulator import Emulator

from .conftest import CONTROL, Caller


@pytest.fixture
def served() -> Iterator[Emulator]:
    """An emulator that serves on a port, and also accepts the host name `emulator.test`."""
    with Emulator(speed=0, allow_hosts=["Emulator.test"]) as emulator:
        yield emulator


@pytest.fixture
def client(served: Emulator) -> Iterator[httpx.Client]:
    """A client of that emulator, with the root as its base URL."""
    with httpx.Client(base_url=served.base_url.removesuffix("/v1"), trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:80", "LOCALHOST.", "127.0.0.1", "127.0.0.1:9", "[::1]:8000", "emulator.test:1"],
)
@pytest.mark.parametrize("path", ["/", "/_emulator", "/v1/models"])
def test_the_names_of_this_machine_are_accepted(client: httpx.Client, host: str, path: str) -> None:
    """Any port is accepted, since ports are forwarded, and so are the names that the user allowed."""
    response = client.get(path, headers={"Host": host, "Authorization": "Bearer k"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.test", "127.0.0.1.attacker.test:80", "localhost@attacker.test", ""]
)
@pytest.mark.parametrize("path", ["/", "/_emulator", "/v1/models"])
def test_another_host_name_is_refused(client: httpx.Client, host: str, path: str) -> None:
    """DNS rebinding does not reach the emulator; the message says how to allow a name."""
    response = client.get(path, headers={"Host": host, "Authorization": "Bearer k"})
    assert response.status_code == 421
    error = response.json()["error"]
    assert error["code"] == "host_not_allowed"
    assert "--allow-host" in error["message"]
    assert response.headers["x-finetuning-emulator"] == "simulated"


@pytest.mark.parametrize("origin", ["http://attacker.test", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_page_of_another_origin_cannot_control_the_emulator(
    client: httpx.Client, origin: str, method: str
) -> None:
    """Its requests are refused without effect."""
    client.post("/_emulator/faults", json={"kind": "error"})
    response = client.request(method, "/_emulator", headers={"Origin": origin})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "origin_not_allowed"
    assert client.get("/_emulator").json()["faults"]


def test_a_page_of_the_emulators_own_origin_may_control_it(client: httpx.Client) -> None:
    """The emulator's own origin is not a foreign one."""
    origin = str(client.base_url).rstrip("/")
    assert client.get("/_emulator", headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_control_request_with_a_body_needs_the_json_content_type(
    caller: Caller, headers: dict[str, str], method: str
) -> None:
    """A page can send other content types without a preflight request of the browser."""
    path = f"{CONTROL}/scenarios"
    error = caller.refused(400, method, path, content=b'{"stay_queued": true}', headers=headers)
    assert error["code"] == "unsupported_content_type"
    assert caller.ask("GET", CONTROL)["scenarios"] == []


def test_the_root_describes_the_emulator(caller: Caller) -> None:
    """It needs no key, and has the name, the version, and the URLs of API, controls and documentation."""
    body: dict[str, Any] = caller.unchecked(
        "GET", "https://api.openai.com/", headers={"Authorization": ""}
    ).json()
    assert body["name"] == "finetuning-emulator"
    assert body["version"]
    assert body["api"] == "https://api.openai.com/v1"
    assert body["control"]["clock"] == "https://api.openai.com/_emulator/clock"
    assert "docs/emulator.md" in body["docs"]
    caller.refused(405, "POST", "https://api.openai.com/")
