"""Mutations: response bodies, webhooks, event cursors and result files with random changes.

Any input is read, or refused with an error of this package; a read object has a repr and can be written.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_client import AsyncFineTuning, FineTuning, FineTuningError, RetryPolicy
from finetuning_client.event_cursor import EventCursor
from finetuning_client.plans.effects import Request, Response
from finetuning_client.plans.failures import error_of
from finetuning_client.plans.responses import read_object
from finetuning_client.results.metrics import read_metrics
from finetuning_client.webhooks import verify

from .service import JOBS, RESULTS, Service

__all__ = ["mutated_bodies", "mutated_inputs"]

_REQUEST = Request({"method": "GET", "url": "/x"})
_NOW = 1_700_000_000.0
_SECRET = "whsec_" + base64.b64encode(b"secret-secret-secret").decode()
# One body in this many is read by the clients; all others only by the functions that read bodies.
_THROUGH_CLIENTS = 40
_PIECES = (
    *(
        b"null",
        b"true",
        b"-1",
        b"1e999",
        b"NaN",
        b"{}",
        b"[]",
        b'""',
        b'"\\ud800"',
        b"[" * 200,
        b'{"a":' * 50,
    ),
    *(b"9" * 400, b"\x00", b"\xff\xfe", b'"object"', b'"error"', b'"id"', b",", b":", b"}", b"\\", b"\r\n"),
)


def _mutated(rng: random.Random, text: bytes) -> bytes:
    """Return the text with a few changes: bytes flipped, pieces removed, repeated, moved or inserted."""
    changed = bytearray(text)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        end = min(at + rng.choice((1, 2, 5, 20, 200)), len(changed))
        match rng.randrange(6):
            case 0 if at < len(changed):
                changed[at] = rng.randrange(256)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end]
            case 3:
                changed[at:end] = rng.choice(_PIECES)
            case 4:
                changed[at:at] = rng.choice(_PIECES)
            case _:
                del changed[at:]
    return bytes(changed)


def _bodies() -> dict[type[Any], bytes]:
    """Return a body for each kind of object that the clients read."""
    service = Service()
    job = {**service.jobs[0], "status": "succeeded", "result_files": ["file-1"], "metadata": {"a": "b"}}
    event = {
        "id": "ftevent-1",
        "object": "fine_tuning.job.event",
        "created_at": 1_700_000_000,
        "level": "info",
        "message": "Step 1/9: training loss=0.5",
        "type": "metrics",
        "data": {"step": 1, "train_loss": 0.5},
    }
    page = {"object": "list", "data": service.jobs[:2], "has_more": False}
    return {
        FineTuningJob: json.dumps(job).encode(),
        FineTuningJobEvent: json.dumps(event).encode(),
        OpenAIFile: json.dumps(service.files[0]).encode(),
        ListPaginatedFineTuningJobsResponse: json.dumps(page).encode(),
    }


def _show(item: Any) -> None:
    repr(item).encode()
    json.dumps(item.to_dict())


def _read(model: type[Any], body: bytes, *, strict: bool) -> None:
    """Read a body as a success, and as an error."""
    response = Response(200, {"content-type": "application/json"}, body)
    try:
        found = read_object(response, _REQUEST, model, strict=strict)
    except FineTuningError as error:
        str(error).encode()
    else:
        _show(found)
    failed = error_of(
        Response(400, {"retry-after": body[:9].decode("latin-1")}, body), _REQUEST, attempts=1, now=_NOW
    )
    str(failed).encode()


class _Clients:
    """Both clients, with this body as the response to every request."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.body = b""
        options: dict[str, Any] = {"api_key": "sk-secret", "retry": RetryPolicy(max_attempts=1)}
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=self.body))
        self._blocking = FineTuning(http_client=httpx.Client(transport=transport), **options)
        self._async = AsyncFineTuning(http_client=httpx.AsyncClient(transport=transport), **options)
        self._runner = runner

    def read(self, body: bytes) -> None:
        """Read the body as the response to several calls."""
        self.body = body
        with suppress(FineTuningError):
            _show(self._blocking.jobs.retrieve(JOBS[0]))
        with suppress(FineTuningError):
            list(self._blocking.jobs.list(limit=3))
        with suppress(FineTuningError):
            self._blocking.files.content("file-1")
        with suppress(FineTuningError):
            _show(self._runner.run(self._retrieve()))

    async def _retrieve(self) -> Any:
        return await self._async.jobs.retrieve(JOBS[0])


def mutated_bodies(count: int, seed: int = 1) -> int:
    """Read `count` mutated bodies. An unexpected exception is raised."""
    rng = random.Random(seed)
    bodies = list(_bodies().items())
    with asyncio.Runner() as runner:
        clients = _Clients(runner)
        for number in range(count):
            model, body = bodies[number % len(bodies)]
            mutated = _mutated(rng, body)
            _read(model, mutated, strict=number % 2 == 1)
            if number % _THROUGH_CLIENTS == 0:
                clients.read(mutated)
    return count


# --- webhooks, cursors, result files ---------------------------------------------------------


def _signed(body: bytes, stamp: str) -> dict[str, str]:
    key = base64.b64decode(_SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, b"id." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": signature}


_EVENT = json.dumps(
    {
        "object": "event",
        "id": "evt_1",
        "type": "fine_tuning.job.succeeded",
        "created_at": 1_700_000_000,
        "data": {"id": "ftjob-1"},
    }
).encode()


def _mutate_webhook(rng: random.Random) -> None:
    """Change the body before it is signed, to be read; or anything afterwards, to be refused."""
    stamp = str(int(_NOW))
    body = _mutated(rng, _EVENT)
    if rng.random() < 0.5:
        repr(verify(_signed(body, stamp), body, _SECRET, now=_NOW))
        return
    headers = _signed(_EVENT, stamp)
    name = rng.choice(list(headers))
    changed = _mutated(rng, headers[name].encode()).decode("latin-1")
    try:
        verify({**headers, name: changed}, _EVENT, _SECRET, now=_NOW)
    except FineTuningError:
        return
    # Base64 and numbers have several notations; their decoded values must be the same.
    assert name != "webhook-id" or changed.strip() == headers[name], changed


def _mutate_cursor(rng: random.Random) -> None:
    text = _mutated(rng, b"ftjob-1/ftevent-1").decode("latin-1")
    cursor = EventCursor.parse(text)
    assert EventCursor.parse(str(cursor)) == cursor
    EventCursor.event_after("ftjob-1", text)


def _mutate_results(rng: random.Random) -> None:
    content = RESULTS if rng.random() < 0.5 else base64.b64encode(RESULTS)
    for row in read_metrics(_mutated(rng, content)):
        repr(row)


_INPUTS: tuple[Callable[[random.Random], None], ...] = (_mutate_webhook, _mutate_cursor, _mutate_results)


def mutated_inputs(count: int, seed: int = 2) -> int:
    """Read `count` mutated webhooks, cursors and result files. An unexpected exception is raised."""
    rng = random.Random(seed)
    for number in range(count):
        try:
            _INPUTS[number % len(_INPUTS)](rng)
        except FineTuningError as error:
            str(error).encode()
    return count
