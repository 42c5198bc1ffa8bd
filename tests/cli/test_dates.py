"""Times and durations in the notations that people use."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client.cli.dates import NotATime, duration, moment

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=datetime(2026, 5, 6).astimezone().tzinfo)


def local(*parts: int) -> datetime:
    """Return a local time."""
    return datetime(*parts).astimezone()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-05-01", (2026, 5, 1), (2026, 5, 1, 23, 59, 59, 999999)),
        ("2026-05-01 14:30", (2026, 5, 1, 14, 30), (2026, 5, 1, 14, 30, 59, 999999)),
        ("May 1", (2026, 5, 1), (2026, 5, 1, 23, 59, 59, 999999)),
        ("1 May 2025", (2025, 5, 1), (2025, 5, 1, 23, 59, 59, 999999)),
        ("May 2025", (2025, 5, 1), (2025, 5, 31, 23, 59, 59, 999999)),
        ("feb 2025", (2025, 2, 1), (2025, 2, 28, 23, 59, 59, 999999)),
        ("2025", (2025, 1, 1), (2025, 12, 31, 23, 59, 59, 999999)),
        ("1/2/2026", (2026, 1, 2), (2026, 1, 2, 23, 59, 59, 999999)),
        ("1.2.2026", (2026, 2, 1), (2026, 2, 1, 23, 59, 59, 999999)),
        ("last week", (2026, 4, 27), (2026, 5, 3, 23, 59, 59, 999999)),
        ("last month", (2026, 4, 1), (2026, 4, 30, 23, 59, 59, 999999)),
        ("last year", (2025, 1, 1), (2025, 12, 31, 23, 59, 59, 999999)),
        ("tomorrow", (2026, 5, 7), (2026, 5, 7, 23, 59, 59, 999999)),
        ("yesterday 9am", (2026, 5, 5, 9), (2026, 5, 5, 9, 59, 59, 999999)),
        ("last monday 14:30", (2026, 5, 4, 14, 30), (2026, 5, 4, 14, 30, 59, 999999)),
        ("Dec 24", (2025, 12, 24), (2025, 12, 24, 23, 59, 59, 999999)),
        ("today", (2026, 5, 6), (2026, 5, 6, 23, 59, 59, 999999)),
        ("Yesterday", (2026, 5, 5), (2026, 5, 5, 23, 59, 59, 999999)),
        ("last monday", (2026, 5, 4), (2026, 5, 4, 23, 59, 59, 999999)),
        ("wednesday", (2026, 4, 29), (2026, 4, 29, 23, 59, 59, 999999)),
        ("9:15", (2026, 5, 6, 9, 15), (2026, 5, 6, 9, 15, 59, 999999)),
    ],
)
def test_calendar_times_are_read(text: str, begin: tuple[int, ...], end: tuple[int, ...]) -> None:
    """A day, month or year is read as its beginning or as its end."""
    assert moment(text, NOW) == local(*begin)
    assert moment(text, NOW, end=True) == local(*end)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("now", timedelta()),
        ("3 days ago", timedelta(days=3)),
        ("an hour ago", timedelta(hours=1)),
        ("90m ago", timedelta(minutes=90)),
        ("1.5 hours ago", timedelta(minutes=90)),
        ("2 weeks ago", timedelta(weeks=2)),
        ("1h30m ago", timedelta(minutes=90)),
        ("10 minutes", timedelta(minutes=10)),
        ("3d", timedelta(days=3)),
    ],
)
def test_times_before_now_are_read(text: str, before: timedelta) -> None:
    """An interval is counted back from now, to the second."""
    assert moment(text, NOW) == moment(text, NOW, end=True) == NOW - before


def test_zones_and_unix_seconds_are_read() -> None:
    """A zone in the text is respected; months and years are calendar months and years."""
    assert moment("2026-05-01T10:00:00Z", NOW) == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert moment("2026-05-01T10:00:00+02:00", NOW) == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert moment("1777629600", NOW) == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert moment("1777629600000", NOW) == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert moment("2 months ago", NOW).date() == date(2026, 3, 6)
    assert moment("a year ago", NOW).date() == date(2025, 5, 6)


@pytest.mark.parametrize(
    "text",
    ["", "yesterdy", "3 fortnights ago", "32 May 2026", "9" * 400, "in a week", "9:00 XYZ", "9999 years ago"],
)
def test_other_texts_raise_not_a_time(text: str) -> None:
    """A text that is not a time raises `NotATime`."""
    with pytest.raises(NotATime):
        moment(text, NOW)


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_time_or_raises_not_a_time(text: str, end: bool) -> None:
    """No text raises another exception, and every time has a zone."""
    with suppress(NotATime):
        assert moment(text, NOW, end=end).tzinfo is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("1.5", 1.5),
        ("90m", 5400),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1 day", 86400),
        ("2 min", 120),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """A duration is a number of seconds, or numbers with units."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5x", "-3", "1h30", "h"])
def test_other_texts_are_not_a_duration(text: str) -> None:
    """A text that is not a duration gives `None`."""
    assert duration(text) is None
