"""Jobs and lists as notebooks show them: small tables of HTML, without styles of their own.

All text that a server sent goes through `escaped`, which escapes and shortens it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Any

from ..errors import FineTuningError
from .field_readers import View

_TEXT_SHOWN = 400
_ITEMS_SHOWN = 10
_FIELDS_SHOWN = 6
# Control characters, and halves of surrogate pairs, which no encoding has.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Html = str
"""Text of a page, with everything escaped that has to be."""


def escaped(value: object, most: int = _TEXT_SHOWN) -> Html:
    """Return any value as text for a page, cut after `most` characters."""
    shown = str(value)
    cut = shown if len(shown) <= most else shown[: most - 1] + "\u2026"
    return escape(_UNPRINTABLE.sub("\ufffd", cut))


def plain_table(head: Sequence[str], rows: Iterable[Sequence[Html]]) -> Html:
    """Return a table whose cells are text of a page."""
    names = "".join(f"<th>{escaped(name)}</th>" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def facts_html(head: Sequence[str], facts: Mapping[str, object]) -> Html:
    """Return the facts of one object as a table, without those that are not known."""
    rows = [[f"<b>{name}</b>", escaped(value)] for name, value in facts.items() if value not in {None, ""}]
    return plain_table(head, rows)


def items_html(items: object, title: str) -> Html:
    """Return the first items of a list as a table; only its title if it cannot be read here."""
    if not isinstance(items, Iterable):
        return f"<p>{escaped(title)}</p>"
    try:
        shown = list(islice(items, _ITEMS_SHOWN + 1))
    except FineTuningError as error:
        return f"<p>{escaped(title)}: {escaped(error)}</p>"
    rows = [_fields(item) for item in shown[:_ITEMS_SHOWN]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    more = "<p>and more</p>" if len(shown) > _ITEMS_SHOWN else ""
    cells = [[escaped(row.get(name, ""), 120) for name in names] for row in rows]
    return f"<p>{escaped(title)}</p>{plain_table(names, cells) if rows else '<p>empty</p>'}{more}"


def _fields(item: Any) -> Mapping[str, object]:
    """Return the first simple fields of an object, under the names of its attributes."""
    data = item.to_dict() if isinstance(item, View) else {}
    chosen = (
        "id",
        "status",
        "created_at",
        "model",
        "fine_tuned_model",
        "fine_tuned_model_checkpoint",
        "step_number",
        "level",
        "message",
        "filename",
        "bytes",
        "purpose",
        "project_id",
        "owned_by",
    )
    found = {name: getattr(item, name, data[name]) for name in chosen if data.get(name) is not None}
    return dict(list(found.items())[:_FIELDS_SHOWN]) or {"item": item}
