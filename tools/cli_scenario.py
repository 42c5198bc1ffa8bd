"""The command lines whose output docs/cli.md shows, run in this order against one emulator.

A line is shown with the command that it begins with. Names such as `{job}` stand for ids from the output
of the lines with that `name`.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["SCREENS", "STEPS", "Act", "Screen", "Step"]

_MODEL = "--model gpt-4o-mini-2024-07-18"


_GRADER = (
    '{{"type": "string_check", "name": "exact", "operation": "eq", '
    '"input": "{{{{sample.output_text}}}}", "reference": "{{{{item.answer}}}}"}}'
)


class Step(NamedTuple):
    """A line to run.

    Attributes:
        line: the line, as in a shell.
        name: name by which later lines refer to the first id in its output.
        pattern: regular expression of that id.
        most: largest number of lines of output to show.
        is_shown: whether the page shows it; other lines prepare the state for later ones.
    """

    line: str
    name: str = ""
    pattern: str = r"\b(?:ftjob-|file-)[A-Za-z0-9]+"
    most: int = 40
    is_shown: bool = True


class Act(NamedTuple):
    """Something to do once the screen shows a text.

    Attributes:
        text: a regular expression.
        advance: seconds by which to advance the emulator's clock.
        type: text to type.
    """

    text: str
    advance: float = 0
    type: str = ""


class Screen(NamedTuple):
    """A line to run in a terminal, whose screen the page shows.

    Attributes:
        line: the line; `{job}` and `{second}` are jobs that are running.
        acts: actions while it runs, in order.
        shows: text to wait for after the acts, if the screen is that of the running command.
    """

    line: str
    acts: tuple[Act, ...] = ()
    shows: str = ""


STEPS = (
    Step("finetuning --version"),
    Step("finetuning run train.jsonl --emulate --speed inf --n-epochs 1 --seed 7 --quiet --output json"),
    Step("finetuning data check train.jsonl --validation valid.jsonl"),
    Step("head -3 train.jsonl > short.jsonl"),
    Step("finetuning data check short.jsonl --output jsonl"),
    Step("finetuning data stats train.jsonl"),
    Step("finetuning data cost train.jsonl --model gpt-4o-mini-2024-07-18 --epochs 3"),
    Step("finetuning data split train.jsonl --fraction 0.2 --train most.jsonl --validation rest.jsonl"),
    Step("finetuning data dedupe train.jsonl --by prompt --to unique.jsonl"),
    Step("finetuning data sample train.jsonl -n 20 --to sample.jsonl --output json"),
    Step("printf 'question,answer\nHow are you?,Fine.\n' > data.csv"),
    Step("finetuning data convert data.csv --prompt question --completion answer"),
    Step("finetuning data repair data.jsonl --to clean.jsonl"),
    Step("finetuning doctor"),
    Step("finetuning profiles set local --base-url http://127.0.0.1:8000/v1 --key none --limits none"),
    Step("finetuning profiles list"),
    Step("finetuning profiles show local"),
    Step("finetuning files upload train.jsonl", name="training"),
    Step("finetuning files upload valid.jsonl --quiet", name="validation"),
    Step("finetuning files list"),
    Step("finetuning files show {training} --output json"),
    Step("finetuning jobs create train.jsonl " + _MODEL + " --n-epochs 1 --seed 7 --dry-run"),
    Step("finetuning jobs create {training} " + _MODEL + " --n-epochs 1 --suffix first --seed 7", name="job"),
    Step("finetuning jobs wait {job}"),
    Step("finetuning jobs show {job}"),
    Step("finetuning jobs show {job} --output yaml > job.yaml"),
    Step("cat job.yaml"),
    Step("finetuning jobs create -f job.yaml --set method.n_epochs=2 --set seed=8 --quiet", name="second"),
    Step("finetuning jobs clone {job} --set validation_file={validation} --set suffix=third", name="third"),
    Step("finetuning jobs wait {second} {third}", is_shown=False),
    Step("finetuning jobs list"),
    Step("finetuning jobs list --status succeeded --since 'May 1 2026' --until 2026-12-31 --output csv"),
    Step("finetuning jobs show ftjob-nothing"),
    Step("finetuning jobs watch {job} | tail -4"),
    Step("finetuning jobs events {third} --limit 3"),
    Step("finetuning jobs metrics {third} --last 3"),
    Step("finetuning jobs metrics {third} --last 2 --output csv"),
    Step("finetuning jobs plot {third} --width 70"),
    Step("finetuning jobs report {third} report.html"),
    Step("finetuning jobs compare {job} {third}"),
    Step(
        "finetuning jobs create {training} " + _MODEL + " --metadata emulator.stay_queued=true --quiet",
        name="queued",
        is_shown=False,
    ),
    Step("finetuning jobs cancel {queued}"),
    Step("finetuning jobs cancel {queued} --yes --quiet"),
    Step(
        "finetuning jobs create {training} " + _MODEL + " --metadata emulator.pause_at_step=5 --quiet",
        name="paused",
        is_shown=False,
    ),
    Step("finetuning jobs list --status paused"),
    Step("finetuning jobs resume {paused} --quiet"),
    Step(
        "finetuning jobs create {training} " + _MODEL + " --metadata emulator.stay_queued=true --quiet",
        name="waiting",
        is_shown=False,
    ),
    Step("finetuning jobs pause {waiting}"),
    Step("finetuning checkpoints list {third}"),
    Step("finetuning checkpoints best {third}"),
    Step("finetuning checkpoints best {third} --quiet", name="checkpoint", pattern=r"ft:\S+"),
    Step("finetuning checkpoints share {checkpoint} proj_abc proj_def"),
    Step("finetuning checkpoints permissions {checkpoint}"),
    Step("finetuning checkpoints unshare {checkpoint} proj_def --yes"),
    Step("finetuning models list --fine-tuned"),
    Step("finetuning models show {checkpoint}"),
    Step("finetuning models delete {checkpoint}"),
    Step("finetuning models delete {checkpoint} --yes"),
    Step("echo '" + _GRADER + "' > grader.json"),
    Step("finetuning graders validate grader.json"),
    Step('finetuning graders run grader.json --sample Paris --item \'{{"answer": "Paris"}}\''),
    Step("finetuning archive save jobs-2026"),
    Step("finetuning archive verify jobs-2026"),
    Step("finetuning archive list jobs-2026 --status succeeded"),
    Step("finetuning archive show jobs-2026 {job}"),
    Step("finetuning archive replay jobs-2026 {job} --set seed=9 --quiet"),
    Step("finetuning files download {validation} copy.jsonl"),
    Step("finetuning files delete {validation} --yes"),
    Step("finetuning emulator --version"),
    Step("finetuning completion fish | tail -1"),
    Step("finetuning profiles delete local --yes"),
)

# The first two show running jobs; the last one moves the clock to the end of the jobs.
SCREENS = (
    Screen("finetuning jobs watch {job}", shows=r"running[^$]* 49/72 steps  estimated end"),
    Screen("finetuning jobs watch {job} {second}", shows=r"running  49/72[^$]*running  39/72"),
    Screen(
        "finetuning run train.jsonl --validation-file valid.jsonl --n-epochs 1 --seed 7",
        (Act(r"\[y/N\]", type="y\n"), Act("validating_files", advance=1800)),
    ),
)
