from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FileExpirationAfter(ApiObject):
    """When a file is to be deleted automatically.

    Attributes:
        seconds: Seconds from the anchor until deletion, 3600 (an hour) to 2592000 (30 days).
        anchor: Time to count from; always `created_at`.
    """

    seconds: int
    anchor: Literal["created_at"] = "created_at"

    def _fill(self, src: dict[str, Any]) -> None:
        self.anchor = src["anchor"]
        self.seconds = src["seconds"]
