"""Injected faults: what a client receives, and which requests are affected."""

from __future__ import annotations

import asyncio
import email.utils
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from finetuning_emulator import Emulator
from finetuning_emulator.controls.operation_names import OPERATIONS

from .conftest import MODEL, chat


@pytest.fixture
def served() -> Iterator[Emulator]:
    """An emulator that serves on a port, since resets need a connection."""
    with Emulator(speed=0) as emulator:
        yield emulator


@pytest.fixture
def http(served: Emulator) -> Iterator[httpx.Client]:
    """An HTTP client of the emulator, without retries."""
    headers = {"Authorization": "Bearer sk-test"}
    with httpx.Client(base_url=served.base_url, headers=headers, trust_env=False) as client:
        yield client


def job_body(http: httpx.Client) -> dict[str, str]:
    """Upload a file, and return the body of a request to create a job."""
    form: Any = {"files": {"file": ("a.jsonl", chat())}, "data": {"purpose": "fine-tune"}}
    return {"model": MODEL, "training_file": http.post("/files", **form).json()["id"]}


def job_count(http: httpx.Client) -> int:
    """Return the number of jobs."""
    return len(http.get("/fine_tuning/jobs").json()["data"])


def raw_response(emulator: Emulator, path: str) -> tuple[bytes, bool]:
    """Return the bytes received on a new connection, and whether it was reset."""
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    came = b""
    with socket.create_connection((url.host, url.port)) as connection:
        lines = [f"GET /v1{path} HTTP/1.1", "Host: localhost", "Authorization: Bearer k", "Connection: close"]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        try:
            while received := connection.recv(65536):
                came += received
        except ConnectionResetError:
            return came, True
    return came, False


def test_a_reset_before_prevents_the_operation(served: Emulator, http: httpx.Client) -> None:
    """The connection is reset, not closed, and no job exists."""
    body = job_body(http)
    fault = served.fault("reset_before", operation="createFineTuningJob")
    with pytest.raises(httpx.ReadError):
        http.post("/fine_tuning/jobs", json=body)
    assert fault.hits == 1
    assert job_count(http) == 0
    served.fault("reset_before", operation="listModels")
    assert raw_response(served, "/models") == (b"", True)


def test_a_reset_after_carries_the_operation_out(served: Emulator, http: httpx.Client) -> None:
    """The job exists without a response, so a client that simply retries creates two."""
    body = job_body(http)
    served.fault("reset_after", operation="createFineTuningJob")
    with pytest.raises(httpx.ReadError):
        http.post("/fine_tuning/jobs", json=body)
    assert job_count(http) == 1
    served.fault("reset_after", operation="listModels")
    assert raw_response(served, "/models") == (b"", True)


def test_a_reset_within_cuts_the_response(served: Emulator, http: httpx.Client) -> None:
    """The Content-Length is larger than the body received; the operation is carried out."""
    whole = http.get("/models").content
    served.fault("reset_within", operation="listModels")
    came, reset = raw_response(served, "/models")
    head, _, body = came.partition(b"\r\n\r\n")
    assert reset
    assert f"content-length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]
    files = job_body(http)
    served.fault("reset_within", operation="createFineTuningJob")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        http.post("/fine_tuning/jobs", json=files)
    assert job_count(http) == 1


def test_a_reset_of_an_upload_leaves_no_file(served: Emulator, http: httpx.Client) -> None:
    """No file exists even if the client has sent the whole file."""
    served.fault("reset_before", operation="createFile")
    form: Any = {"files": {"file": ("a.jsonl", b"x" * 20_000_000)}, "data": {"purpose": "fine-tune"}}
    with pytest.raises(httpx.ReadError):
        http.post("/files", **form)
    assert http.get("/files").json()["data"] == []


def test_truncated_json_is_a_complete_response_with_half_a_body(served: Emulator, http: httpx.Client) -> None:
    """The HTTP message is complete; only the JSON is cut."""
    served.fault("truncated")
    response = http.get("/models")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert http.get("/models").json()["object"] == "list"


def test_a_slow_response_comes_in_pieces(served: Emulator, http: httpx.Client) -> None:
    """The response is complete in the end; a client with a short timeout raises a timeout error."""
    whole = http.get("/models").content
    served.fault("slow", seconds=0.01)
    with http.stream("GET", "/models") as response:
        pieces = list(response.iter_raw())
    assert len(pieces) > 1
    assert b"".join(pieces) == whole
    served.fault("slow", seconds=3600)
    with pytest.raises(httpx.ReadTimeout):
        http.get("/models", timeout=0.05)


def test_an_html_page_is_sent_like_by_a_proxy(served: Emulator, http: httpx.Client) -> None:
    """The page looks like that of a proxy, has any status, and says that it is simulated."""
    served.fault("html")
    served.fault("html", status=200)
    for status in (502, 200):
        response = http.get("/models")
        assert (response.status_code, response.headers["content-type"]) == (
            status,
            "text/html; charset=utf-8",
        )
        assert response.text.startswith("<html>")
        assert response.headers["x-finetuning-emulator"] == "simulated"


@pytest.mark.parametrize(
    ("fault", "status", "kind", "code"),
    [
        ({}, 500, "server_error", None),
        ({"status": 503}, 503, "server_error", None),
        ({"status": 409, "code": "busy"}, 409, "invalid_request_error", "busy"),
    ],
)
def test_an_error_can_have_any_status(
    served: Emulator,
    http: httpx.Client,
    fault: dict[str, Any],
    status: int,
    kind: str,
    code: str | None,
) -> None:
    """The error has the documented envelope; the operation can be carried out before it."""
    body = job_body(http)
    served.fault("error", operation="createFineTuningJob", message="custom message", **fault)
    response = http.post("/fine_tuning/jobs", json=body)
    assert response.status_code == status
    assert response.json()["error"] == {
        "message": "custom message",
        "type": kind,
        "param": None,
        "code": code,
    }
    assert job_count(http) == 0
    served.fault("error", operation="createFineTuningJob", carried_out=True, **fault)
    assert http.post("/fine_tuning/jobs", json=body).status_code == status
    assert job_count(http) == 1


def test_rate_limits_request_a_delay_in_each_form(served: Emulator, http: httpx.Client) -> None:
    """Retry-After has seconds or a date, retry-after-ms has milliseconds, or there is no header."""
    served.fault("rate_limit")
    served.fault("rate_limit", retry_after=2.5)
    served.fault("rate_limit", retry_after=30, retry_after_form="date")
    served.fault("rate_limit", retry_after=0.25, retry_after_form="milliseconds")
    responses = [http.get("/models") for _ in range(4)]
    assert {response.status_code for response in responses} == {429}
    assert {response.json()["error"]["code"] for response in responses} == {"rate_limit_exceeded"}
    plain, seconds, date, milliseconds = (response.headers for response in responses)
    assert "retry-after" not in plain
    assert seconds["retry-after"] == "3"
    assert 0 < email.utils.parsedate_to_datetime(date["retry-after"]).timestamp() - time.time() <= 31
    assert milliseconds["retry-after-ms"] == "250"
    assert http.get("/models").status_code == 200


def test_a_fault_applies_to_its_operation_after_some_requests(served: Emulator, http: httpx.Client) -> None:
    """Requests for other operations succeed; of several faults, the first one applies."""
    fault = served.fault("error", operation="retrieveModel", after=2, times=3)
    served.fault("error", status=418, operation="retrieveModel", after=3, times=None)
    seen = []
    for _ in range(7):
        assert http.get("/models").status_code == 200
        seen.append(http.get(f"/models/{MODEL}").status_code)
    assert seen == [200, 200, 500, 500, 500, 200, 418]
    assert fault.hits == 3


def test_other_connections_do_not_notice_a_reset(served: Emulator, http: httpx.Client) -> None:
    """Only the connection of the request with the fault is reset."""
    with httpx.Client(base_url=served.base_url, headers=http.headers, trust_env=False) as other:
        stream = other.stream("GET", "/models")
        with stream as response:
            served.fault("reset_before", operation="listFiles")
            with pytest.raises(httpx.ReadError):
                http.get("/files")
            assert json.loads(response.read())["object"] == "list"


def test_in_process_a_reset_is_an_exception(served: Emulator) -> None:
    """Without a connection, the caller gets the exception of a socket."""
    served.fault("reset_after")
    transport = httpx.ASGITransport(app=served.app)

    async def call() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://x/v1") as client:
            await client.get("/models", headers={"Authorization": "Bearer k"})

    with pytest.raises(ConnectionResetError):
        asyncio.run(call())


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {"kind": "error", "operation": "createJob"},
        {"kind": "error", "times": 0},
        {"kind": "error", "after": -1},
        {"kind": "error", "status": 99},
        {"kind": "rate_limit", "retry_after": -1},
        {"kind": "rate_limit", "retry_after_form": "moon"},
        {"kind": "slow", "seconds": float("nan")},
    ],
)
def test_a_bad_fault_is_refused(served: Emulator, fault: dict[str, Any]) -> None:
    """With a misspelt fault, a test would test nothing."""
    with pytest.raises(ValueError, match=r"Expected|Invalid|operation"):
        served.fault(**fault)


def test_the_operations_are_those_of_the_contract(repository: Path) -> None:
    """Each operation has the contract's name, method and path."""
    contract = yaml.safe_load((repository / "openapi.yaml").read_text(encoding="utf-8"))
    documented = {
        operation["operationId"]: f"{method.upper()} {re.sub('{[^}]+}', '{}', path)}"
        for path, operations in contract["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert documented == OPERATIONS


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ({"kind": "ratelimit"}, "did you mean 'rate_limit'?"),
        ({"kind": "Error"}, "did you mean 'error'?"),
        ({"kind": "error", "operation": "createFinetuningJob"}, "did you mean 'createFineTuningJob'?"),
        ({"kind": "rate_limit", "retry_after_form": "second"}, "did you mean 'seconds'?"),
        ({"kind": "slow", "status": 500}, "only on error, rate_limit, html"),
        ({"kind": "error", "status": 204}, "has no body"),
        ({"kind": "html", "status": 304}, "has no body"),
        ({"kind": 5}, "kind: Expected"),
    ],
)
@pytest.mark.parametrize("way", ["python", "endpoint"])
def test_an_unknown_name_or_status_is_refused_with_a_hint(
    served: Emulator, http: httpx.Client, fault: dict[str, Any], hint: str, way: str
) -> None:
    """The message lists all known names."""
    if way == "python":
        with pytest.raises(ValueError, match=re.escape(hint)):
            served.fault(**fault)
        return
    url = served.base_url.replace("/v1", "/_emulator/faults")
    response = http.post(url, json=fault)
    assert response.status_code == 400
    assert hint in response.json()["error"]["message"]


def test_an_armed_fault_has_a_repr(served: Emulator) -> None:
    """Options with default values are left out."""
    fault = served.fault("rate_limit", operation="listModels")
    assert repr(fault) == "<ArmedFault kind='rate_limit', operation='listModels', hits=0>"
