"""`Metrics` is a table that behaves like a list, and that data frame libraries read directly."""

from __future__ import annotations

import pickle
import sys

import pytest

from finetuning_client import ConfigurationError, MetricRow
from finetuning_client.results import Metrics

ROWS = [
    MetricRow(step=1, train_loss=2.0, other={"note": "warm \ud800up", "rate": 0.5}),
    MetricRow(step=2, train_loss=1.5, valid_loss=1.75, other={"note": 3.0}),
    MetricRow(step=4, full_valid_loss=1.25),
]
TABLE = Metrics(ROWS)


def test_a_table_behaves_like_a_list() -> None:
    """Length, iteration, index, slice, membership and equality are those of a list of rows."""
    assert len(TABLE) == 3 and list(TABLE) == ROWS and TABLE == ROWS and Metrics(ROWS) == TABLE
    assert TABLE[-1] is ROWS[-1] and ROWS[1] in TABLE and TABLE.index(ROWS[1]) == 1
    assert isinstance(TABLE[1:], Metrics) and TABLE[1:] == ROWS[1:] and TABLE[::-1] == ROWS[::-1]
    assert list(reversed(TABLE)) == ROWS[::-1]
    assert ROWS[:2] != TABLE and TABLE != "rows" and not Metrics()
    with pytest.raises(IndexError):
        TABLE[3]


def test_a_table_can_be_pickled_and_its_repr_names_its_metrics() -> None:
    """The repr names the metrics that the table has."""
    assert pickle.loads(pickle.dumps(TABLE)) == TABLE
    assert (
        repr(TABLE) == "<Metrics: 3 rows, steps 1 to 4: train_loss, valid_loss, full_valid_loss, note, rate>"
    )
    assert repr(Metrics()) == "<Metrics: no rows>"


def test_dicts_have_all_columns_in_every_row() -> None:
    """`pandas.DataFrame(metrics.to_dicts())` therefore has all columns."""
    dicts = TABLE.to_dicts()
    assert {tuple(row) for row in dicts} == {tuple(TABLE.columns)}
    assert TABLE.columns[0] == "step" and TABLE.columns[-2:] == ["note", "rate"]
    assert [row["train_loss"] for row in dicts] == [2.0, 1.5, None]


@pytest.mark.parametrize("rows", [ROWS, [], ROWS * 40], ids=["few", "none", "many"])
def test_arrow_libraries_read_a_table_directly(rows: list[MetricRow]) -> None:
    """Numbers are doubles, steps are integers, missing values are null, and mixed columns are text."""
    nanoarrow = pytest.importorskip("nanoarrow")
    table = Metrics(rows)
    stream = nanoarrow.ArrayStream(table)
    assert [field.name for field in stream.schema.fields] == table.columns
    read = [row for chunk in stream for row in chunk.to_pylist()]
    expected = table.to_dicts()
    for row in expected:
        if row.get("note") is not None:
            row["note"] = str(row["note"]).replace("\ud800", "?")
    assert read == expected


def test_without_nanoarrow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It also says what works without nanoarrow."""
    monkeypatch.setitem(sys.modules, "nanoarrow", None)
    monkeypatch.delitem(sys.modules, "finetuning_client.results.arrow", raising=False)
    with pytest.raises(ConfigurationError, match=r"finetuning-client\[data\].*to_dicts"):
        TABLE.__arrow_c_stream__()
