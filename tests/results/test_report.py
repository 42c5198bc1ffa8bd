"""`job.report()` writes one self-contained page, safe whatever a server sends, and limited in size."""

from __future__ import annotations

import asyncio
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import AsyncFineTuning, FineTuning, InvalidRequestError, Job
from finetuning_client.archive import Archive
from finetuning_client.results import Metrics, Snapshot
from finetuning_client.results.drawing import MOST_POINTS, charts_of
from finetuning_client.results.report import report_page, write_report
from finetuning_emulator import Emulator

from .conftest import METHODS, noisy, snapshot

HOSTILE = (
    '</script><script>alert(1)</script><img src="//evil.test/x" onerror=alert(1)>\x00\ud800 & "quoted" \u202e'
)


class Page(HTMLParser):
    """Elements and text of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        """Return the text of the page, with single spaces as white space."""
        return " ".join(" ".join(self.texts).split())


def events(count: int) -> list[dict[str, Any]]:
    """Return `count` events, newest first as a server lists them: metrics, and a few messages."""
    return [
        {
            "id": f"ftevent-{number}",
            "created_at": 1_700_000_000 + number,
            "level": "info",
            "message": f"Step {number}" if number % 1000 else f"Checkpoint {number}",
            "type": "metrics" if number % 1000 else "message",
        }
        for number in range(count, 0, -1)
    ]


@pytest.mark.parametrize("method", METHODS)
def test_report_is_the_same_for_live_asynchronous_and_archived_jobs(
    client: FineTuning, emulator: Emulator, created: dict[str, Job], method: str, tmp_path: Path
) -> None:
    """Only the time in the last line differs."""
    job = client.jobs.retrieve(created[method].id)

    async def of_async() -> Path:
        async with AsyncFineTuning(base_url=emulator.base_url, api_key="anything") as other:
            return await (await other.jobs.retrieve(job.id)).report(tmp_path / "async.html")

    client.archive(tmp_path / "saved")
    archived = Archive(tmp_path / "saved").jobs.retrieve(job.id)
    paths = [
        job.report(tmp_path / "live.html"),
        asyncio.run(of_async()),
        archived.report(tmp_path / "saved.html"),
    ]
    pages = [re.sub(r"<footer>.*</footer>", "", path.read_text()) for path in paths]
    assert pages[0] == pages[1] == pages[2]


def test_report_has_all_known_data(client: FineTuning, created: dict[str, Job], tmp_path: Path) -> None:
    """It has configuration, curves, checkpoints, events, data and cost, and needs no script for them."""
    job = client.jobs.retrieve(created["supervised"].id)
    text = Page(job.report(tmp_path / "report.html").read_bytes()).text
    facts = [job.id, job.fine_tuned_model, job.training_file, "succeeded", "n epochs 3", "Seed 7"]
    facts += ["supervised.jsonl", "examples 12", f"{job.trained_tokens:,}", f"${job.cost:.2g}", "Overfitting"]
    facts += [c.fine_tuned_model_checkpoint for c in job.list_checkpoints()]
    facts += [event.message for event in job.list_events() if event.type == "message"]
    assert [fact for fact in facts if str(fact) not in text and fact != "Overfitting"] == []


def test_hostile_texts_are_escaped() -> None:
    """Every text from a server is escaped, and no reference leaves the page."""
    hyperparameters = {"n_epochs": HOSTILE, HOSTILE: 1}
    taken = snapshot(
        noisy(20, train_loss=lambda x: 2 - x),
        id=HOSTILE,
        model=HOSTILE,
        status="failed",
        fine_tuned_model=None,
        user_provided_suffix=HOSTILE,
        organization_id=HOSTILE,
        training_file=HOSTILE,
        error={"code": HOSTILE, "message": HOSTILE, "param": HOSTILE},
        metadata={HOSTILE: HOSTILE},
        integrations=[{"type": HOSTILE, "wandb": {"project": HOSTILE}}],
        method={
            "type": "supervised",
            "supervised": {"hyperparameters": hyperparameters, "grader": {HOSTILE: 1}},
        },
        events=[{"id": "e", "message": HOSTILE, "level": HOSTILE, "type": HOSTILE, "created_at": 1}],
        checkpoints=[
            {"id": "c", "step_number": 1, "fine_tuned_model_checkpoint": HOSTILE, "metrics": {HOSTILE: 1}}
        ],
    )
    taken = Snapshot.of(
        taken.job,
        metrics=Metrics(taken.metrics, method=HOSTILE),
        events=taken.events,
        checkpoints=taken.checkpoints,
        data={HOSTILE: {HOSTILE: HOSTILE}},
    )
    content = report_page(taken)
    found = Page(content)
    scripts = [attributes for tag, attributes in found.elements if tag == "script"]
    assert [attributes.get("type") for attributes in scripts] == ["application/json", None]
    names = {name for _, attributes in found.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in {"src", "href"}}
    assert not {"img", "link", "iframe", "base"} & {tag for tag, _ in found.elements}
    assert b"\x00" not in content and "//evil.test/x" in found.text
    policy = next(a["content"] for _, a in found.elements if a.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'")


def test_a_job_of_many_events_has_a_page_of_bounded_size() -> None:
    """Long lists are cut with a note; messages are kept before metrics, which the curves show."""
    rows = noisy(5_000, train_loss=lambda x: 2 - x, valid_loss=lambda x: 2 - x)
    checkpoints = [{"id": f"c{n}", "step_number": n, "metrics": {"train_loss": n}} for n in range(1, 5001)]
    taken = snapshot(rows, events=events(20_000), checkpoints=checkpoints, metadata={"k": "v" * 100_000})
    content = report_page(taken)
    assert len(content) < 2_000_000
    text = Page(content).text
    assert "39 of 20,000 events: the messages and the latest metrics" in text
    assert "Checkpoint 1000 " in text and "Step 19999" in text and "Step 15001" not in text
    assert "events not shown" in text and "The last 100 of 5,000 checkpoints" in text


def test_curves_of_many_points_keep_their_extremes() -> None:
    """A chart has few points, which include the highest and the lowest."""
    rows = noisy(10_000, train_loss=lambda _: 2.0)
    [chart] = charts_of(rows)
    values = [row.train_loss for row in rows if row.train_loss is not None]
    shown = [value for _, value in chart.series[0].curve]
    assert len(shown) <= MOST_POINTS and min(shown) == min(values) and max(shown) == max(values)
    assert (shown[0], shown[-1]) == (values[0], values[-1])


def test_the_points_of_a_page_equal_its_metrics() -> None:
    """The script that shows values reads the same numbers."""
    rows = noisy(50, train_loss=lambda x: 2 - x, train_accuracy=lambda x: x)
    content = report_page(snapshot(rows)).decode()
    data = re.search(r'<script type="application/json" id="curves">(.*?)</script>', content)
    assert data is not None
    losses, _ = json.loads(data.group(1))
    assert [step for step, _ in losses["series"][0]["points"]] == [row.step for row in rows]
    assert [value for _, value in losses["series"][0]["points"]] == pytest.approx(
        [row.train_loss for row in rows], rel=1e-5
    )


@pytest.mark.parametrize(
    "changes", [{}, {"method": None}, {"method": {"type": "new", "new": 5}}, {"created_at": None}]
)
def test_a_job_with_few_fields_has_a_report(changes: dict[str, Any]) -> None:
    """Only the id is required."""
    text = Page(report_page(snapshot(**changes))).text
    assert "ftjob-1" in text and "None" not in text.replace("None: the job has no metrics.", "")


def test_curves_are_called_healthy_only_if_they_can_be_judged() -> None:
    """A job that failed at once has no curves, and curves of a few points are not judged."""

    def page(steps: int) -> str:
        rows = noisy(steps, noise=0.1, train_loss=lambda x: 0.6 + 1.5 * math.exp(-8 * x)) if steps else []
        return report_page(snapshot(rows)).decode()

    assert "None: the job has no metrics." in page(0)
    assert "the metrics of 1 step are too few" in page(1)
    assert "the metrics of 5 steps are too few" in page(5)
    assert "None: the curves look healthy." in page(60)


def test_a_report_is_written_completely_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full, the existing file is kept, and no partial file is left."""
    target = tmp_path / "report.html"
    target.write_text("earlier")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fdopen", full)
        with pytest.raises(InvalidRequestError, match=r"report\.html: cannot be written: No space left"):
            write_report(snapshot(), target)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"] and target.read_text() == "earlier"
    write_report(snapshot(), target)
    assert target.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("path", ["missing/report.html", ".", "nul\0.html", 5])
def test_an_impossible_path_is_refused(path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the path."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidRequestError, match="cannot be written"):
        write_report(snapshot(), path)
