"""The client and the emulator give the same verdict for each file of one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetuning_client.data import check
from finetuning_emulator.simulation.base_models import format_for
from finetuning_emulator.simulation.dataset import Dataset, read_dataset
from finetuning_emulator.simulation.job_error import JobError

from .examples import File
from .tables import FAULTS, GOOD

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"


def in_emulator(path: Path, file: File) -> Dataset | JobError:
    """Read a file as the emulator does for a job."""
    return read_dataset(path, format_for(file.method, file.model or "gpt-4o-mini-2024-07-18"), "training")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a data file."""
    return tmp_path / "train.jsonl"


@pytest.mark.parametrize("file", FAULTS, ids=lambda file: file.name)
def test_a_planted_fault_is_found_by_both(path: Path, file: File) -> None:
    """The client reports only this fault, with its line, code and remedy; the emulator refuses the file."""
    path.write_bytes(file.content)
    report = check(path, method=file.method, model=file.model)
    errors = [finding for finding in report.findings if finding.severity == "error"]
    assert [(finding.code, finding.line) for finding in errors] == [(file.code, file.line)], report.table()
    assert not report.ok
    (error,) = errors
    assert error.text
    assert error.hint
    assert error.service_code in ("invalid_training_file", "invalid_n_examples")
    assert error.example is None or error.example <= error.line
    found = in_emulator(path, file)
    assert isinstance(found, JobError), found
    assert found.code == error.service_code, found.message


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_a_good_unusual_file_passes_both(path: Path, file: File) -> None:
    """Neither refuses it, and both count the same number of examples."""
    path.write_bytes(file.content)
    report = check(path, method=file.method, model=file.model)
    assert report.ok, report.table()
    found = in_emulator(path, file)
    assert isinstance(found, Dataset), found
    assert report.examples == report.stats.examples == found.examples == 12


def test_both_count_similar_tokens_for_the_example_dataset() -> None:
    """The client's estimate is within a tenth of the tokens that the emulator bills for an epoch."""
    for name in ("support_triage_train.jsonl", "support_triage_valid.jsonl"):
        path = DATA / name
        report = check(path, model="gpt-4o-mini-2024-07-18")
        found = in_emulator(path, File(name, b""))
        assert isinstance(found, Dataset)
        assert abs(report.stats.tokens - found.tokens) < 0.1 * found.tokens


def test_the_tables_are_large_enough() -> None:
    """There are ninety faults and forty good files, each with its own name."""
    assert len({file.name for file in FAULTS}) == len(FAULTS) >= 90
    assert len({file.name for file in GOOD}) == len(GOOD) >= 40
