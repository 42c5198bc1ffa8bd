"""The report of a job: one self-contained page, made from a snapshot.

It is written completely or not at all, and has a bounded size: curves are reduced to points that include
their extremes, and long lists are cut, with a note.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..views import Event
from ..views.html_tables import Html, escaped
from ..views.readable_values import cost_text, duration_text, time_text
from .atomic_write import write_whole
from .checkpoints import measured
from .drawing import charts_of
from .html_page import facts, figures, footer, html_table, page, section, sized
from .signs import ENOUGH, Sign
from .snapshot import Snapshot
from .table import Metrics

_MESSAGES_FIRST, _MESSAGES_LAST, _METRICS_LAST = 50, 150, 20
_CHECKPOINTS_SHOWN = 100
_ROWS_SHOWN = 100
_COLUMNS_SHOWN = 24
_JSON_SHOWN = 8000


def write_report(snapshot: Snapshot, path: str | os.PathLike[str]) -> Path:
    """Write the report of a job to a file, and return its path.

    Raises `InvalidRequestError` if it cannot be written.
    """
    return write_whole(path, report_page(snapshot))


def report_page(snapshot: Snapshot) -> bytes:
    """Return the report of a job as HTML."""
    charts = sized(charts_of(snapshot.metrics))
    signs, events = snapshot.signs, snapshot.events
    chosen = _chosen(events)
    body = [
        _header(snapshot),
        _tiles(snapshot),
        section("Signs", _signs(signs), "" if signs else _without_signs(snapshot.metrics)),
        section("Curves", [figures(charts), *_numbers(snapshot.metrics)] if charts else []),
        section("Checkpoints", _checkpoints(snapshot)),
        section("Configuration", _configuration(snapshot)),
        section("Data", _data(snapshot)),
        section("Events", _events(events, chosen), _shown_events(len(events), len(chosen))),
        footer(snapshot.taken_at),
    ]
    return page(f"{snapshot.job.id}: {snapshot.job.status}", body, charts)


def _numbers(metrics: Metrics) -> Iterator[Html]:
    """Yield the numbers behind the curves."""
    every = max(1, -(-len(metrics) // _ROWS_SHOWN))
    rows = metrics[every - 1 :: every]
    names = [name for name in metrics.columns[:_COLUMNS_SHOWN] if metrics.has(name)]
    cells = zip(*([_number(value) for value in rows.column(name)] for name in names), strict=True)
    which = "" if every == 1 else f" (one row in {every})"
    yield f"<details><summary>Numbers behind the curves{which}</summary>"
    yield html_table([name.replace("_", " ") for name in names], cells, label="Metrics by step")
    yield "</details>"


def _without_signs(metrics: Metrics) -> str:
    if not len(metrics):
        return "None: the job has no metrics."
    if len(metrics) < ENOUGH:
        steps = f"{len(metrics)} {'step' if len(metrics) == 1 else 'steps'}"
        return f"None, but the metrics of {steps} are too few to judge by."
    return "None: the curves look healthy."


def _header(snapshot: Snapshot) -> Html:
    job = snapshot.job
    badge = f'<span class="badge {job.status.outcome or ""}">{escaped(job.status)}</span>'
    parts = [
        f"<header><h1>{escaped(job.fine_tuned_model or job.id)}{badge}</h1>",
        f"<p>Job {escaped(job.id)}, fine-tuning {escaped(job.model or 'an unknown model')}",
        f" with {escaped(job.method.type)} training" if job.method and job.method.type else "",
        f", created {time_text(job.created_at)}" if job.created_at else "",
        "</p>",
    ]
    if job.error is not None:
        reason = ": ".join(part for part in (job.error.code, job.error.message) if part)
        parts.append(f'<p class="reason">{escaped(reason or job.error.to_dict(), 2000)}</p>')
    return "".join([*parts, "</header>"])


def _tiles(snapshot: Snapshot) -> Html:
    job, best = snapshot.job, snapshot.best
    name, last = _last(snapshot.metrics)
    pairs = {
        "Duration": duration_text(job.duration),
        "Trained tokens": "" if job.trained_tokens is None else f"{job.trained_tokens:,}",
        "Cost": cost_text(job.cost),
        "Steps": f"{snapshot.metrics[-1].step:,}" if len(snapshot.metrics) else "",
        name: "" if last is None else _number(last),
        "Best checkpoint": "" if best is None else f"step {best.step_number}",
    }
    return facts({title: escaped(value) for title, value in pairs.items()}, css_class="tiles")


def _last(metrics: Metrics) -> tuple[str, float | None]:
    """Return the name and the value of the metric that says most about the outcome of a run."""
    for measure in ("mean_reward", "loss"):
        for part in ("full_valid", "valid", "train"):
            known = [value for value in metrics.column(f"{part}_{measure}") if value is not None]
            if known:
                kind = "training" if part == "train" else "validation"
                return f"Last {kind} {measure.replace('_', ' ')}", known[-1]
    return "Last loss", None


def _signs(signs: Sequence[Sign]) -> Iterator[Html]:
    if not signs:
        yield " "
        return
    yield '<div class="signs">'
    for sign in signs:
        numbers = ", ".join(
            f"{name.replace('_', ' ')} {_number(value)}" for name, value in sign.numbers.items()
        )
        yield f'<div class="sign {sign.code}"><h3>{escaped(sign.code.replace("_", " ").capitalize())}</h3>'
        yield f"<p>{escaped(sign.text, 1000)}</p><p><strong>Next:</strong> {escaped(sign.advice, 1000)}</p>"
        yield f'<p class="numbers">{escaped(numbers, 1000)}</p></div>'
    yield "</div>"


def _checkpoints(snapshot: Snapshot) -> Iterator[Html]:
    shown = snapshot.checkpoints[-_CHECKPOINTS_SHOWN:]
    if not shown:
        return
    best, found = snapshot.best, [measured(checkpoint) for checkpoint in shown]
    names = list(dict.fromkeys(name for one in found for name in one))[:_COLUMNS_SHOWN]
    rows = []
    for checkpoint, numbers in zip(shown, found, strict=True):
        step = _number(checkpoint.step_number)
        first = f"{step}<strong>best</strong>" if best is checkpoint else step
        cells = [_number(numbers.get(name)) for name in names]
        rows.append([first, *cells, f"<code>{escaped(checkpoint.fine_tuned_model_checkpoint)}</code>"])
    if len(snapshot.checkpoints) > len(shown):
        yield f'<p class="note">The last {len(shown)} of {len(snapshot.checkpoints):,} checkpoints.</p>'
    head = ["Step", *(name.replace("_", " ") for name in names), "Model"]
    yield html_table(head, rows, label="Checkpoints")


def _configuration(snapshot: Snapshot) -> Iterator[Html]:
    job = snapshot.job
    method = job.method.to_dict() if job.method else {}
    inner = method.get(str(method.get("type")))
    inner = inner if isinstance(inner, dict) else {}
    settings = inner.get("hyperparameters") or (job.hyperparameters.to_dict() if job.hyperparameters else {})
    settings = settings if isinstance(settings, dict) else {}
    pairs = {
        "Base model": escaped(job.model or ""),
        "Method": escaped(method.get("type") or ""),
        **{name.replace("_", " "): escaped(value) for name, value in list(settings.items())[:_COLUMNS_SHOWN]},
        "Suffix": escaped(job.suffix or ""),
        "Seed": "" if job.seed is None else escaped(job.seed),
        "Training file": escaped(job.training_file or ""),
        "Validation file": escaped(job.validation_file or ""),
        "Organization": escaped(job.organization_id or ""),
        "Created": time_text(job.created_at),
        "Finished": time_text(job.finished_at),
        **{
            f"metadata: {key}"[:80]: escaped(value)
            for key, value in list(job.metadata.items())[:_COLUMNS_SHOWN]
        },
    }
    yield facts(pairs)
    for name, value in (("Grader", inner.get("grader")), ("Integrations", job.to_dict().get("integrations"))):
        if value:
            shown = escaped(_as_json(value), _JSON_SHOWN)
            yield f"<details><summary>{name}</summary><pre>{shown}</pre></details>"


def _data(snapshot: Snapshot) -> Iterator[Html]:
    for name, numbers in list(snapshot.data.items())[:_COLUMNS_SHOWN]:
        shown = {
            key: escaped(f"{v:,}" if isinstance(v, int) else v) for key, v in numbers.items() if v is not None
        }
        yield f"<h3>{escaped(name)}</h3>{facts(shown)}"


def _chosen(events: Sequence[Event]) -> list[int]:
    """Return the positions of the events to show: messages first, since the curves show the metrics."""
    messages = [i for i, event in enumerate(events) if event.type != "metrics" or event.level != "info"]
    if len(messages) > _MESSAGES_FIRST + _MESSAGES_LAST:
        messages = messages[:_MESSAGES_FIRST] + messages[-_MESSAGES_LAST:]
    last = range(max(0, len(events) - _METRICS_LAST), len(events))
    return sorted({*messages, *last})


def _shown_events(every: int, shown: int) -> Html:
    if shown == every:
        return ""
    return f"{shown} of {every:,} events: the messages and the latest metrics. The curves show all metrics."


def _events(events: Sequence[Event], chosen: Sequence[int]) -> Iterator[Html]:
    if not chosen:
        return
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Time (UTC)", "Level", "Message"))
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Events"><table class="events">'
    yield f"<thead><tr>{head}</tr></thead><tbody>"
    before = -1
    for position in [*chosen, len(events)]:
        if position > before + 1:
            yield f'<tr class="gap"><td colspan="3">events not shown: {position - before - 1:,}</td></tr>'
        before = position
        if position < len(events):
            event = events[position]
            level = event.level if event.level in {"warn", "error"} else "info"
            when = "" if event.created_at is None else f"{event.created_at:%Y-%m-%d %H:%M:%S}"
            cells = (when, escaped(event.level), escaped(event.message))
            yield f'<tr class="{level}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    yield "</tbody></table></div>"


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        is_whole = float(value).is_integer() and abs(value) < 1e15
        return f"{value:,.0f}" if is_whole else f"{value:.4g}"
    return escaped(value)


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, default=str)
    except ValueError:
        return str(value)
