"""Ids that exist on the server, for suggestions after an error and for completion in a shell.

Both are a convenience: a server that does not respond at once gives none, and no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from ..misspellings import near_names

if TYPE_CHECKING:
    from finetuning_client import FineTuning

Connect: TypeAlias = "Callable[[], FineTuning]"
"""A function that returns the client, or raises `FineTuningError`."""

_NEWEST = 100
_SECONDS = 3.0
_PREFIXES: Mapping[str, tuple[str, str]] = {
    "ftjob-": ("jobs", "finetuning jobs show"),
    "file-": ("files", "finetuning files show"),
    "ftckpt_": ("checkpoints", "finetuning checkpoints list JOB"),
    "ft:": ("models", "finetuning models show"),
}


def suggestion(connect: Connect, kind: str, wrong: str) -> str | None:
    """Return what may have been meant by an id that does not exist."""
    for prefix, (other, command) in _PREFIXES.items():
        if wrong.startswith(prefix) and other != kind:
            shown = command if command.endswith("JOB") else f"{command} {wrong}"
            return f"this is a {other.removesuffix('s')} id: run {shown}"
    near = near_names(wrong, (identifier for identifier, _ in newest_ids(connect, kind)), most=2)
    return f"did you mean {' or '.join(near)}?" if near else None


def newest_ids(connect: Connect, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the newest ids of a kind, each with a description; none where the server fails."""
    from finetuning_client import FineTuningError, RetryPolicy

    try:
        client = connect().with_options(timeout=_SECONDS, retry=RetryPolicy(max_attempts=1))
        lists: Mapping[str, Callable[[], Any]] = {
            "jobs": lambda: client.jobs.list(page_size=_NEWEST),
            "files": lambda: client.files.list(page_size=_NEWEST),
            "models": client.models.list,
        }
        for item in islice(lists[kind](), _NEWEST):
            yield item.id, _description(item)
    except FineTuningError:
        return


def _description(item: Any) -> str:
    parts = (str(getattr(item, name, None) or "") for name in ("status", "model", "filename", "owned_by"))
    return " ".join(part for part in parts if part)
