"""Proxies and certificate authorities, configured as in `docs/other-servers.md`, with real connections."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, ConnectionFailed, FineTuning, RetryPolicy

from .conftest import job_json

ONCE = RetryPolicy(max_attempts=1)
ELSEWHERE = "http://api.invalid/v1"


class _Handler(BaseHTTPRequestHandler):
    """Responds to any request with a job, including requests for other hosts, as a proxy does."""

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = json.dumps(job_json()).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def web_server() -> Iterator[ThreadingHTTPServer]:
    """A loopback server; `seen` has the targets of the requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def retrieve(kind: str, *, pool: dict[str, Any] | None = None, **options: Any) -> str:
    """Retrieve a job with a client on a pool with these options, or on its own pool; return its id."""
    options = {"api_key": "sk-test", "retry": ONCE, **options}

    async def main() -> str:
        if pool is not None:
            options["http_client"] = httpx.AsyncClient(**pool)
        async with AsyncFineTuning(**options) as client:
            return str((await client.jobs.retrieve("ftjob-1")).id)

    if kind == "async":
        return asyncio.run(main())
    if pool is not None:
        options["http_client"] = httpx.Client(**pool)
    with FineTuning(**options) as client:
        return str(client.jobs.retrieve("ftjob-1").id)


def test_requests_go_through_the_proxy_of_the_pool(kind: str, web_server: ThreadingHTTPServer) -> None:
    """Only the proxy knows the host of the base URL."""
    proxy = f"http://127.0.0.1:{web_server.server_port}"
    assert retrieve(kind, pool={"proxy": proxy}, base_url=ELSEWHERE, allow_http=True) == "ftjob-1"
    assert web_server.seen == [f"{ELSEWHERE}/fine_tuning/jobs/ftjob-1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_requests_go_through_the_proxy_of_the_environment(
    kind: str, web_server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """This needs the client's own pool; `NO_PROXY` exempts hosts."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{web_server.server_port}")
    assert retrieve(kind, base_url=ELSEWHERE, allow_http=True) == "ftjob-1"
    assert web_server.seen == [f"{ELSEWHERE}/fine_tuning/jobs/ftjob-1"]  # type: ignore[attr-defined]
    monkeypatch.setenv("NO_PROXY", "api.invalid")
    with pytest.raises(ConnectionFailed):
        retrieve(kind, base_url=ELSEWHERE, allow_http=True)
    assert len(web_server.seen) == 1  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for this machine, issued by an unknown authority."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("authority")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [
            openssl,
            *command.split(),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate


def test_certificate_of_a_company_is_accepted_by_its_context(
    kind: str, web_server: ThreadingHTTPServer, authority: Path
) -> None:
    """Without the context, the connection fails, and the error names the reason."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(authority, authority.with_name("key.pem"))
    web_server.socket = served.wrap_socket(web_server.socket, server_side=True)
    base_url = f"https://127.0.0.1:{web_server.server_port}/v1"
    with pytest.raises(ConnectionFailed, match="certificate"):
        retrieve(kind, base_url=base_url)
    context = ssl.create_default_context(cafile=authority)
    assert retrieve(kind, pool={"verify": context}, base_url=base_url) == "ftjob-1"
