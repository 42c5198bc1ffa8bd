"""Options that describe a job, for the commands that create one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .id_completion import completer
from .key_value import pair

if TYPE_CHECKING:
    from .job_file import JobFile

F = TypeVar("F", bound=Callable[..., Any])

set_option = click.option(
    "--set",
    "changes",
    type=pair,
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a field by its path, such as method.n_epochs=4; null removes it; repeatable.",
)

_FILES = ("training_file", "validation_file")
_FIELDS = ("model", "suffix", "seed", *_FILES)
_SETTINGS = ("n_epochs", "batch_size", "learning_rate_multiplier", "beta")


def with_job_options(function: F) -> F:
    """Add the options of a job, but for its training file and its model."""
    options = [
        click.option(
            "--validation-file",
            metavar="FILE",
            shell_complete=completer("files", or_path=True),
            help="A path or a file id.",
        ),
        click.option("--method", metavar="TYPE", help="supervised, dpo or reinforcement."),
        click.option("--n-epochs", metavar="N", help="Passes over the training file, or auto."),
        click.option("--batch-size", metavar="N", help="Examples per training step, or auto."),
        click.option("--learning-rate-multiplier", metavar="X", help="Learning rate factor, or auto."),
        click.option("--beta", metavar="X", help="For dpo: how close the model stays to its base, or auto."),
        click.option("--grader", metavar="PATH", help="For reinforcement: a JSON file with the grader."),
        click.option("--suffix", metavar="TEXT", help="Part of the name of the new model."),
        click.option("--seed", metavar="N", help="Random seed, for reproducible results."),
        click.option(
            "--metadata", type=pair, multiple=True, metavar="KEY=VALUE", help="A metadata pair; repeatable."
        ),
        set_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


def apply_options(file: JobFile, options: Mapping[str, Any]) -> None:
    """Set the fields that options give, over those of a job file. Raises `InvalidRequestError`."""
    if options.get("method") is not None:
        file.values["method"] = _method_of(file, options["method"])
    if options.get("grader") is not None:
        from .input_file import read_json_file

        grader = read_json_file(options["grader"])
        file.values["method"] = {**_method_of(file, "reinforcement"), "grader": grader}
    given = {name: value for name, value in options.items() if value is not None}
    for name in (name for name in (*_SETTINGS, *_FIELDS) if name in given):
        file.change(f"method.{name}" if name in _SETTINGS else name, given[name])
    for name in _FILES:
        # Unlike a path in the file, one on the command line is relative to the current folder.
        if (value := options.get(name)) and Path(value).is_file():
            file.values[name] = value if file.folder == Path() else str(Path.cwd() / value)
    for key, value in options.get("metadata", ()):
        file.change(f"metadata.{key}", value)
    for path, value in options.get("changes", ()):
        file.change(path, value)


def _method_of(file: JobFile, kind: str) -> dict[str, Any]:
    """Return the method of the file if it is of this kind, else an empty one."""
    given = file.values.get("method")
    return dict(given) if isinstance(given, dict) and given.get("type") == kind else {"type": kind}
