"""The command lines whose output docs/cli.md shows, run in this order against one emulator.

A line belongs to the command that it begins with. `{job}` and such names stand for the ids that `NAMES` takes
from the output of earlier lines.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["STEPS", "Step"]

_MODEL = "--model gpt-4o-mini-2024-07-18"


class Step(NamedTuple):
    """A line to run.

    Attributes:
        line: the line, as in a shell.
        name: what the first id in its output is called in later lines.
        most: the most lines of output that are shown.
        answer: the standard input.
    """

    line: str
    name: str = ""
    most: int = 40
    answer: str = ""


STEPS = (
    Step("finetuning --version"),
    Step("finetuning doctor"),
    Step("finetuning profiles set local --base-url {base_url} --key none --default"),
    Step("finetuning profiles list"),
    Step("finetuning profiles show local"),
    Step("finetuning files upload train.jsonl", name="training"),
    Step("finetuning files upload valid.jsonl", name="validation"),
    Step("finetuning files list"),
    Step("finetuning files show {training}"),
    Step("finetuning jobs create train.jsonl " + _MODEL + " --n-epochs 1 --suffix first --seed 7 --dry-run"),
    Step("finetuning jobs create {training} " + _MODEL + " --n-epochs 1 --suffix first --seed 7", name="job"),
    Step("finetuning jobs wait {job}"),
    Step("finetuning jobs show {job} --output yaml > job.yaml"),
    Step("cat job.yaml"),
    Step("finetuning jobs create -f job.yaml --set method.n_epochs=2 --set seed=8 --quiet", name="second"),
    Step("finetuning jobs clone {job} --set validation_file={validation} --set suffix=third", name="third"),
    Step("finetuning jobs list"),
    Step("finetuning jobs list --status succeeded --since 'May 1 2026' --output csv"),
    Step("finetuning jobs show {third}"),
    Step("finetuning jobs show ftjob-nothing"),
    Step("finetuning jobs watch {job} | tail -4"),
    Step("finetuning jobs events {third} --limit 3"),
    Step("finetuning jobs metrics {third} --last 3"),
    Step("finetuning jobs metrics {third} --last 2 --output jsonl"),
    Step("finetuning jobs plot {third} --width 70"),
    Step("finetuning checkpoints list {third}"),
    Step("finetuning checkpoints best {third}"),
    Step("finetuning models list --fine-tuned"),
    Step("finetuning emulator --version"),
    Step("finetuning completion fish | tail -1"),
)
