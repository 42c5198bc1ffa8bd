"""`finetuning files`: the files of the organization or project."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import columns, dates
from ..declarations import Group, command, force_option, output_option, require_new, yes_option
from ..filters import filter_options, filtered, limit_option
from ..id_completion import completer
from ..output import Output, write_list, write_one, write_text

if TYPE_CHECKING:
    from ..invocation import Invocation

files = Group(
    "files",
    help="Upload, list, download and delete files.",
    examples=("finetuning files upload train.jsonl", "finetuning files list --purpose fine-tune"),
    members={
        "upload": "files:upload",
        "list": "files:list_files",
        "show": "files:show",
        "download": "files:download",
        "delete": "files:delete",
    },
)

_file_argument = click.argument("file_id", metavar="FILE", shell_complete=completer("files"))


@command(
    "upload",
    "finetuning files upload train.jsonl",
    "FILE=$(finetuning files upload train.jsonl --quiet)",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@click.option("--purpose", default="fine-tune", show_default=True, help="Purpose of the files.")
@click.option(
    "--expires-after",
    type=dates.seconds,
    metavar="TIME",
    help="Delete the files after this time, such as 7d.",
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until the files are processed.")
@output_option(columns.FILES)
@click.pass_obj
def upload(
    invocation: Invocation,
    paths: tuple[str, ...],
    purpose: str,
    expires_after: float | None,
    wait: bool,
    output: Output,
) -> None:
    """Upload files. Each is uploaded at most once, and large ones in parts."""
    from ..upload_progress import upload as upload_with_progress

    done = []
    for path in paths:
        seconds = None if expires_after is None else round(expires_after)
        file = upload_with_progress(invocation, Path(path), purpose, seconds)
        done.append(invocation.client.files.wait_processed(file.id) if wait else file)
    if invocation.quiet and output == "table":
        write_text("\n".join(file.id for file in done))
    elif len(done) == 1:
        write_one(output, done[0])
    else:
        write_list(output, done)


@command(
    "list",
    "finetuning files list --purpose fine-tune",
    "finetuning files list --since 'last monday' --output csv",
)
@click.option("--purpose", help="Only files with this purpose.")
@filter_options("files")
@limit_option("Only the newest N files.")
@output_option(columns.FILES)
@click.pass_obj
def list_files(
    invocation: Invocation, /, purpose: str | None, limit: int | None, output: Output, **filters: Any
) -> None:
    """List files, newest first."""
    found = filtered(invocation.client.files.list(purpose=purpose, order="desc"), **filters)
    if write_list(output, islice(found, limit)) == 0:
        invocation.note("no files found")


@command("show", "finetuning files show file-abc123")
@_file_argument
@output_option(columns.FILES)
@click.pass_obj
def show(invocation: Invocation, file_id: str, output: Output) -> None:
    """Show a file's name, size and state."""
    with invocation.suggesting("files", file_id):
        file = invocation.client.files.retrieve(file_id)
    write_one(output, file)


@command(
    "download",
    "finetuning files download file-abc123 results.csv",
    "finetuning files download file-abc123 - | head -3",
)
@_file_argument
@click.argument("path", required=False, type=click.Path(allow_dash=True))
@force_option
@click.pass_obj
def download(invocation: Invocation, file_id: str, path: str | None, force: bool) -> None:
    """Download the content of a file.

    PATH is the file to write, by default the file's own name in the current directory; - is standard output.
    The file appears only when it is complete.
    """
    with invocation.suggesting("files", file_id):
        file = invocation.client.files.retrieve(file_id)
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(invocation.client.files.content(file_id))
        return
    # Only the last part of a name from the server, so that the file cannot be outside the folder.
    target = Path(path or Path(file.filename or file_id).name or file_id)
    if target.is_dir():
        target /= Path(file.filename or file_id).name or file_id
    require_new(target, force=force)
    write_text(str(invocation.client.files.download(file_id, target)))


@command("delete", "finetuning files delete file-abc123 --yes")
@click.argument("file_ids", nargs=-1, required=True, metavar="FILE...", shell_complete=completer("files"))
@yes_option
@output_option(columns.DELETED_OBJECTS)
@click.pass_obj
def delete(invocation: Invocation, file_ids: tuple[str, ...], yes: bool, output: Output) -> None:
    """Delete files permanently."""
    found = []
    for file_id in file_ids:
        with invocation.suggesting("files", file_id):
            found.append(invocation.client.files.retrieve(file_id))
    names = ", ".join(f"{file.id} ({file.filename})" for file in found)
    invocation.confirm(f"Delete {names}?", yes=yes)
    done = [invocation.client.files.delete(file.id) for file in found]
    write_list(output, done)
