"""Server of one job, in a separate process, so that it adds nothing to the measured time.

`python -m benchmarks.job_server [CERTIFICATE KEY]` prints its port, and ends when its standard input closes.
"""

import asyncio
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pages_of_json import job

__all__ = ["JOB", "certificate", "serve_job"]

JOB = str(job(7)["id"])
"""The id of the job."""

_ROOT = Path(__file__).resolve().parents[1]
_BODY = json.dumps(job(7)).encode()
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: %d\r\n\r\n"
    % len(_BODY)
    + _BODY
)


@contextmanager
def serve_job(*certificate: Path) -> Iterator[str]:
    """Serve the job, over TLS with the files of a certificate and its key; yield the base URL."""
    command = [sys.executable, "-m", "benchmarks.job_server", *map(str, certificate)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}/v1"
        finally:
            server.communicate()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Create a certificate for this machine; return the paths of the certificate and its key."""
    paths = folder / "certificate.pem", folder / "key.pem"
    options = f"-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {paths[1]} -out {paths[0]}"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *options.split(), *names], check=True, capture_output=True)  # noqa: S607
    return paths


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            _, self._received = self._received.split(b"\r\n\r\n", 1)
            self._transport.write(_RESPONSE)


async def _serve(*files: str) -> None:
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, ssl=context, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, lambda: os.read(sys.stdin.fileno(), 1))


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
