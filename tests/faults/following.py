"""Follow many jobs for simulated hours, under faults; the clock moves when the client pauses."""

from __future__ import annotations

import asyncio
import json
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from finetuning_client import AsyncFineTuning, FineTuning, RetryPolicy

from .service import job_object

__all__ = ["Following", "follow_jobs"]

_START = 1_700_000_000.0
_HOUR = 3600.0
_SHARE_OF_FAULTS = 0.1
_STEP_OF_EVENTS = 900.0
_INTERVAL = 60.0
# Seconds between the final status of a job and the publication of its last event.
_LATE = 40.0
_MODEL = "gpt-4o-mini-2024-07-18"


class _Clock:
    def __init__(self) -> None:
        self.now = _START

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class _AsyncClock(_Clock):
    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        _Clock.sleep(self, seconds)


@dataclass
class Following:
    """Results of following events.

    Attributes:
        hours: the simulated time.
        jobs: the number of jobs.
        published: the number of events that they had.
        requests: the number of requests.
        missing: how many events were not yielded.
        repeated: how many were yielded again.
        out_of_order: how many came before an older one of the same job.
    """

    hours: float
    jobs: int
    published: int = 0
    requests: int = 0
    missing: int = 0
    repeated: int = 0
    out_of_order: int = 0


@dataclass
class _Server:
    """Jobs whose statuses and events follow from the time; a share of the requests fails."""

    clock: _Clock
    hours: float
    count: int
    rng: random.Random = field(default_factory=lambda: random.Random(13))
    requests: int = 0

    def __post_init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.jobs = []
        for number in range(self.count):
            job_id = f"ftjob-{number}"
            end = _START + self.rng.uniform(0.02, 0.98) * self.hours * _HOUR
            times = [_START + 1, *self._times(end), end, end + _LATE]
            self.ends[job_id] = end
            self.events[job_id] = [self._event(job_id, n, at) for n, at in enumerate(sorted(times))]
            request = {"model": _MODEL, "training_file": "file-1"}
            self.jobs.append(job_object(job_id, _START - number, request))

    def _times(self, end: float) -> list[float]:
        times, at = [], _START + 1
        while (at := at + self.rng.expovariate(1 / _STEP_OF_EVENTS)) < end:
            # Several events have the same second, as metrics do.
            times += [at] * self.rng.choice((1, 1, 1, 3))
        return times

    @staticmethod
    def _event(job_id: str, number: int, at: float) -> dict[str, Any]:
        event = {"id": f"{job_id}-event-{number:05}", "object": "fine_tuning.job.event", "level": "info"}
        return {**event, "created_at": int(at), "message": f"event {number}", "type": "message", "at": at}

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Return a response, or fail."""
        self.requests += 1
        if self.rng.random() < _SHARE_OF_FAULTS:
            fault = self.rng.randrange(5)
            if fault == 0:
                raise httpx.ReadError("reset", request=request)
            if fault == 1:
                raise httpx.ReadTimeout("slow", request=request)
            return (
                httpx.Response(503, json={"error": {"message": "busy"}}),
                httpx.Response(429, json={"error": {"message": "slow down"}}),
                httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"}),
            )[fault - 2]
        parts = request.url.path.removeprefix("/v1/fine_tuning/jobs").strip("/").split("/")
        if parts == [""]:
            return self._page([self._job(job) for job in self.jobs], request)
        job_id = parts[0]
        if parts[1:] == ["events"]:
            known = self.events[job_id]
            published = known[: bisect_right(known, self.clock.now, key=lambda event: event["at"])]
            return self._page(published[::-1], request)
        return httpx.Response(200, content=json.dumps(self._job(self.jobs[int(job_id[6:])])))

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        return {**job, "status": "succeeded" if self.clock.now >= self.ends[job["id"]] else "running"}

    @staticmethod
    def _page(items: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
        query = request.url.params
        ids = [item["id"] for item in items]
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        end = start + int(query.get("limit", "20"))
        page = {"object": "list", "data": items[start:end], "has_more": end < len(items)}
        return httpx.Response(200, content=json.dumps(page))


def follow_jobs(jobs: int, hours: float, *, is_async: bool) -> Following:
    """Follow jobs that end within some hours; compare the yielded with the published events."""
    clock = _AsyncClock() if is_async else _Clock()
    server = _Server(clock, hours, jobs)
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "clock": clock,
        "retry": RetryPolicy(max_attempts=8),
    }
    ids = list(server.ends)
    follow: Callable[[], list[Any]]
    if is_async:

        async def follow_all() -> list[Any]:
            http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond))
            client = AsyncFineTuning(http_client=http, **options)
            return [event async for event in client.jobs.follow_all(ids, poll_interval=_INTERVAL)]

        follow = lambda: asyncio.run(follow_all())  # noqa: E731  one of two
    else:
        http = httpx.Client(transport=httpx.MockTransport(server.respond))
        client = FineTuning(http_client=http, **options)
        follow = lambda: list(client.jobs.follow_all(ids, poll_interval=_INTERVAL))  # noqa: E731  one of two
    yielded = [_event_of(item) for item in follow()]
    found = Following(hours, jobs, sum(map(len, server.events.values())), server.requests)
    counts = Counter(yielded)
    found.missing = found.published - len(counts)
    found.repeated = sum(counts.values()) - len(counts)
    last: dict[str, str] = {}
    for event_id in yielded:
        job_id = event_id.partition("-event-")[0]
        found.out_of_order += event_id < last.get(job_id, "")
        last[job_id] = event_id
    return found


def _event_of(item: Any) -> str:
    """Return the id of the event in an item, which may also have the job."""
    event = item[1] if isinstance(item, tuple) else item
    return str(event.id)
