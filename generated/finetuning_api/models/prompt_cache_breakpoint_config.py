from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class PromptCacheBreakpointConfig(ApiObject):
    """The exact end of the part of a prompt that is to be cached.

    Attributes:
        mode: Always `explicit`.
    """

    mode: Literal["explicit"] = "explicit"

    def _fill(self, src: dict[str, Any]) -> None:
        self.mode = src["mode"]
