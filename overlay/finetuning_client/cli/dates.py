"""Times and durations as people write them: `2026-05-01`, `May 1 14:30`, `yesterday`, `3 days ago`, `90m`.

A time without a zone is local. A day, month or year stands for its beginning after `--since`, and for its end
after `--until`. In `1/2/2026` the month is first.
"""

from __future__ import annotations

import re
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
    if (relative := _relative(written, now)) is not None:
        return relative
    days = {"today": 0, "yesterday": 1}.get(written)
    if days is None and (weekday := written.removeprefix("last ")) in _WEEKDAYS:
        days = (now.weekday() - _WEEKDAYS.index(weekday)) % 7 or 7
    if days is not None:
        # A calendar day, which need not have 24 hours.
        return _edge(now.replace(tzinfo=None) - timedelta(days=days), end=end).astimezone()
    return _parsed(text, now, end=end)


def _relative(written: str, now: datetime) -> datetime | None:
    if written == "now":
        return now
    if re.fullmatch(r"\d{9,11}", written):
        # Unix seconds, as the API has them.
        return datetime.fromtimestamp(int(written)).astimezone()
    found = re.fullmatch(r"(an?|\d+(?:\.\d+)?) ?([a-z]+) ago", written)
    if found is None:
        return None
    count = 1.0 if found[1] in ("a", "an") else float(found[1])
    unit = found[2].removesuffix("s") if len(found[2]) > 1 else found[2]
    if unit in ("month", "year") and count.is_integer():
        from dateutil.relativedelta import relativedelta

        return now + relativedelta(months=-int(count) * (12 if unit == "year" else 1))
    size = _unit(unit)
    if size is None:
        raise NotATime(written)
    try:
        return now - count * size
    except OverflowError as error:
        raise NotATime(written) from error


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
    from dateutil.parser import parse

    default = _edge(now.replace(tzinfo=None, month=12 if end else 1, day=31 if end else 1), end=end)
    if not re.search(r"\d{4}|[a-z]{3}|\d[/.-]\d", text.lower()):
        # Only a time of day.
        default = _edge(now.replace(tzinfo=None), end=end)
    try:
        found = parse(text, default=default)
        if not re.search(r"\d{4}", text) and found.replace(tzinfo=None) > now.replace(tzinfo=None):
            # Jobs are in the past, so a day without a year that is still to come is of last year.
            earlier = parse(text, default=default.replace(year=default.year - 1))
            found = earlier if earlier < found and found.date() > now.date() else found
        return found.astimezone()
    except (ValueError, OverflowError, TypeError) as error:
        raise NotATime(text) from error
