"""Memory: events that are kept, and growth of a process that uploads or downloads a gigabyte."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.comparison import Aim, Finding, at_most_times
from benchmarks.pages_of_json import PAGE, events
from finetuning_api.models.list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse

__all__ = ["comparisons"]

_EVENTS = 100_000
_SIZE = 1024**3
_PIECE = 1024**2
_SMALL = 1024

# Peak memory of the process; the value from `getrusage` is inherited from the parent.
_CLIENT = """
import re, sys
from pathlib import Path
from finetuning_client import FineTuning
def most():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
client = FineTuning(api_key="sk-bench", base_url=sys.argv[1])
client.files.upload(b"x" * {small}, filename="large.jsonl")
before = most()
client.files.{call}
print(most() - before)
"""


def comparisons() -> Iterator[Finding]:
    """Measure kept events, and uploads and downloads of large files."""
    yield Finding(
        title=f"memory of {_EVENTS:,} events",
        values={
            "plain dicts": _event_memory(lambda page: json.loads(page)["data"]),
            "finetuning_api": _event_memory(
                lambda page: ListFineTuningJobEventsResponse.from_dict(msgspec.json.decode(page)).data
            ),
        },
        unit="KiB",
        aims=(at_most_times("finetuning_api", 0.7, "plain dicts"),),
    )
    # Other systems do not report peak memory.
    if sys.platform.startswith("linux"):
        yield _transfers()


def _event_memory(read: Callable[[bytes], Any]) -> float:
    """Return the memory, in KiB, that is in use once all events have been read."""
    gc.collect()
    tracemalloc.start()
    kept = [read(events(first)) for first in range(0, _EVENTS, PAGE)]
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1024 if kept else 0


def _transfers() -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "large.jsonl", Path(folder) / "fetched"
        with source.open("wb") as file:
            file.truncate(_SIZE)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/v1"
            grown = {
                "upload": _growth(url, f"upload({str(source)!r})"),
                "download": _growth(url, f"download('file-1', {str(target)!r})"),
            }
            assert target.stat().st_size == _SIZE
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    return Finding(
        title="memory growth of a process from a 1 GiB file",
        values=grown,
        unit="KiB",
        aims=(Aim("each at most 64 MiB", lambda growth: max(growth.values()) <= 64 * 1024),),
    )


def _growth(url: str, call: str) -> float:
    command = [sys.executable, "-c", _CLIENT.replace("{call}", call).replace("{small}", str(_SMALL)), url]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return float(done.stdout)


class _Service(BaseHTTPRequestHandler):
    """Mock service that accepts any file, in one request or in parts, and serves a file of zeros."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read the body, and respond as the operation requires."""
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, _PIECE)))
        # Only the small file is sent in one request.
        file = {"object": "file", "created_at": 1, "bytes": _SMALL, "filename": "large.jsonl"}
        file |= {"id": "file-1", "purpose": "fine-tune", "status": "processed"}
        upload = {**file, "id": "upload_1", "object": "upload", "bytes": _SIZE, "expires_at": 9_999_999_999}
        match self.path.split("/")[2:]:
            case ["uploads"]:
                self._respond({**upload, "status": "pending"})
            case ["uploads", _, "parts"]:
                self._respond(
                    {"id": "part_1", "object": "upload.part", "created_at": 1, "upload_id": "upload_1"}
                )
            case ["uploads", _, "complete"]:
                self._respond({**upload, "status": "completed", "file": {**file, "bytes": _SIZE}})
            case _:
                self._respond(file)

    def do_GET(self) -> None:
        """Serve the file's description, or its content."""
        if not self.path.endswith("/content"):
            file = {"object": "file", "created_at": 1, "bytes": _SIZE, "filename": "large.jsonl"}
            self._respond({**file, "id": "file-1", "purpose": "fine-tune", "status": "processed"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(_SIZE))
        self.end_headers()
        for _ in range(_SIZE // _PIECE):
            self.wfile.write(bytes(_PIECE))

    def _respond(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
