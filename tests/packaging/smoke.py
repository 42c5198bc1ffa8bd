"""Smoke test that `make build` runs on the installed wheel in an empty environment."""

import sys
import tempfile
from pathlib import Path

import finetuning_api
from finetuning_client import FineTuning

MESSAGES = '[{"role": "user", "content": "%d"}, {"role": "assistant", "content": "x"}]'


def run_job() -> str:
    """Run one job against the emulator; return its final status."""
    from finetuning_emulator import Emulator

    with tempfile.TemporaryDirectory() as directory, Emulator(speed=float("inf")) as emulator:
        data = Path(directory, "train.jsonl")
        lines = (f'{{"messages": {MESSAGES % number}}}\n' for number in range(12))
        data.write_text("".join(lines), encoding="utf-8")
        client = FineTuning(api_key="offline", base_url=emulator.base_url)
        job = client.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data)
        return str(job.wait().status)


def main() -> None:
    """Fail with a traceback if a file that users need was not shipped."""
    print(f"imported {finetuning_api.__name__} and {FineTuning.__name__}")
    if "--emulator" in sys.argv:
        print(f"a job against the emulator: {run_job()}")


if __name__ == "__main__":
    main()
