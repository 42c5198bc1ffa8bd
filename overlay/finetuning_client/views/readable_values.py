"""Times, durations and amounts of money as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta


def time_text(value: datetime | None) -> str:
    """Return a time as text; empty if there is none."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def duration_text(value: timedelta | None) -> str:
    """Return a duration as text; empty if there is none."""
    if value is None:
        return ""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join([f"{amount} {unit}" for amount, unit in parts if amount][:2]) or "0 s"


def cost_text(value: float | None) -> str:
    """Return a cost as text; empty if it is not known."""
    if value is None:
        return ""
    return f"${value:,.2f}" if value >= 0.1 or not value else f"${value:.2g}"
