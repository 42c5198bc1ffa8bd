from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, File, Members, Unset

_FilePurpose = Members("FilePurpose")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class CreateFileRequest(ApiObject):
    """A file to store, with its purpose.

    Attributes:
        file: The bytes of the file, at most 512 MB, sent with its name.
        purpose: Purpose of the file.
        expires_after: When the file is to be deleted automatically. When left out, `batch` files are kept for 30
            days and all others until deleted. A form has no nested objects, so this is sent as the two fields
            `expires_after[anchor]` and `expires_after[seconds]`.
    """

    file: File
    purpose: models.FilePurpose
    expires_after: models.FileExpirationAfter | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.file = src["file"]
        self.purpose = _FilePurpose[v] if type(v := src["purpose"]) is str else v
        self.expires_after = READ["FileExpirationAfter"](v) if type(v := src["expires_after"]) is dict else v
