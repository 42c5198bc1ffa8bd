from __future__ import annotations

from typing import Any

from attrs import define

from ..types import ApiObject, File


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class AddUploadPartRequest(ApiObject):
    """A part of a file.

    Attributes:
        data: The bytes of the part, at most 64 MB.
    """

    data: File

    def _fill(self, src: dict[str, Any]) -> None:
        self.data = src["data"]
