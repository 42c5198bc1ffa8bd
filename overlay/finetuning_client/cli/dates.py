"""Times and durations as people write them: `2026-05-01`, `May 1 14:30`, `yesterday`, `3 days ago`, `90m`.

A time without a zone is local. A day, week, month or year stands for its beginning after `--since`, and for
its end after `--until`. In `1/2/2026` the month is first, in `1.2.2026` the day.
"""

from __future__ import annotations

import re
import warnings
from datetime import datetime, timedelta

import click

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_SHORT = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NotATime(ValueError):
    """Error for a text that is not a time."""


def since(text: str) -> datetime:
    """Return the value of `--since`: the beginning of what the text means."""
    return _option(text, end=False)


def until(text: str) -> datetime:
    """Return the value of `--until`: the end of what the text means."""
    return _option(text, end=True)


def _option(text: str, *, end: bool) -> datetime:
    try:
        return moment(text, datetime.now().astimezone(), end=end)
    except NotATime as error:
        raise click.BadParameter(
            f"{text!r} is not a time: write it like 2026-05-01, 'May 1 14:30', yesterday or '3 days ago'"
        ) from error


def seconds(text: str) -> float:
    """Return the value of an option that is a duration, in seconds."""
    found = duration(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not a duration: write seconds, or 90m, 2h, 1d")
    return found


def duration(text: str) -> float | None:
    """Return a duration in seconds; `None` if the text is none."""
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.strip().lower())
    if not parts or "".join(n + u for n, u in parts) != re.sub(r"\s", "", text.lower()):
        return None
    total = 0.0
    for number, unit in parts:
        size = _unit(unit or "s")
        if size is None or (not unit and len(parts) > 1):
            return None
        total += float(number) * size.total_seconds()
    return total


def moment(text: str, now: datetime, *, end: bool = False) -> datetime:
    """Return the time that a text means at `now`. Raises `NotATime` if it means none."""
    written = " ".join(text.lower().split())
    try:
        if (relative := _relative(written, now)) is not None:
            return relative
        if (span := _last_span(written, now, end=end)) is not None:
            return span.astimezone()
        day, _, time = written.removeprefix("last ").partition(" ")
        if (date := _day(day, now)) is None:
            return _parsed(text, now, end=end)
        date = _edge(date, end=end)
        return _read(time, date).astimezone() if time else date.astimezone()
    except (ValueError, OverflowError, TypeError) as error:
        raise NotATime(text) from error


def _relative(written: str, now: datetime) -> datetime | None:
    """Return the time that is now, in Unix seconds or milliseconds, or a duration ago."""
    if written == "now":
        return now
    if re.fullmatch(r"\d{9,13}", written):
        value = int(written)
        return datetime.fromtimestamp(value / 1000 if len(written) > 11 else value).astimezone()
    amount = re.sub(r"^an? ", "1 ", written.removesuffix(" ago"))
    if found := re.fullmatch(r"(\d+) ?(month|year)s?", amount):
        from dateutil.relativedelta import relativedelta

        return now - relativedelta(months=int(found[1]) * (12 if found[2] == "year" else 1))
    if amount.isdecimal() or (length := duration(amount)) is None:
        return None
    return now - timedelta(seconds=length)


def _day(name: str, now: datetime) -> datetime | None:
    """Return the day of a name; `None` if unknown. A weekday is the last one before today."""
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}.get(name)
    if days is None and name in _WEEKDAYS:
        days = (now.weekday() - _WEEKDAYS.index(name)) % 7 or 7
    # A calendar day, which need not have 24 hours.
    return None if days is None else now.replace(tzinfo=None) - timedelta(days=days)


def _last_span(written: str, now: datetime, *, end: bool) -> datetime | None:
    """Return the edge of the last calendar week, month or year; `None` for another text."""
    today = _edge(now.replace(tzinfo=None), end=False)
    starts = {
        "last week": today - timedelta(days=today.weekday()),
        "last month": today.replace(day=1),
        "last year": today.replace(month=1, day=1),
    }
    if (after := starts.get(written)) is None:
        return None
    last_day = after - timedelta(days=1)
    if end:
        return _edge(last_day, end=True)
    if written == "last week":
        return after - timedelta(days=7)
    return last_day.replace(day=1) if written == "last month" else last_day.replace(month=1, day=1)


def _unit(name: str) -> timedelta | None:
    name = _SHORT.get(name, name)
    aliases = {"sec": "second", "min": "minute", "hr": "hour"}
    name = name.removesuffix("s")
    return _UNITS.get(aliases.get(name, name))


def _edge(day: datetime, *, end: bool) -> datetime:
    if end:
        return day.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _parsed(text: str, now: datetime, *, end: bool) -> datetime:
    """Return the time that dateutil reads. What was left out is filled in from a default."""
    default = _edge(now.replace(tzinfo=None, month=12 if end else 1, day=31 if end else 1), end=end)
    if not re.search(r"\d{4}|[a-z]{3}|\d[/.-]\d", text.lower()):
        # The text is only a time of day.
        default = _edge(now.replace(tzinfo=None), end=end)
    found = _read(text, default)
    if not re.search(r"\d{4}", text) and found.replace(tzinfo=None) > now.replace(tzinfo=None):
        # Jobs are in the past, so a future day without a year is of last year.
        earlier = _read(text, default.replace(year=default.year - 1))
        found = earlier if earlier < found and found.date() > now.date() else found
    return found.astimezone()


def _read(text: str, default: datetime) -> datetime:
    """Return the time that dateutil reads. An unknown zone is an error, not the local zone."""
    from dateutil.parser import UnknownTimezoneWarning, parse

    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownTimezoneWarning)
        try:
            # Dates with dots, such as 1.2.2026, begin with the day.
            return parse(text, default=default, dayfirst=bool(re.match(r"\d+\.\d+\.", text.strip())))
        except UnknownTimezoneWarning as error:
            raise NotATime(text) from error
