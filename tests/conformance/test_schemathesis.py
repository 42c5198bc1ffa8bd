"""Schemathesis tests all operations, alone and in sequences, and finds no failure.

`CONFORMANCE=whole` in the environment, as `make conformance` sets it, adds the coverage phase: some 4,000
requests with values at and just beyond every limit of every schema.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from finetuning_emulator import Emulator

HERE = Path(__file__).parent
IS_WHOLE = os.environ.get("CONFORMANCE") == "whole"
PHASES = "examples,coverage,fuzzing,stateful" if IS_WHOLE else "examples,fuzzing,stateful"
KEY = {"Authorization": "Bearer sk-admin-conformance"}


def create_objects(client: httpx.Client) -> dict[str, str]:
    """Create one object of each kind; return their identifiers."""
    example = {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]}
    content = (json.dumps(example) + "\n") * 10
    form = {"purpose": "fine-tune"}
    file = client.post("/files", files={"file": ("a.jsonl", content)}, data=form).json()["id"]
    body = {"model": "gpt-4o-mini-2024-07-18", "training_file": file}
    job = client.post("/fine_tuning/jobs", json=body).json()["id"]
    tuned = client.get(f"/fine_tuning/jobs/{job}").json()["fine_tuned_model"]
    upload = {"filename": "b.jsonl", "purpose": "fine-tune", "bytes": 10, "mime_type": "text/jsonl"}
    return {
        "file_id": file,
        "fine_tuning_job_id": job,
        "model": body["model"],
        "fine_tuned_model_checkpoint": tuned,
        "upload_id": client.post("/uploads", json=upload).json()["id"],
    }


def test_schemathesis_finds_no_failure(repository: Path) -> None:
    """The numbers of examples and the seed are fixed; every phase passes."""
    with Emulator(speed=float("inf")) as emulator:
        with httpx.Client(base_url=emulator.base_url, headers=KEY, trust_env=False) as client:
            known = create_objects(client)
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "FINETUNING_CONFORMANCE": json.dumps(known),
        }
        command = [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(HERE / "schemathesis.toml"), "run"),
            *(str(repository / "openapi.yaml"), "--url", emulator.base_url),
            *("--header", f"Authorization: {KEY['Authorization']}"),
            *("--phases", PHASES, "--seed", "7", "--max-examples", "5", "--generation-database", "none"),
            *("--warnings", "off", "--no-color"),
        ]
        done = subprocess.run(
            command, cwd=repository, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    assert "Tested: 25" in done.stdout
    links = re.search(r"API Links: +(\d+) covered", done.stdout)
    assert links is not None
    assert int(links[1]) >= 8
