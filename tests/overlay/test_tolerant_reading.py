"""Times and numbers are read in all the forms that compatible servers send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client.views import Checkpoint, Event, File, JobView, Model, Permission, Upload, UploadPart
from finetuning_client.views.field_readers import moment, number, seconds, whole

AT = datetime(2024, 7, 3, 9, 46, 40, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "written",
    [
        1720000000,
        1720000000.0,
        1720000000000,
        1720000000000000,
        1720000000000000000,
        "1720000000",
        " 1720000000 ",
        "1720000000.0",
        "1720000000000",
        "2024-07-03T09:46:40Z",
        "2024-07-03T09:46:40.000Z",
        "2024-07-03T09:46:40.000000000+00:00",
        "2024-07-03T11:46:40+02:00",
        "2024-07-03 09:46:40",
        "20240703T094640Z",
    ],
    ids=repr,
)
def test_time_is_read_in_every_form(written: Any) -> None:
    """The forms are units and notations of compatible servers; a text without an offset is in UTC."""
    assert moment(written) == AT
    assert seconds(written) == AT.timestamp()


@pytest.mark.parametrize("unit", [10**3, 10**6, 10**9])
@pytest.mark.parametrize("at", [100_000_000, 99_999_999_999])
def test_unit_of_a_time_follows_from_its_size(at: int, unit: int) -> None:
    """From 1973 to the year 5000 no unit is mistaken for another."""
    assert seconds(at) == at
    assert seconds(at * unit) == at


def test_time_at_the_end_of_a_day_is_read() -> None:
    """ISO 8601 allows 24:00, which Python does not accept."""
    assert moment("2024-07-02T24:00:00Z") == datetime(2024, 7, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        0,
        0.0,
        "0",
        "",
        " ",
        None,
        False,
        True,
        -1,
        -62135596800,
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        "9" * 5000,
        "1e400",
        "soon",
        "2024-13-01",
        "�",
        [1],
        {"a": 1},
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "١٧٢٠٠٠٠٠٠٠",
    ],
    ids=lambda value: repr(value)[:30],
)
def test_absent_or_invalid_time_is_none(written: Any) -> None:
    """No value raises an error or becomes a time in 1970."""
    assert moment(written) is None
    assert seconds(written) is None


def test_every_time_of_every_view_is_read_in_every_form() -> None:
    """These are the attributes that are Unix times in the contract."""
    times = {
        JobView: ("created_at", "finished_at", "estimated_finish"),
        Event: ("created_at",),
        Checkpoint: ("created_at",),
        Permission: ("created_at",),
        File: ("created_at", "expires_at"),
        Upload: ("created_at", "expires_at"),
        UploadPart: ("created_at",),
        Model: ("created",),
    }
    for view, names in times.items():
        for name in names:
            for written in ("1720000000", 1720000000000, "2024-07-03T09:46:40Z"):
                assert getattr(view({name: written}), name) == AT, (view, name)
            assert getattr(view({name: 0}), name) is None


@given(JSON)
def test_readers_never_fail(value: Any) -> None:
    """Each returns its declared type or `None`."""
    found = moment(value)
    assert found is None or (found.tzinfo is UTC and found.year >= 1970)
    assert isinstance(whole(value), int | None)
    assert isinstance(number(value), int | float | None)


@given(st.integers(1, 5_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_iso_text_with_any_offset_is_the_same_time(at: int, offset: int) -> None:
    """The result is the same time in UTC, whatever the offset."""
    aware = datetime.fromtimestamp(at, timezone(timedelta(minutes=offset)))
    assert moment(aware.isoformat()) == aware


# Numbers


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("123", 123),
        ("-5", -5),
        (" 7 ", 7),
        ("9223372036854775807", 2**63 - 1),
        ("1.5", None),
        ("", None),
        ("12a", None),
        ("0x10", None),
        ("1_000", None),
        ("٣", None),
        ("9" * 5000, None),
        (3.0, 3),
        (True, None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_whole_number_may_be_text(written: Any, expected: int | None) -> None:
    """Servers write 64-bit numbers as text."""
    assert whole(written) == expected
    assert JobView({"trained_tokens": written}).trained_tokens == expected
    assert File({"bytes": written}).bytes == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("0.5", 0.5), ("1e-5", 1e-5), ("2", 2.0), ("nan", None), ("inf", None), ("", None)],
)
def test_number_may_be_text(written: str, expected: float | None) -> None:
    """A value that is not a JSON number is `None`."""
    assert number(written) == expected
