"""Options that filter a list, and the filter that they describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import click

from . import dates
from .key_value import pair

F = TypeVar("F", bound=Callable[..., Any])

# Reading a list that is newest first stops after this many consecutive objects that are too old.
_OLD_IN_A_ROW = 100


def filter_options(kind: str) -> Callable[[F], F]:
    """Return `--status`, `--since` and `--until`, the arguments of `filtered`."""

    def decorate(function: F) -> F:
        text = f"Only {kind} created at this time or earlier."
        function = click.option("--until", type=dates.until, metavar="WHEN", help=text)(function)
        text = f"Only {kind} with this status; repeatable, or comma-separated."
        function = since_option(kind)(function)
        known = _job_statuses if kind == "jobs" else None
        return click.option("--status", "statuses", multiple=True, shell_complete=known, help=text)(function)

    return decorate


def _job_statuses(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from finetuning_client import JobStatus

    return [status.value for status in JobStatus if status.value.startswith(incomplete)]


def since_option(kind: str) -> Callable[[F], F]:
    """Return the option `--since`."""
    text = f"Only {kind} created at this time or later."
    return click.option("--since", type=dates.since, metavar="WHEN", help=text)


def metadata_option(kind: str) -> Callable[[F], F]:
    """Return the option `--metadata`, whose pairs objects must have."""
    text = f"Only {kind} with this pair; repeatable."
    return click.option("--metadata", type=pair, multiple=True, metavar="KEY=VALUE", help=text)


def limit_option(text: str) -> Callable[[F], F]:
    """Return the option `--limit`."""
    return click.option("--limit", type=click.IntRange(min=1), metavar="N", help=text)


def split_names(texts: Iterable[str]) -> set[str]:
    """Return the names in the values of an option that takes several, also separated by commas."""
    return {name.strip() for text in texts for name in text.split(",") if name.strip()}


def filtered(
    items: Iterable[Any], statuses: Iterable[str], since: datetime | None, until: datetime | None
) -> Iterator[Any]:
    """Yield the items with one of the statuses or outcomes that were created between two times.

    Where there are times or statuses, items without one are left out.
    """
    wanted = split_names(statuses)
    old = 0
    for item in items:
        time, status = item.created_at, item.status
        if since is not None and (time is None or time < since):
            old += 1
            if old >= _OLD_IN_A_ROW:
                return
            continue
        old = 0
        is_early = until is None or (time is not None and time <= until)
        if is_early and (not wanted or (status and wanted & {str(status), status.outcome})):
            yield item
