"""Number of requests needed to wait for a thousand jobs, at once and one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx

from benchmarks.comparison import Aim, Finding
from benchmarks.pages_of_json import job
from finetuning_client import FineTuning, Job

__all__ = ["comparisons"]

_WATCHED = 1_000
_LASTS = 3_600.0
_ALL, _EACH = "wait_all", "wait for each"


def comparisons() -> Iterator[Finding]:
    """Measure waits for a thousand jobs that take an hour: alone in the list, and each among three others."""
    for others in (0, 3):
        among = f", each among {others} newer ones that nobody waits for" if others else ""
        all_at_once = _requests(others + 1, lambda client, jobs: client.jobs.wait_all(jobs))
        one = _requests(others + 1, lambda _, jobs: jobs[0].wait())
        yield Finding(
            title=f"requests while {_WATCHED:,} jobs take an hour{among}",
            values={_EACH: one * _WATCHED, _ALL: all_at_once},
            unit="",
            aims=(Aim("at most a twentieth", lambda count: count[_ALL] <= count[_EACH] / 20),),
        )


class _Clock:
    """Clock on which time passes only by sleeping, which returns at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class _Service:
    """Mock service with a list of jobs, newest first, that all end together; counts its requests."""

    def __init__(self, clock: _Clock, count: int) -> None:
        self._clock = clock
        self._jobs = [{**job(number), "finished_at": None} for number in reversed(range(count))]
        self._places = {str(item["id"]): place for place, item in enumerate(self._jobs)}
        self.asked = 0

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        status = "succeeded" if self._clock.now >= _LASTS else "running"
        name = request.url.path.rsplit("/", 1)[-1]
        if name != "jobs":
            return _json({**self._jobs[self._places[name]], "status": status})
        start = self._places.get(request.url.params.get("after", ""), -1) + 1
        end = start + int(request.url.params["limit"])
        data = [{**item, "status": status} for item in self._jobs[start:end]]
        return _json({"object": "list", "data": data, "has_more": end < len(self._jobs)})


def _json(value: object) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(value))


def _requests(every: int, wait: Callable[[FineTuning, list[Job]], object]) -> int:
    """Return the number of requests of a wait for one in `every` jobs of the list."""
    clock = _Clock()
    service = _Service(clock, _WATCHED * every)
    with httpx.Client(transport=httpx.MockTransport(service.respond)) as http:
        client = FineTuning(api_key="sk-bench", http_client=http, clock=clock)
        jobs = list(client.jobs.list())[::every]
        service.asked = 0
        wait(client, jobs)
    return service.asked
