"""`finetuning graders`: trying the graders of reinforcement fine-tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..columns import Column, item_column
from ..declarations import Group, command, output_option
from ..input_file import read_json_file, read_text_file
from ..output import Output, write_one

if TYPE_CHECKING:
    from ..invocation import Invocation

graders = Group(
    "graders",
    help="Run and validate graders.",
    examples=("finetuning graders validate grader.json",),
    members={"run": "graders:run", "validate": "graders:validate"},
)

_grader_argument = click.argument("grader", metavar="GRADER")


def _errors(result: Any) -> list[str]:
    """Return the names of the errors of a grader."""
    found = item_column("errors", "metadata", "errors").read(result)
    return [name for name, value in found.items() if value is True] if isinstance(found, dict) else []


_RESULT = (
    item_column("reward"),
    item_column("sub_rewards"),
    item_column("execution_time", "metadata", "execution_time"),
    Column("errors", _errors),
    item_column("metadata")._replace(unlisted=True),
    item_column("model_grader_token_usage_per_model")._replace(unlisted=True),
)


@command(
    "run",
    "finetuning graders run grader.json --sample 'Paris' --item '{\"answer\": \"Paris\"}'",
    "finetuning graders run grader.json --sample-file output.txt --item-file item.json",
)
@_grader_argument
@click.option("--sample", help="The model output to grade.")
@click.option("--sample-file", metavar="PATH", help="A file with the model output.")
@click.option("--item", metavar="JSON", help="The row of data, a JSON object.")
@click.option("--item-file", metavar="PATH", help="A file with the row.")
@output_option(_RESULT)
@click.pass_obj
def run(
    invocation: Invocation,
    grader: str,
    sample: str | None,
    sample_file: str | None,
    item: str | None,
    item_file: str | None,
    output: Output,
) -> None:
    """Score a model output with a grader. GRADER is a JSON file, or - for standard input."""
    if (sample is None) == (sample_file is None):
        raise click.UsageError("give the model output with either --sample or --sample-file")
    text = read_text_file(sample_file) if sample_file else sample or ""
    row = read_json_file(item_file) if item_file else None if item is None else _object(item)
    done = invocation.client.graders.run(grader=read_json_file(grader), model_sample=text, item=row)
    write_one(output, done.to_dict())


def _object(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"--item is not JSON: {error}") from error


@command("validate", "finetuning graders validate grader.json")
@_grader_argument
@output_option(())
@click.pass_obj
def validate(invocation: Invocation, grader: str, output: Output) -> None:
    """Check the definition of a grader, without running it. Use - for standard input."""
    done = invocation.client.graders.validate(grader=read_json_file(grader)).to_dict()
    invocation.note("the grader is valid")
    fields = [item_column(name) for name in done.get("grader") or {}]
    write_one(Output(output, fields), done.get("grader"))
