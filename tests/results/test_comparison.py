"""`compare()` shows the differences between jobs, and their curves in shared charts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import AsyncFineTuning, FineTuning, InvalidRequestError, Job
from finetuning_client.archive import Archive
from finetuning_client.results import Comparison, compare
from finetuning_emulator import Emulator

from .conftest import noisy, snapshot


def two() -> Comparison:
    """Return a comparison of two jobs that differ in their epochs and curves."""
    rows = [noisy(steps, train_loss=lambda x: 2 - x) for steps in (20, 40)]
    methods = [{"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": n}}} for n in (2, 4)]
    return compare(
        [
            snapshot(one, id=f"ftjob-{i}", user_provided_suffix=f"run-{i}", method=method, seed=7)
            for i, (one, method) in enumerate(zip(rows, methods, strict=True))
        ]
    )


def test_the_table_has_only_the_differences() -> None:
    """With `everything` it has all properties."""
    found = {row["property"]: row for row in two().table()}
    assert found["n_epochs"] == {"property": "n_epochs", "run-0": 2, "run-1": 4}
    assert found["steps"]["run-1"] == 40 and "seed" not in found and "model" not in found
    assert {"seed", "model"} <= {row["property"] for row in two().table(everything=True)}
    assert str(two()).splitlines()[0].split() == ["run-0", "run-1"]


def test_jobs_with_one_suffix_are_named_by_their_ids() -> None:
    """Equal ids are numbered."""
    assert compare([snapshot(id="a"), snapshot(id="b")]).names == ["a", "b"]
    assert compare([snapshot(id="a"), snapshot(id="a")]).names == ["1: a", "2: a"]


def test_equal_jobs_do_not_differ(tmp_path: Path) -> None:
    """The page states that they do not differ."""
    found = compare([snapshot()])
    assert found.table() == []
    assert "do not differ" in found.report(tmp_path / "page.html").read_text()


def test_the_page_and_the_notebook_have_the_table_and_the_curves(tmp_path: Path) -> None:
    """A shared chart has one curve for each job."""
    page = two().report(tmp_path / "page.html").read_text()
    assert page.count("<svg") == 1 and page.count('class="s1"') and page.count('class="s2"')
    assert "n_epochs" in page and "run-1" in page
    shown = two()._repr_html_()
    assert "n_epochs" in shown and "data:image/svg+xml" in shown


def test_live_and_archived_jobs_are_compared(
    client: FineTuning, created: dict[str, Job], tmp_path: Path
) -> None:
    """Handles are read, and the result is the same."""
    jobs = [client.jobs.retrieve(created[name].id) for name in ("supervised", "dpo")]
    client.archive(tmp_path / "saved")
    archived = [Archive(tmp_path / "saved").jobs.retrieve(job.id) for job in jobs]
    assert compare(jobs).table() == compare(archived).table() != []


def test_asynchronous_jobs_are_compared_by_their_snapshots(
    emulator: Emulator, created: dict[str, Job]
) -> None:
    """An async handle is refused with a message that suggests its snapshot."""

    async def run() -> Comparison:
        async with AsyncFineTuning(base_url=emulator.base_url, api_key="anything") as other:
            handles = [await other.jobs.retrieve(created[name].id) for name in ("supervised", "dpo")]
            with pytest.raises(InvalidRequestError, match=r"compare\(\[await job\.snapshot\(\)"):
                compare(handles)  # type: ignore[arg-type]
            return compare([await handle.snapshot() for handle in handles])

    assert asyncio.run(run()).table()


@pytest.mark.parametrize("jobs", ["ftjob-1", [], [5], None, {"a": 1}])
def test_a_value_that_is_not_a_list_of_jobs_is_refused(jobs: Any) -> None:
    """The error names the argument."""
    with pytest.raises(InvalidRequestError, match="jobs: must be"):
        compare(jobs)
