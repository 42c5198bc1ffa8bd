"""The control endpoints below /_emulator, for programs on the same machine."""

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


def state_for(emulator: Emulator, host: str, **headers: str) -> httpx.Response:
    """Return the response to a request for the state from this host."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=emulator.app, client=(host, 123))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get(CONTROL, headers=headers)

    return asyncio.run(call())


def test_the_state_can_be_read(caller: Caller) -> None:
    """The state has the time, the jobs, the pending scenarios, and the faults with their hits."""
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
def test_a_bad_control_request_is_refused(caller: Caller, path: str, body: Any) -> None:
    """The response is the error envelope, and the request has no effect."""
    before = caller.ask("GET", CONTROL)
    assert caller.refused(400, "POST", f"{CONTROL}/{path}", json=body)["message"]
    assert caller.ask("GET", CONTROL) == before


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/x", 404), ("PUT", "", 405), ("GET", "s", 404)]
)
def test_other_control_paths_do_not_exist(caller: Caller, method: str, path: str, status: int) -> None:
    """Unknown paths are 404, and other methods 405."""
    caller.refused(status, method, CONTROL + path)


def test_only_programs_on_this_machine_need_no_key(emulator: Emulator) -> None:
    """Programs on other machines need a key, as for the API."""
    assert state_for(emulator, "127.0.0.1").status_code == 200
    assert state_for(emulator, "::1").status_code == 200
    assert state_for(emulator, "192.0.2.7").status_code == 401
    assert state_for(emulator, "testclient").status_code == 401
    assert state_for(emulator, "192.0.2.7", authorization="Bearer k").status_code == 200


def test_no_header_changes_the_address_of_a_client() -> None:
    """Only the address of the connection counts."""
    with Emulator() as emulator:
        url = emulator.base_url.replace("/v1", "/_emulator")
        response = httpx.get(url, headers={"X-Forwarded-For": "192.0.2.7"}, trust_env=False)
        assert response.status_code == 200


@pytest.mark.parametrize("way", ["python", "endpoint"])
def test_a_reset_leaves_nothing(tmp_path: Path, way: str) -> None:
    """No file, job, model, scenario, fault or stored byte is left, and the clock restarts."""
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


def test_a_job_that_is_being_created_during_a_reset_is_refused(
    emulator: Emulator, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would become the first job of the next test."""
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat())}
    read = jobs._read_and_plan

    def interrupted(*arguments: Any) -> Any:
        found = read(*arguments)
        emulator.reset()
        return found

    monkeypatch.setattr(jobs, "_read_and_plan", interrupted)
    caller.refused(409, "POST", "/fine_tuning/jobs", json=body)
    assert caller.get("/fine_tuning/jobs")["data"] == []
