from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import ApiObject, File


@define(repr=False)
class AddUploadPartRequest(ApiObject):
    """A part of a file.

    Attributes:
        data: The bytes of the part, at most 64 MB.
    """

    data: File

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["data"])
