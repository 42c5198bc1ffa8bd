"""The Retry-After header, and dates in headers: the delay that a server asks for, in seconds."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST_DELAY = 86_400.0
"""The longest delay that is believed, in seconds: a server that asks for more has a clock or a unit wrong."""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the delay in seconds that a response asks for, or `None` if it names no sensible one.

    `now` is the time in Unix seconds, from which a date in `Retry-After` is measured.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"), scale=0.001)
    if milliseconds is not None:
        return milliseconds
    value = headers.get("retry-after")
    seconds = _seconds(value)
    if seconds is not None or value is None:
        return seconds
    moment = http_date(value)
    if moment is None:
        return None
    delay = moment - now
    # A date just past means "now is fine"; one long past comes from a wrong clock.
    return max(delay, 0.0) if -60.0 <= delay <= LONGEST_DELAY else None


def http_date(text: str | None) -> float | None:
    """Return the date in a header in Unix seconds, or `None` if the text is not a date."""
    # Loaded here: most clients never see such a header.
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _seconds(text: str | None, scale: float = 1.0) -> float | None:
    try:
        value = float(text or "") * scale
    except ValueError:
        return None
    return value if 0.0 <= value <= LONGEST_DELAY else None
