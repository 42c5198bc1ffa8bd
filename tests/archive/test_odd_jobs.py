"""Jobs, ids and values of any kind are saved as the server sent them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import (
    FineTuning,
)
from finetuning_client.archive.format import decoded, is_whole, log_path, to_line

from .conftest import StillClock


class OddServer:
    """A server of odd jobs, events without fields, and ids that are not file names."""

    IDS = (
        *("ftjob-a", "FTJOB-A", "..", "../../etc/passwd", "a/b", "con", "nul.txt", "x" * 500, "ä ö", "a\\b"),
        *("job:1", "trailing.", "%2e%2e", "gs%3A%2F%2Fb%2Ft"),
    )

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Return the requested page."""
        path = request.url.raw_path.decode().partition("?")[0]
        if path == "/v1/fine_tuning/jobs":
            jobs = [{"id": i, "status": "COMPLETED_WELL", "weights": [1, None]} for i in self.IDS]
            return httpx.Response(200, json={"data": [] if "after" in request.url.params else jobs})
        if path.endswith("/events"):
            content = (
                b'{"data": [{"id": "e1", "data": {"train_loss": NaN}, "more": 12345678901234567890123}]}'
            )
            return httpx.Response(200, content=b'{"data": []}' if "after" in request.url.params else content)
        return httpx.Response(404, json={"detail": "Not Found"})


def test_odd_jobs_are_saved_unchanged(tmp_path: Path) -> None:
    """Unknown statuses, missing fields, NaN and infinity, and ids that are not file names are saved."""
    server = OddServer()
    with httpx.Client(transport=httpx.MockTransport(server.respond)) as http:
        client = FineTuning(api_key="k", base_url="https://api.test/v1", http_client=http, clock=StillClock())
        archive = client.archive(tmp_path / "root" / "a")
    assert archive.verify()
    assert [job.id for job in archive.jobs] == list(server.IDS)
    assert archive.jobs[0].to_dict() == {"id": "ftjob-a", "status": "COMPLETED_WELL", "weights": [1, None]}
    for job in archive.jobs:
        if job.id in ("..", "ä ö") or "/" in job.id or "\\" in job.id:
            continue
        (event,) = job.list_events()
        assert repr(event.to_dict()["data"]) == "{'train_loss': nan}"
        assert event.to_dict()["more"] == 12345678901234567890123
    assert {path.name for path in tmp_path.iterdir()} == {"root"}
    logs = list((tmp_path / "root" / "a" / "jobs").iterdir())
    assert len({path.name.lower() for path in logs}) == len(server.IDS)


def test_events_that_cannot_be_fetched_are_noted(tmp_path: Path) -> None:
    """The archive distinguishes a job without events from one whose events could not be fetched."""
    jobs = [{"id": f"ftjob-{n}", "object": "fine_tuning.job", "status": "succeeded"} for n in range(3)]

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs"):
            return httpx.Response(200, json={"data": jobs, "has_more": False})
        if request.url.path.endswith(("/ftjob-1/events", "/ftjob-1/checkpoints")):
            return httpx.Response(200, json={"data": [], "has_more": False})
        return httpx.Response(404, json={"detail": "Not Found"})

    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        client = FineTuning(api_key="k", base_url="https://api.test/v1", http_client=http, clock=StillClock())
        for _ in range(2):
            archive = client.archive(tmp_path / "a")
            assert "events or checkpoints of 2 of 3 jobs were not saved" in " ".join(archive.notes)
    assert archive.verify()


@given(st.text())
def test_the_log_of_any_id_has_a_safe_name(job_id: str) -> None:
    """The name is short and lower case, with characters that every file system allows."""
    name = Path(log_path(job_id)).name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert 10 < len(name) < 100
    assert Path(log_path(job_id)).parent == Path("jobs")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON)
def test_a_line_is_read_unchanged_and_every_changed_byte_is_detected(value: Any) -> None:
    """Any JSON value from a server makes such a line."""
    line = to_line({"event": value})
    assert line.count(b"\n") == 1
    assert is_whole(line)
    assert decoded(line)["event"] == value
    for place in range(len(line)):
        assert not is_whole(line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :])
    assert not any(is_whole(line[:size]) for size in range(len(line)))
