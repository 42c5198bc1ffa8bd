"""The demo runs from the dataset to the name of the fine-tuned model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

QUICKSTART = Path(__file__).resolve().parents[2] / "examples/quickstart.py"


def run_demo(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as a user would, with these environment variables."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_") and k != "LIVE"}
    return subprocess.run(
        [sys.executable, str(QUICKSTART)],
        env={**clean, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_demo_ends_with_a_model_and_its_loss_curve() -> None:
    """The steps are printed in order: check, upload, create, follow, checkpoints, metrics, model."""
    done = run_demo(PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    expected = [
        r"72 chat examples",
        r"24 chat examples",
        r"uploaded as file-\w+ and file-\w+",
        r"Created fine-tuning job: ftjob-",
        r"Fine-tuning job started",
        r"The job has successfully completed",
        r"ftjob-\w+ succeeded",
        r"Checkpoints",
        r"best",
        r"Metrics",
        r"Loss by step",
        "\u00d7 validation loss",
        r"Your model: ft:gpt-4o-mini-2024-07-18:\S+:support-triage:\w{8}$",
    ]
    positions = []
    for line in expected:
        found = re.search(line, done.stdout, re.MULTILINE)
        assert found, f"{line!r} is not in:\n{done.stdout}"
        positions.append(found.start())
    assert positions == sorted(positions)


def test_live_demo_without_a_key_names_the_variable() -> None:
    """It prints one line without a traceback, and its exit status is 1."""
    done = run_demo(LIVE="1", PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
