from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class CompleteUploadRequest(ApiObject):
    """Parts of the file in order, and a checksum.

    Attributes:
        part_ids: Ids of all parts, in the order of the file.
        md5: MD5 of the whole file in hexadecimal, for the server to check.
    """

    part_ids: list[str]
    md5: str | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.part_ids = src["part_ids"]
        self.md5 = src["md5"]
