"""`finetuning data`: the group, and its commands that read a dataset."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import exit_codes
from ..columns import Column, attributes
from ..declarations import Group, command, output_option
from ..input_file import StandardInput, read_json_file
from ..output import Output, write_list, write_one, write_text
from ..terminal import printable

if TYPE_CHECKING:
    from finetuning_client.data import DatasetReport

    from ..invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])

data = Group(
    "data",
    help="Check, count, price, split, convert and repair datasets, without a server.",
    examples=("finetuning data check train.jsonl", "finetuning data convert data.csv --to train.jsonl"),
    members={
        "check": "data:check",
        "stats": "data:stats",
        "cost": "data:cost",
        "split": "data_making:split",
        "dedupe": "data_making:dedupe",
        "sample": "data_making:sample",
        "convert": "data_making:convert",
        "repair": "data_making:repair",
    },
)

_FINDINGS = attributes(
    "line", "example", "message", "code", "severity", "hint", "text", "path", "service_code", "file"
)


_method_option = click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    default="supervised",
    show_default=True,
    help="The training method that the file is for.",
)


def _data_options(function: F) -> F:
    """Add the argument FILE and the options for its method and model."""
    options = [
        click.argument("path", type=click.Path(allow_dash=True)),
        _method_option,
        click.option("--model", metavar="NAME", help="The model that the file is for."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _source(path: str) -> Any:
    return StandardInput() if path == "-" else path


@command(
    "check",
    "finetuning data check train.jsonl",
    "finetuning data check train.jsonl --validation valid.jsonl --model gpt-4o-mini-2024-07-18",
    "finetuning data check train.jsonl --method reinforcement --grader grader.json --output json",
    connects=False,
)
@_data_options
@click.option(
    "--validation",
    metavar="PATH",
    help="A validation file, which is checked too and compared with the dataset.",
)
@click.option("--grader", metavar="PATH", help="For reinforcement: a JSON file with the grader.")
@output_option(_FINDINGS)
@click.pass_obj
def check(
    invocation: Invocation,
    path: str,
    method: str,
    model: str | None,
    validation: str | None,
    grader: str | None,
    output: Output,
) -> int:
    """Find everything that is wrong with a dataset, before it costs anything. Use - for standard input.

    Exits with 0 if the service would accept the file, 1 if not. Each finding has the keys line,
    example, message, code, severity (error, warning or note) and hint.
    """
    from finetuning_client.data import check as check_file

    report = check_file(
        _source(path),
        method=method,
        model=model,
        grader=read_json_file(grader) if grader else None,
        validation=validation,
    )
    if output == "table":
        write_text("\n".join(printable(line) for line in report.table().splitlines()))
    else:
        write_list(output, report.findings)
        _note_more(invocation, report)
    return exit_codes.OK if report.ok else exit_codes.REFUSED


def _note_more(invocation: Invocation, report: DatasetReport) -> None:
    """Note which findings were counted, but are not listed."""
    codes = [finding.code for finding in report.findings]
    for code, count in report.counts.items():
        if more := count - codes.count(code):
            invocation.note(f"{more} more of {code}")


_COUNTS = ("method", "examples", "messages_by_role", "tokens", "tokens_low", "tokens_high", "tokenizer")
_STATISTICS = [
    *attributes(*_COUNTS, "images", "tools"),
    *(
        Column(f"length_{name}", attrgetter(f"lengths.{name}"))
        for name in ("minimum", "median", "p95", "maximum")
    ),
    *attributes("cut"),
]
_COST = [
    *attributes("low", "expected", "high", "currency", "model", "method", "examples", "tokens", "tokenizer"),
    *attributes("epochs", "trained_tokens", "hours", "assumptions", "price"),
]


@command("stats", "finetuning data stats train.jsonl", connects=False)
@_data_options
@output_option(_STATISTICS)
@click.pass_obj
def stats(invocation: Invocation, path: str, method: str, model: str | None, output: Output) -> int:
    """Count examples, messages, tokens, images and tools. Use - for standard input."""
    from finetuning_client.data import check as check_file

    report = check_file(_source(path), method=method, model=model)
    write_one(output, report.stats)
    if not report.ok:
        invocation.note(f"the file has errors: run finetuning data check {path}", "yellow")
    return exit_codes.OK


@command(
    "cost",
    "finetuning data cost train.jsonl --model gpt-4o-mini-2024-07-18 --epochs 3",
    "finetuning data cost train.jsonl --model my-model --prices prices.json",
    connects=False,
)
@click.argument("path", type=click.Path(allow_dash=True))
@click.option("--model", metavar="NAME", required=True, help="The model to be trained.")
@_method_option
@click.option("--epochs", metavar="N", help="Number of epochs, or auto.  [default: auto]")
@click.option("--prices", metavar="PATH", help="A JSON file with your own prices.")
@output_option(_COST)
def cost(path: str, model: str, method: str, epochs: str | None, prices: str | None, output: Output) -> None:
    """Estimate what a job on a dataset will cost, as a range. Use - for standard input."""
    from finetuning_client.data import check as check_file
    from finetuning_client.data import cost as cost_of

    report = check_file(_source(path), method=method, model=model)
    found = cost_of(report, model=model, method=method, epochs=_epochs(epochs), prices=prices)
    if output == "table":
        write_text("\n".join(printable(line) for line in found.table().splitlines()))
        return
    write_one(output, found)


def _epochs(text: str | None) -> Any:
    if text is None or text == "auto":
        return text
    if not text.isdecimal():
        raise click.BadParameter(f"{text!r} is neither a number nor auto", param_hint="--epochs")
    return int(text)
