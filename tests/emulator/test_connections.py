"""Connections have limits: idle ones are closed, too many are refused, and the log stays small."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from finetuning_emulator import Emulator
from finetuning_emulator.http import connection

HEAD = b"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\n"


@pytest.fixture
def served() -> Iterator[Emulator]:
    """An emulator that serves on a port."""
    with Emulator(speed=0) as emulator:
        yield emulator


def connect(emulator: Emulator) -> socket.socket:
    """Connect to an emulator; reads time out after half a minute."""
    url = httpx.URL(emulator.base_url)
    return socket.create_connection((url.host, url.port or 80), timeout=30)


@pytest.mark.parametrize(
    "sent", [b"", b"GET /v1/mod", HEAD], ids=["nothing", "part of a line", "no blank line"]
)
def test_a_client_that_does_not_finish_its_headers_is_disconnected(
    served: Emulator, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """This holds even if the client sends a byte now and then."""
    monkeypatch.setattr(connection, "_HEADER_TIMEOUT", 0)
    with connect(served) as client:
        client.sendall(sent)
        assert disconnected(client)


def test_a_client_that_stops_in_the_middle_of_a_body_is_disconnected(
    served: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that it was sending does not exist."""
    monkeypatch.setattr(connection, "_STALL_TIMEOUT", 0)
    with connect(served) as client:
        form = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n"
        client.sendall(HEAD + form)
        assert disconnected(client)


def test_a_client_that_does_not_read_its_response_is_disconnected(
    served: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response larger than all buffers does not wait for ever."""
    with httpx.Client(
        base_url=served.base_url, headers={"Authorization": "Bearer k"}, trust_env=False
    ) as http:
        form = {"files": {"file": ("a.bin", b"x" * 40_000_000)}, "data": {"purpose": "user_data"}}
        file = http.post("/files", **form).json()["id"]  # type: ignore[arg-type]
    monkeypatch.setattr(connection, "_STALL_TIMEOUT", 0)
    lost = threading.Event()
    original = connection.Connection.connection_lost

    def noted(self: connection.Connection, error: Exception | None) -> None:
        original(self, error)
        lost.set()

    monkeypatch.setattr(connection.Connection, "connection_lost", noted)
    with connect(served) as client:
        client.sendall(HEAD.replace(b"POST /v1/files", f"GET /v1/files/{file}/content".encode()) + b"\r\n")
        assert lost.wait(30)


def test_a_client_that_waits_for_its_response_stays_connected(
    served: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits apply to stalled clients, not to slow responses."""
    monkeypatch.setattr(connection, "_STALL_TIMEOUT", 0)
    monkeypatch.setattr(connection, "_HEADER_TIMEOUT", 0)
    served.fault("slow", seconds=1.5)
    headers = {"Authorization": "Bearer k"}
    assert httpx.get(f"{served.base_url}/models", headers=headers, trust_env=False).status_code == 200


def test_too_many_connections_are_refused_until_one_is_closed(
    served: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is a 503 with an explanation."""
    monkeypatch.setattr(connection, "max_connections", lambda: 2)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(served) as one:
        with connect(served) as two:
            for client in (one, two):
                client.sendall(request)
                assert client.recv(65536).startswith(b"HTTP/1.1 200")
            with connect(served) as third:
                response = b""
                while piece := third.recv(65536):
                    response += piece
            head, _, body = response.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503")
            assert b"content-length: %d" % len(body) in head
            assert b"too_many_connections" in body
            two.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while two.recv(65536):
                pass
        with connect(served) as fourth:
            fourth.sendall(request)
            assert fourth.recv(65536).startswith(b"HTTP/1.1 200")


def test_the_connection_limit_leaves_file_descriptors_free() -> None:
    """The limit is lower than the process's limit of open files."""
    assert 16 <= connection.max_connections() <= 2000


def test_a_client_cannot_fill_the_log(
    served: Emulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad requests are logged 20 times, then once a minute."""
    log = logging.getLogger("finetuning_emulator")
    monkeypatch.setattr(log, "filters", [connection._LimitedLog()])
    for _ in range(60):
        with connect(served) as client:
            client.sendall(b"nonsense\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 400")
    logged = [record.getMessage() for record in caplog.records if record.name == log.name]
    assert len(logged) == 20
    assert "one message a minute" in logged[-1]


def disconnected(client: socket.socket) -> bool:
    """Wait until the server closes the connection; return whether it sent no response."""
    try:
        return client.recv(65536) == b""
    except ConnectionResetError:
        return True
