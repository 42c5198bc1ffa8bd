"""`finetuning data split`, `dedupe`, `sample`, `convert` and `repair`: new data files from others."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..columns import Column, attributes
from ..declarations import command, output_option
from ..output import Output, write_one, write_text

if TYPE_CHECKING:
    from ..invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])

_path_argument = click.argument("path", type=click.Path())
_seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="A different seed selects different examples."
)


def _to_option(name: str) -> Callable[[F], F]:
    return click.option(
        "--to", type=click.Path(), metavar="PATH", help=f"The new file.  [default: DATA.{name}.jsonl]"
    )


_force_option = click.option("--force", "overwrite", is_flag=True, help="Overwrite existing files.")


def _write(invocation: Invocation, done: Any, output: Output, *paths: str) -> None:
    """Write the result of a command; with `--quiet` and no other format, only the new files."""
    if invocation.quiet and output == "table":
        write_text("\n".join(str(getattr(done, name)) for name in paths))
        return
    write_one(output, done)


@command(
    "split",
    "finetuning data split data.jsonl --fraction 0.1",
    "finetuning data split data.jsonl --train train.jsonl --validation valid.jsonl --stratify label",
    connects=False,
)
@_path_argument
@click.option(
    "--train", type=click.Path(), metavar="PATH", help="The training file.  [default: DATA.train.jsonl]"
)
@click.option(
    "--validation",
    type=click.Path(),
    metavar="PATH",
    help="The validation file.  [default: DATA.validation.jsonl]",
)
@click.option(
    "--fraction",
    type=float,
    default=0.1,
    show_default=True,
    help="Share of the examples used for validation.",
)
@click.option("--stratify", metavar="FIELD", help="Keep the proportions of this field's values.")
@_seed_option
@_force_option
@output_option(attributes("train", "train_examples", "validation", "validation_examples"))
@click.pass_obj
def split(invocation: Invocation, /, path: str, output: Output, **options: Any) -> None:
    """Split a dataset into a training and a validation file. Examples with the same prompt stay together."""
    from finetuning_client.data import split as split_file

    done = split_file(path, **options)
    _write(invocation, done, output, "train", "validation")


@command(
    "dedupe",
    "finetuning data dedupe data.jsonl",
    "finetuning data dedupe data.jsonl --by prompt --to clean.jsonl",
    connects=False,
)
@_path_argument
@_to_option("deduped")
@click.option(
    "--by",
    type=click.Choice(["example", "prompt"]),
    default="example",
    show_default=True,
    help="What duplicates have in common.",
)
@_force_option
@output_option(attributes("path", "examples", "removed"))
@click.pass_obj
def dedupe(invocation: Invocation, /, path: str, output: Output, **options: Any) -> None:
    """Write a dataset without its duplicates; the first of each is kept."""
    from finetuning_client.data import dedupe as dedupe_file

    done = dedupe_file(path, **options)
    _write(invocation, done, output, "path")


@command("sample", "finetuning data sample data.jsonl -n 100 --seed 7", connects=False)
@_path_argument
@_to_option("sample")
@click.option(
    "-n", "--number", "n", type=click.IntRange(min=1), metavar="N", required=True, help="How many examples."
)
@_seed_option
@_force_option
@output_option(attributes("path", "examples", "total"))
@click.pass_obj
def sample(invocation: Invocation, /, path: str, output: Output, **options: Any) -> None:
    """Write a random sample of a dataset."""
    from finetuning_client.data import sample as sample_file

    done = sample_file(path, **options)
    _write(invocation, done, output, "path")


@command(
    "convert",
    "finetuning data convert data.csv --prompt question --completion answer",
    "finetuning data convert sharegpt.json --to train.jsonl",
    "finetuning data convert pairs.parquet --preferred chosen --rejected rejected",
    connects=False,
)
@_path_argument
@click.option("--to", type=click.Path(), metavar="PATH", help="The new file.  [default: DATA.jsonl]")
@click.option(
    "--format",
    metavar="NAME",
    help="csv, tsv, json, jsonl, parquet, chat, sharegpt, alpaca, pairs, preference.  [default: detected]",
)
@click.option("--target", metavar="NAME", help="chat, completions, preference or reinforcement.")
@click.option("--prompt", metavar="COLUMN", help="The column with the prompt.")
@click.option("--completion", metavar="COLUMN", help="The column with the answer.")
@click.option("--preferred", metavar="COLUMN", help="The column with the better answer.")
@click.option("--rejected", metavar="COLUMN", help="The column with the worse answer.")
@click.option("--system", metavar="TEXT", help="A system message for examples without one.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="A column to keep, for a grader; repeatable.")
@click.option("--encoding", metavar="NAME", help="The encoding of a text file.")
@_force_option
@output_option(attributes("path", "examples", "container", "layout", "target"))
@click.pass_obj
def convert(invocation: Invocation, /, path: str, output: Output, **options: Any) -> None:
    """Write a training file from other data.

    It reads CSV, JSON and Parquet, in layouts such as ShareGPT, Alpaca, prompts with
    answers, and preferences.
    """
    from finetuning_client.data import convert as convert_file

    done = convert_file(path, **options)
    _write(invocation, done, output, "path")


_MENDED = Column("mended", lambda done: [item.code for item in done.mended], data=attrgetter("mended"))


@command("repair", "finetuning data repair data.jsonl --to clean.jsonl", connects=False)
@_path_argument
@_to_option("repaired")
@click.option("--encoding", metavar="NAME", help="The encoding of the file.")
@_force_option
@output_option([*attributes("path", "examples"), _MENDED])
@click.pass_obj
def repair(invocation: Invocation, /, path: str, output: Output, **options: Any) -> None:
    """Repair what can be repaired in a dataset without guessing.

    It fixes encodings, line endings, stray commas, a JSON array, and examples that span several lines.
    """
    from finetuning_client.data import repair as repair_file

    done = repair_file(path, **options)
    for mending in done.mended:
        invocation.note(str(mending))
    if not done.mended:
        invocation.note("nothing to repair: run finetuning data check and fix by hand what it reports")
    _write(invocation, done, output, "path")
