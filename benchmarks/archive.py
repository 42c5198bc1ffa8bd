"""Archive of a thousand jobs: requests, size and memory; and the time to list a hundred thousand jobs."""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.comparison import Aim, Finding, cpu_seconds
from benchmarks.pages_of_json import event, job
from finetuning_client import FineTuning
from finetuning_client.archive import Archive
from finetuning_client.archive.format import log_path, to_end, to_line

__all__ = ["comparisons"]

_SAVED = 1_000
_HEADS = 100_000
_MAX_BYTES = 150 * 1024**2


def comparisons() -> Iterator[Finding]:
    """Measure saving a thousand jobs, and listing a hundred thousand."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "archive"
        service = _Service()
        with httpx.Client(transport=httpx.MockTransport(service.respond)) as http:
            client = FineTuning(api_key="sk-bench", http_client=http)
            tracemalloc.start()
            client.archive(directory)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        twice = sum(number - 1 for number in service.requests.values())
        yield Finding(
            title=f"requests for an archive of {_SAVED:,} jobs",
            values={"all": service.requests.total(), "sent again": twice},
            unit="",
            aims=(Aim("none sent twice", lambda count: count["sent again"] == 0),),
        )
        size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        yield Finding(
            title=f"size of an archive of {_SAVED:,} jobs",
            values={"on disk": size / 1024, "in memory, while it is saved": most / 1024},
            unit="KiB",
            aims=(Aim("each at most 150 MB", lambda of: max(of.values()) <= _MAX_BYTES / 1024),),
        )
        _make_heads(directory)
        start = cpu_seconds()
        read = sum(1 for head in Archive(directory).jobs if head.id and head.status.is_terminal)
        seconds = cpu_seconds() - start
    yield Finding(
        title=f"CPU of reading the heads of {read:,} archived jobs",
        values={"id and status of each": seconds},
        aims=(Aim("at most 3 s", lambda of: of["id and status of each"] <= 3),),
    )


def _make_heads(directory: Path) -> None:
    """Replace the list of jobs with a long one."""
    with (directory / "jobs.jsonl").open("wb") as file:
        for number in range(_HEADS):
            head = job(number)
            file.write(to_line({"log": log_path(head["id"]), "job": head}))
        file.write(to_line(to_end("jobs", _HEADS)))


class _Service:
    """Mock service with a thousand jobs, each with 100 events and a result file; counts its requests."""

    def __init__(self) -> None:
        self._jobs = [job(number) for number in reversed(range(_SAVED))]
        self.requests: Counter[str] = Counter()

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.requests[str(request.url)] += 1
        parts = request.url.path.split("/")[2:]
        after = request.url.params.get("after")
        match parts:
            case ["fine_tuning", "jobs"]:
                start = 0 if after is None else 1 + [item["id"] for item in self._jobs].index(after)
                return _page(self._jobs[start : start + 100], more=start + 100 < _SAVED)
            case ["fine_tuning", "jobs", name, "events"]:
                return _page([{**event(number), "id": f"{name}-{number}"} for number in range(100)])
            case ["fine_tuning", "jobs", name, "checkpoints"]:
                return _page([{"object": "fine_tuning.job.checkpoint", "id": f"ckpt-{name}"}])
            case ["files", name]:
                return _json({"id": name, "object": "file", "bytes": 5_000, "status": "processed"})
            case ["files", name, "content"]:
                rows = "".join(f"{step},0.5,0.9,,\n" for step in range(300))
                return httpx.Response(200, text=f"step,train_loss,train_accuracy,,\n{rows}{name}\n")
        return httpx.Response(404, json={})


def _page(items: list[dict[str, object]], *, more: bool = False) -> httpx.Response:
    return _json({"object": "list", "data": items, "has_more": more})


def _json(value: object) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(value))
