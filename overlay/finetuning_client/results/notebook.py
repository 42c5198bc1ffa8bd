"""Jobs, lists and metrics as notebooks show them: small tables and charts that add no styles."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..errors import FineTuningError
from ..view_fields import View
from .drawing import Chart, charts_of
from .html_page import Html, text
from .report import lasting, moment, money
from .svg import described, picture_of

if TYPE_CHECKING:
    from ..job_view import JobView
    from .table import Metrics

_ITEMS_SHOWN = 10
_FIELDS_SHOWN = 6
_ROWS_SHOWN = 5


def job_html(job: JobView) -> Html:
    """Return a job as a table of its main facts."""
    facts = {
        "status": job.status,
        "reason": None if job.error is None else f"{job.error.code or ''} {job.error.message or ''}".strip(),
        "model": job.model,
        "method": job.method.type if job.method else None,
        "fine-tuned model": job.fine_tuned_model,
        "created": moment(job.created_at),
        "duration": lasting(job.duration),
        "trained tokens": job.trained_tokens,
        "cost": money(job.cost),
    }
    rows = [[f"<b>{name}</b>", text(value)] for name, value in facts.items() if value not in {None, ""}]
    return _table(["job", str(job.id)], rows)


def items_html(items: object, title: str) -> Html:
    """Return the first items of a list as a table; only its title if it cannot be read here."""
    if not isinstance(items, Iterable):
        return f"<p>{text(title)}</p>"
    try:
        shown = list(islice(items, _ITEMS_SHOWN + 1))
    except FineTuningError as error:
        return f"<p>{text(title)}: {text(error)}</p>"
    rows = [_fields(item) for item in shown[:_ITEMS_SHOWN]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    more = "<p>and more</p>" if len(shown) > _ITEMS_SHOWN else ""
    cells = [[text(row.get(name, ""), 120) for name in names] for row in rows]
    return f"<p>{text(title)}</p>{_table(names, cells) if rows else '<p>empty</p>'}{more}"


def metrics_html(metrics: Metrics) -> Html:
    """Return metrics as charts of their curves, and a table of the last rows."""
    names = ["step", *filter(metrics.has, metrics.columns[1:])]
    last = metrics[-_ROWS_SHOWN:]
    columns = [
        [
            "" if value is None else text(f"{value:.5g}" if isinstance(value, float) else value)
            for value in last.column(n)
        ]
        for n in names
    ]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    count = f"<p>{len(metrics):,} rows, the last {len(rows)}:</p>" if len(rows) < len(metrics) else ""
    return picture(charts_of(metrics)) + count + _table(names, rows)


def picture(charts: Sequence[Chart]) -> Html:
    """Return charts as an image, which the styles of a notebook do not change."""
    if not charts:
        return ""
    data = base64.b64encode(picture_of(charts).encode()).decode()
    return f'<img alt="{text(described(charts), 2000)}" src="data:image/svg+xml;base64,{data}">'


def _table(head: Sequence[str], rows: Iterable[Sequence[Html]]) -> Html:
    names = "".join(f"<th>{text(name)}</th>" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


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
