from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class CompleteUploadRequest(ApiObject):
    """How to put the parts together.

    Attributes:
        part_ids: Ids of all parts, in the order of the file.
        md5: MD5 of the whole file in hexadecimal, for the server to check.
    """

    part_ids: list[str]
    md5: str | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["part_ids"], src["md5"])
