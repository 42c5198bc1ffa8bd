"""Upload of a file of any size: in one request if it is small enough for one, else in parts."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments import require_callback
from ..errors import DatasetError, FineTuningError, InvalidRequestError
from ..operation_settings import Settings
from ..upload_source import LARGEST_FILE, Payload, Source, open_source
from ..validation import require
from . import operations
from .effects import Plan, Work
from .exactly_once import create_once
from .upload_in_one_request import OneRequest
from .upload_in_parts import Progress, send_in_parts

if TYPE_CHECKING:
    from finetuning_api.models.open_ai_file import OpenAIFile


def upload(
    source: Source,
    purpose: str,
    expires_after: int | None,
    filename: str | None,
    settings: Settings,
    *,
    on_progress: Progress | None = None,
    state: str | os.PathLike[str] | None = None,
) -> Plan[OpenAIFile]:
    """Check a source, and upload it.

    `expires_after` is in seconds after its creation. A file that changes during the upload raises
    `DatasetError`, and the file that was made from it is deleted.
    """
    fields: dict[str, Any] = {"purpose": purpose}
    if expires_after is not None:
        fields["expires_after"] = {"anchor": "created_at", "seconds": expires_after}
    require("CreateFileRequest", {**fields, "file": ""}, limits=settings.limits)
    require_callback("on_progress", on_progress)
    if state is not None and not isinstance(state, str | os.PathLike):
        raise InvalidRequestError.of("state", "a path or None", state)
    payload: Payload = yield Work(partial(open_source, source, filename))
    with payload:
        if payload.size > LARGEST_FILE:
            kept_in = None if state is None else Path(state)
            sent = yield from send_in_parts(payload, fields, settings, state=kept_in, on_progress=on_progress)
        else:
            sent = yield from create_once(OneRequest(payload, fields, settings, on_progress))
        try:
            yield Work(payload.require_unchanged)
        except DatasetError:
            with suppress(FineTuningError):
                yield from operations.delete_file(sent.id, settings)
            raise
    return sent
