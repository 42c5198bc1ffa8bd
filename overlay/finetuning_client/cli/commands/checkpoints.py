"""`finetuning checkpoints`: the checkpoints of jobs, and who may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import columns
from ..declarations import Group, command, output_option, yes_option
from ..output import Output, write_list, write_one, write_text
from .jobs import job_argument

if TYPE_CHECKING:
    from ..invocation import Invocation

checkpoints = Group(
    "checkpoints",
    help="List checkpoints, find the best one, and share them with projects.",
    examples=("finetuning checkpoints best ftjob-abc123",),
    members={
        "list": "checkpoints:list_checkpoints",
        "best": "checkpoints:best",
        "share": "checkpoints:share",
        "unshare": "checkpoints:unshare",
        "permissions": "checkpoints:permissions",
    },
)

_checkpoint_argument = click.argument("checkpoint", metavar="CHECKPOINT")
_CHECKPOINT = "ft:gpt-4o-mini-2024-07-18:acme::abc123:ckpt-step-96"


@command("list", "finetuning checkpoints list ftjob-abc123")
@job_argument
@output_option(columns.CHECKPOINTS)
@click.pass_obj
def list_checkpoints(invocation: Invocation, job_id: str, output: Output) -> None:
    """List the checkpoints of a job, oldest first."""
    with invocation.suggesting("jobs", job_id):
        found = list(invocation.client.jobs.list_checkpoints(job_id))
    found.sort(key=lambda checkpoint: checkpoint.step_number or 0)
    if write_list(output, found) == 0:
        invocation.note(f"{job_id} has no checkpoints yet")


@command(
    "best",
    "finetuning checkpoints best ftjob-abc123",
    "MODEL=$(finetuning checkpoints best ftjob-abc123 --quiet)",
)
@job_argument
@output_option(columns.CHECKPOINTS)
@click.pass_obj
def best(invocation: Invocation, job_id: str, output: Output) -> int:
    """Show the best checkpoint of a job.

    It has the highest mean reward, or else the lowest loss. With --quiet only its model is printed.
    The exit code is 5 if there is none.
    """
    from .. import exit_codes

    found = invocation.job(job_id).best_checkpoint()
    if found is None:
        invocation.note(f"{job_id} has no checkpoint with a reward or a loss")
        return exit_codes.NOT_FOUND
    if invocation.quiet and output == "table":
        write_text(found.fine_tuned_model_checkpoint)
    else:
        write_one(output, found)
    return exit_codes.OK


@command("share", f"finetuning checkpoints share {_CHECKPOINT} proj_abc proj_def")
@_checkpoint_argument
@click.argument("projects", nargs=-1, required=True, metavar="PROJECT...")
@output_option(columns.PERMISSIONS)
@click.pass_obj
def share(invocation: Invocation, checkpoint: str, projects: tuple[str, ...], output: Output) -> None:
    """Share a checkpoint with projects. Needs an admin key, OPENAI_ADMIN_KEY."""
    done = invocation.client.checkpoints.permissions.create(checkpoint, list(projects))
    write_list(output, done)


@command("permissions", f"finetuning checkpoints permissions {_CHECKPOINT}")
@_checkpoint_argument
@output_option(columns.PERMISSIONS)
@click.pass_obj
def permissions(invocation: Invocation, checkpoint: str, output: Output) -> None:
    """List the projects that may use a checkpoint. Needs an admin key."""
    found = invocation.client.checkpoints.permissions.list(checkpoint)
    if write_list(output, found) == 0:
        invocation.note("the checkpoint is not shared")


@command("unshare", f"finetuning checkpoints unshare {_CHECKPOINT} proj_abc --yes")
@_checkpoint_argument
@click.argument("projects", nargs=-1, required=True, metavar="PROJECT...")
@yes_option
@output_option(columns.DELETED_OBJECTS)
@click.pass_obj
def unshare(
    invocation: Invocation,
    checkpoint: str,
    projects: tuple[str, ...],
    yes: bool,
    output: Output,
) -> None:
    """Stop sharing a checkpoint with projects. Needs an admin key.

    PROJECT is the id of a project, or of its permission.
    """
    from finetuning_client import NotFound

    shared = list(invocation.client.checkpoints.permissions.list(checkpoint))
    known = {name: one for one in shared for name in (one.project_id, one.id)}
    for project in projects:
        if project not in known:
            names = ", ".join(one.project_id or one.id for one in shared) or "no project"
            error = NotFound(f"{checkpoint} is not shared with {project}", code="not_shared")
            error.add_note(f"it is shared with {names}")
            raise error
    invocation.confirm(f"Stop sharing {checkpoint} with {', '.join(projects)}?", yes=yes)
    delete = invocation.client.checkpoints.permissions.delete
    done = [delete(checkpoint, known[project].id) for project in projects]
    write_list(output, done)
