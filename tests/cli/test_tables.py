"""Tables in terminals of any width: each object takes one line that fits, and its id is never cut."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from finetuning_client.cli import text_table
from finetuning_client.cli.columns import Column
from finetuning_client.cli.terminal import columns_of

COLUMNS = tuple(
    Column(name, lambda item, name=name: getattr(item, name))  # type: ignore[misc]
    for name in ("id", "status", "model", "bytes", "created_at", "fine_tuned_model")
)
ITEM = SimpleNamespace(
    id="ftjob-" + "a" * 24,
    status="succeeded",
    model="gpt-4o-mini-2024-07-18",
    bytes=86076,
    created_at=datetime(2026, 5, 5, 16, 53, 20, tzinfo=UTC),
    fine_tuned_model="ft:gpt-4o-mini-2024-07-18:acme:triage:abc123",
)


def lines(monkeypatch: pytest.MonkeyPatch, columns: int | None) -> list[str]:
    """Return the lines of a table in a terminal with this many columns, or without a terminal."""
    monkeypatch.setattr(text_table, "is_terminal", lambda _: columns is not None)
    monkeypatch.setattr(text_table, "width", lambda: columns)
    items: list[Any] = [ITEM]
    return text_table.table_lines(items, COLUMNS)


def test_nothing_is_cut_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets complete cells."""
    _, row = lines(monkeypatch, None)
    assert ITEM.id in row and ITEM.fine_tuned_model in row


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120, 140])
def test_line_fits_and_has_the_id(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Times lose their seconds, then texts are cut, then columns are left out, but never the id."""
    header, row = lines(monkeypatch, columns)
    assert max(len(header), len(row)) <= columns
    assert row.startswith(ITEM.id)
    assert header.split()[0] == "ID"


def test_wide_characters_keep_the_columns_straight() -> None:
    """A double-width character counts as two columns, and a zero-width one as none."""
    items = [SimpleNamespace(**{**vars(ITEM), "model": name}) for name in ("データ", "e\u0301te", "plain")]
    rows = text_table.table_lines(items, COLUMNS[1:4])
    ends = [columns_of(row[: row.index("86076")]) for row in rows[1:]]
    assert len(set(ends)) == 1


def test_empty_columns_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns without a value are left out before others are cut."""
    monkeypatch.setattr(text_table, "is_terminal", lambda _: True)
    monkeypatch.setattr(text_table, "width", lambda: 100)
    header, row = text_table.table_lines(
        [SimpleNamespace(**{**vars(ITEM), "fine_tuned_model": None})], COLUMNS
    )
    assert "FINE" not in header
    assert ITEM.model in row


def test_times_lose_their_seconds_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a line is slightly too long, only the seconds are left out."""
    full = len(lines(monkeypatch, None)[1])
    _, row = lines(monkeypatch, full - 3)
    assert "…" not in row
    assert ITEM.fine_tuned_model in row
