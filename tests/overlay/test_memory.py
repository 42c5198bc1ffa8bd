"""Large files pass through a process, not into it: its memory stays flat, whichever way they go."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

# `make bench` measures a whole gigabyte; a quarter of it shows as well what is kept.
SIZE = 256 * 1024**2
MOST_KB = 64 * 1024

# The most that a process has held; what `getrusage` tells is inherited from the parent.
PROGRAM = """
import asyncio, re, sys
from pathlib import Path
from finetuning_client import AsyncFineTuning, FineTuning

def most():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

async def awaited(url, call, arguments):
    async with AsyncFineTuning(api_key="sk-test", base_url=url) as client:
        await client.files.upload(b"x")
        before = most()
        await getattr(client.files, call)(*arguments)
        print(most() - before)

def blocking(url, call, arguments):
    with FineTuning(api_key="sk-test", base_url=url) as client:
        client.files.upload(b"x")
        before = most()
        getattr(client.files, call)(*arguments)
        print(most() - before)

kind, url, call, *arguments = sys.argv[1:]
asyncio.run(awaited(url, call, arguments)) if kind == "async" else blocking(url, call, arguments)
"""


class Service(BaseHTTPRequestHandler):
    """Takes any file, and serves one of zeros; keeps nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take what comes."""
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 2**20)))
        body = b'{"id": "file-1", "object": "file"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Serve the content."""
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        for _ in range(SIZE // 2**20):
            self.wfile.write(bytes(2**20))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Where the service is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has held at most")
@pytest.mark.parametrize("call", ["upload", "download"])
def test_memory_stays_flat(url: str, kind: str, call: str, tmp_path: Path) -> None:
    """However large the file is."""
    large = tmp_path / "large.jsonl"
    arguments = [str(large)] if call == "upload" else ["file-1", str(large)]
    if call == "upload":
        with large.open("wb") as file:
            file.truncate(SIZE)
    command = [sys.executable, "-c", PROGRAM, kind, url, call, *arguments]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert int(done.stdout) <= MOST_KB
    assert large.stat().st_size == SIZE
    large.unlink()
