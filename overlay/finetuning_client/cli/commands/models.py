"""`finetuning models`: the models that the key can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import columns
from ..declarations import Group, command, output_option, yes_option
from ..id_completion import completer
from ..output import Output, write_list, write_one

if TYPE_CHECKING:
    from ..invocation import Invocation

models = Group(
    "models",
    help="List, show and delete models.",
    examples=("finetuning models list --fine-tuned",),
    members={"list": "models:list_models", "show": "models:show", "delete": "models:delete"},
)

_model_argument = click.argument("model", shell_complete=completer("models"))


@command(
    "list", "finetuning models list --fine-tuned", "finetuning models list --owned-by acme --output jsonl"
)
@click.option("--fine-tuned", is_flag=True, help="Only fine-tuned models.")
@click.option("--owned-by", metavar="NAME", help="Only models with this owner.")
@output_option(columns.MODELS)
@click.pass_obj
def list_models(
    invocation: Invocation,
    fine_tuned: bool,
    owned_by: str | None,
    output: Output,
) -> None:
    """List models."""
    found = (
        model
        for model in invocation.client.models.list()
        if (not fine_tuned or model.id.startswith("ft:")) and owned_by in (None, model.owned_by)
    )
    if write_list(output, found) == 0:
        invocation.note("no models found")


@command("show", "finetuning models show ft:gpt-4o-mini-2024-07-18:acme:triage:abc123")
@_model_argument
@output_option(columns.MODELS)
@click.pass_obj
def show(invocation: Invocation, model: str, output: Output) -> None:
    """Show a model."""
    with invocation.suggesting("models", model):
        found = invocation.client.models.retrieve(model)
    write_one(output, found)


@command("delete", "finetuning models delete ft:gpt-4o-mini-2024-07-18:acme:triage:abc123 --yes")
@_model_argument
@yes_option
@output_option(columns.DELETED_OBJECTS)
@click.pass_obj
def delete(invocation: Invocation, model: str, yes: bool, output: Output) -> None:
    """Delete a fine-tuned model permanently."""
    with invocation.suggesting("models", model):
        invocation.client.models.retrieve(model)
        invocation.confirm(f"Delete {model}?", yes=yes)
        write_one(output, invocation.client.models.delete(model))
