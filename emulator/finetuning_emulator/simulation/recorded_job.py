"""A job from another server, as it was when it was archived; it does not change."""

from __future__ import annotations

import msgspec

__all__ = ["RecordedJob"]


class RecordedJob(msgspec.Struct, frozen=True, tag="recorded"):
    """A recorded job; `body` is the JSON object as the other server sent it."""

    id: str
    body: str
    is_over: bool
