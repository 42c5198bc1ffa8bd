"""Large files are streamed: the memory of the process does not depend on their size."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

# Enough to show a file held in memory; `make bench` measures 1 GB.
FILE_SIZE = 256 * 1024**2
LIMIT_KB = 64 * 1024

# VmHWM is the peak memory of the process itself; `getrusage` includes that of its parent.
PROGRAM = """
import asyncio, re, sys
from pathlib import Path
from finetuning_client import AsyncFineTuning, FineTuning

def peak_memory():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

async def awaited(url, call, arguments):
    async with AsyncFineTuning(api_key="sk-test", base_url=url) as client:
        await client.files.upload(b"x")
        before = peak_memory()
        await getattr(client.files, call)(*arguments)
        print(peak_memory() - before)

def blocking(url, call, arguments):
    with FineTuning(api_key="sk-test", base_url=url) as client:
        client.files.upload(b"x")
        before = peak_memory()
        getattr(client.files, call)(*arguments)
        print(peak_memory() - before)

kind, url, call, *arguments = sys.argv[1:]
asyncio.run(awaited(url, call, arguments)) if kind == "async" else blocking(url, call, arguments)
"""


class FileService(BaseHTTPRequestHandler):
    """Accepts any file, and serves a file of zeros."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read and discard the body."""
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
        self.send_header("Content-Length", str(FILE_SIZE))
        self.end_headers()
        for _ in range(FILE_SIZE // 2**20):
            self.wfile.write(bytes(2**20))

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """The base URL of the service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FileService)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the peak memory of a process")
@pytest.mark.parametrize("call", ["upload", "download"])
def test_memory_does_not_grow_with_the_file(url: str, kind: str, call: str, tmp_path: Path) -> None:
    """Uploads and downloads of 256 MB need less than 64 MB of memory."""
    large = tmp_path / "large.jsonl"
    arguments = [str(large)] if call == "upload" else ["file-1", str(large)]
    if call == "upload":
        with large.open("wb") as file:
            file.truncate(FILE_SIZE)
    command = [sys.executable, "-c", PROGRAM, kind, url, call, *arguments]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert int(done.stdout) <= LIMIT_KB
    assert large.stat().st_size == FILE_SIZE
    large.unlink()
