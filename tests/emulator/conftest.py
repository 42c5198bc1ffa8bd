"""An in-process emulator whose clock stands still, and a client to call it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Self

import httpx
import pytest

from finetuning_emulator import Emulator

BASE = "https://api.openai.com/v1"
CONTROL = "https://api.openai.com/_emulator"
MODEL = "gpt-4o-mini-2024-07-18"
METRICS = re.compile(r"Step (\d+)/(\d+): training loss=(\d+\.\d\d)")


class Caller:
    """Calls an emulator in-process."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=emulator.app),
            base_url=BASE,
            headers={"Authorization": "Bearer sk-test"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def unchecked(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request whose response the contract does not document."""
        return self._runner.run(self._client.request(method, path, **request))

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request; the response may be a refusal."""
        response = self.unchecked(method, path, **request)
        assert response.headers["x-finetuning-emulator"] == "simulated"
        assert response.headers["x-request-id"].startswith("req_")
        return response

    def ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send a request that must succeed; return its JSON."""
        response = self.call(method, path, **request)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def refused(self, status: int, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send a request that must be refused with this status; return the error."""
        response = self.call(method, path, **request)
        assert response.status_code == status, response.text
        error: dict[str, Any] = response.json()["error"]
        return error

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Send a GET; return its JSON."""
        return self.ask("GET", path, params=params)

    def upload(self, content: bytes, name: str = "data.jsonl", purpose: str = "fine-tune") -> str:
        """Upload a file; return its id."""
        form = {"files": {"file": (name, content)}, "data": {"purpose": purpose}}
        return str(self.ask("POST", "/files", **form)["id"])

    def create(self, training: bytes, validation: bytes | None = None, **fields: Any) -> str:
        """Upload the data and create a job with it; return the id of the job."""
        body = {"model": MODEL, "training_file": self.upload(training), "seed": 7, **fields}
        if validation is not None:
            body["validation_file"] = self.upload(validation)
        return str(self.ask("POST", "/fine_tuning/jobs", json=body)["id"])

    def job(self, identifier: str) -> dict[str, Any]:
        """Return the current state of a job."""
        return self.get(f"/fine_tuning/jobs/{identifier}")

    def events(self, identifier: str) -> list[dict[str, Any]]:
        """Return all events of a job, oldest first."""
        path = f"/fine_tuning/jobs/{identifier}/events"
        found: list[dict[str, Any]] = []
        page = self.get(path, limit=1000)
        while True:
            found += page["data"]
            if not page["has_more"]:
                return found[::-1]
            page = self.get(path, limit=1000, after=found[-1]["id"])

    def finished(self, identifier: str) -> dict[str, Any]:
        """Return a job after one day."""
        self.emulator.advance(hours=24)
        return self.job(identifier)


def jsonl(examples: Sequence[Any]) -> bytes:
    """Return examples as JSON Lines."""
    return "".join(json.dumps(example) + "\n" for example in examples).encode()


def chat(count: int = 20, words: int = 8) -> bytes:
    """Return a good file of conversations, all different."""
    return jsonl(
        [
            {
                "messages": [
                    {"role": "system", "content": "Answer in a few words."},
                    {"role": "user", "content": f"Question {number}?"},
                    {"role": "assistant", "content": f"Answer {number}: " + "word " * words},
                ]
            }
            for number in range(count)
        ]
    )


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until the test moves it."""
    emulator = Emulator(speed=0)
    yield emulator
    emulator.close()


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of that emulator."""
    with Caller(emulator) as caller:
        yield caller
