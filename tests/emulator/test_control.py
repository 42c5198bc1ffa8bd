"""What only the emulator has: seen and set under /_emulator, by programs of this machine."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_emulator import Clock, Emulator
from finetuning_emulator.operations import jobs

from .conftest import CONTROL, Caller, chat


def asked_from(emulator: Emulator, host: str, **headers: str) -> httpx.Response:
    """The state of the emulator, as a client at this address is given it."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=emulator.app, client=(host, 123))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get(CONTROL, headers=headers)

    return asyncio.run(call())


def test_the_state_is_there_to_see(caller: Caller) -> None:
    """The time, the jobs, and what has been asked to happen, with how often it did."""
    caller.create(chat())
    caller.ask("POST", f"{CONTROL}/scenarios", json={"fail_at_step": 3, "times": 2})
    caller.ask("POST", f"{CONTROL}/faults", json={"kind": "rate_limit", "times": None})
    assert caller.call("GET", "/models").status_code == 429
    before = caller.ask("GET", CONTROL)
    after = caller.ask("POST", f"{CONTROL}/clock", json={"hours": 2, "seconds": 1})
    assert after["now"] == before["now"] + 7201
    assert (after["speed"], after["jobs"]) == (0, 1)
    assert after["scenarios"] == [{"times": 2, "fail_at_step": 3}]
    assert after["faults"] == [{"kind": "rate_limit", "times": None, "hits": 1}]
    assert caller.ask("DELETE", f"{CONTROL}/faults")["faults"] == []
    assert caller.call("GET", "/models").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "explode"}),
        ("faults", {"kind": "error", "operation": "nothing"}),
        ("faults", {}),
        ("scenarios", {"fail_at_step": -1}),
        ("scenarios", {"fail_at_stpe": 1}),
        ("scenarios", {"times": 0}),
        ("clock", {"hours": -1}),
        ("clock", {"days": 1}),
        ("clock", []),
    ],
)
def test_what_makes_no_sense_is_refused(caller: Caller, path: str, body: Any) -> None:
    """In the error envelope, and without effect."""
    before = caller.ask("GET", CONTROL)
    assert caller.refused(400, "POST", f"{CONTROL}/{path}", json=body)["message"]
    assert caller.ask("GET", CONTROL) == before


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/x", 404), ("PUT", "", 405), ("GET", "s", 404)]
)
def test_other_paths_are_not_there(caller: Caller, method: str, path: str, status: int) -> None:
    """As everywhere."""
    caller.refused(status, method, CONTROL + path)


def test_only_programs_of_this_machine_need_no_key(emulator: Emulator) -> None:
    """Others are asked for one, as for everything."""
    assert asked_from(emulator, "127.0.0.1").status_code == 200
    assert asked_from(emulator, "::1").status_code == 200
    assert asked_from(emulator, "192.0.2.7").status_code == 401
    assert asked_from(emulator, "testclient").status_code == 401
    assert asked_from(emulator, "192.0.2.7", authorization="Bearer k").status_code == 200


def test_no_header_makes_a_stranger_a_program_of_this_machine() -> None:
    """A server believes what the connection says, not what the request does."""
    with Emulator() as emulator:
        url = emulator.base_url.replace("/v1", "/_emulator")
        answer = httpx.get(url, headers={"X-Forwarded-For": "192.0.2.7"}, trust_env=False)
        assert answer.status_code == 200


@pytest.mark.parametrize("way", ["python", "endpoint"])
def test_a_reset_leaves_nothing(tmp_path: Path, way: str) -> None:
    """No file, job, model, scenario, fault or byte, and the time is that of the beginning."""
    state = tmp_path / "state.db"
    clock = Clock(speed=0, start=1_700_000_000_000)
    with closing(Emulator(state=state, clock=clock)) as emulator, Caller(emulator) as caller:
        fresh = caller.ask("GET", CONTROL)
        job = caller.create(chat(), metadata={"team": "nlp"})
        caller.finished(job)
        emulator.scenario(stay_queued=True)
        emulator.fault("html", operation="cancelUpload")
        if way == "python":
            emulator.reset()
        else:
            caller.ask("DELETE", CONTROL)
        assert caller.ask("GET", CONTROL) == fresh
        for path in ("/files", "/fine_tuning/jobs", "/fine_tuning/jobs?metadata[team]=nlp"):
            assert caller.get(path)["data"] == []
        assert not [model for model in caller.get("/models")["data"] if model["id"].startswith("ft:")]
        caller.refused(404, "GET", f"/fine_tuning/jobs/{job}")
        assert list(Path(f"{state}.files").iterdir()) == []
        assert caller.finished(caller.create(chat()))["status"] == "succeeded"


def test_a_job_that_was_being_created_is_not_there_after_a_reset(
    emulator: Emulator, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused, rather than the first job of the next test."""
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat())}
    read = jobs._read_and_plan

    def interrupted(*arguments: Any) -> Any:
        found = read(*arguments)
        emulator.reset()
        return found

    monkeypatch.setattr(jobs, "_read_and_plan", interrupted)
    caller.refused(409, "POST", "/fine_tuning/jobs", json=body)
    assert caller.get("/fine_tuning/jobs")["data"] == []
