from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, File, Unset, members


@define(repr=False)
class CreateFileRequest(ApiObject):
    """A file to store, with what it is for.

    Attributes:
        file: The bytes of the file, at most 512 MB, sent with its name.
        purpose: What the file is for.
        expires_after: When the file is to be deleted by itself. Left out, `batch` files stay 30 days and all
            others until deleted. A form has no nested objects: it goes as the two fields `expires_after[anchor]` and
            `expires_after[seconds]`.
    """

    file: File
    purpose: FilePurpose
    expires_after: FileExpirationAfter | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.file = src["file"]
        self.purpose = _FilePurpose[v] if type(v := src["purpose"]) is str else v
        self.expires_after = FileExpirationAfter.from_dict(v) if type(v := src["expires_after"]) is dict else v


from .file_expiration_after import FileExpirationAfter
from .file_purpose import FilePurpose

_FilePurpose = members(FilePurpose)
