"""Upload of a file with its progress on the standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .terminal import is_terminal

if TYPE_CHECKING:
    from finetuning_client import File

    from .invocation import Invocation

# A smaller file is sent before anyone could read its progress.
_SMALL = 4_000_000


def upload(
    invocation: Invocation, path: Path, purpose: str = "fine-tune", expires_after: int | None = None
) -> File:
    """Upload a file with a note; for a large file, draw the progress in a terminal."""
    files = invocation.client.files
    size = path.stat().st_size if path.is_file() else 0
    if invocation.quiet or size < _SMALL or not is_terminal(sys.stderr):
        file = files.upload(path, purpose=purpose, expires_after=expires_after)
        invocation.note(f"uploaded {path} as {file.id}")
        return file
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("uploading {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(path.name.replace("[", r"\["), total=size)
        file = files.upload(
            path,
            purpose=purpose,
            expires_after=expires_after,
            on_progress=lambda sent, total: progress.update(task, completed=sent, total=total),
        )
    invocation.note(f"uploaded {path} as {file.id}")
    return file
