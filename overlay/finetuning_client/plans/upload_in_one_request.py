"""Upload of a file in one request, at most once; a lost attempt is looked up among the newest files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from finetuning_api.api.files import create_file, list_files
from finetuning_api.models.create_file_request import CreateFileRequest
from finetuning_api.models.list_files_response import ListFilesResponse
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_api.types import File

from ..operation_settings import Settings
from ..retry_after_header import http_date
from ..upload_source import Payload
from ..views.field_readers import seconds, whole
from .attempts import exchange
from .effects import Now, Outcome, Plan, Request, Response, Work
from .exactly_once import Creation
from .responses import read_object

_NEWEST_FILES = 100


class FileCreation(Creation[OpenAIFile]):
    """The creation of a file: recognised by its name, size, purpose and time."""

    noun = "file"
    has_file = True
    advice = "Look at the list of files"

    def __init__(self, payload: Payload, purpose: str, settings: Settings) -> None:
        super().__init__(settings)
        self._payload = payload
        self._purpose = purpose
        self._described = (unquote(payload.name), payload.size, purpose)

    def look(self) -> Plan[OpenAIFile | None]:
        """Look through the newest files once."""
        request = Request.of(list_files.build_request, purpose=self._purpose, limit=_NEWEST_FILES)

        def read(response: Response) -> tuple[ListFilesResponse, float | None]:
            date = http_date(response.headers.get("date"))
            return read_object(response, request, ListFilesResponse), date

        newest, date = yield from exchange(request, self.settings, read)
        now: float = yield Now()
        # By the server's clock; otherwise an earlier file of the same name and size might be returned.
        since = self.since(date, now)
        for file in newest.data:
            created = seconds(file.created_at)
            is_recent = created is None or created >= since
            if _description(file) == self._described and is_recent and isinstance(file.id, str):
                return file
        return None

    def require_ours(self, file: OpenAIFile, response: Response) -> OpenAIFile:
        """Return the file. Raises `InvalidResponse` for one of another name, size or purpose."""
        pairs = zip(_description(file), self._described, strict=True)
        if all(theirs == ours for theirs, ours in pairs if _is_value(theirs)):
            return file
        reason = f"{file.id} belongs to another request, with another name, size or purpose"
        raise self.invalid(response, reason, field="id")


def _description(file: OpenAIFile) -> tuple[object, object, object]:
    name = file.filename
    # Forms carry quotation marks in names percent-encoded, and not every server decodes them.
    return unquote(name) if isinstance(name, str) else name, whole(file.bytes), file.purpose


def _is_value(value: object) -> bool:
    """Return whether a value is known to the server; some leave out unknown values, or write 0."""
    return isinstance(value, str | int) and value not in ("", 0)


class OneRequest(FileCreation):
    """The creation of a file by one request with its content, which each attempt reads from the beginning."""

    def __init__(
        self,
        payload: Payload,
        fields: Mapping[str, Any],
        settings: Settings,
        on_progress: Callable[[int, int], object] | None,
    ) -> None:
        super().__init__(payload, str(fields["purpose"]), settings)
        self._fields = fields
        content = payload.part(on_read=on_progress and (lambda at: on_progress(at, payload.size)))
        self._file = File(content, payload.name, "application/jsonl")

    def request(self) -> Request:
        """Return the request with the whole content."""
        body = CreateFileRequest.from_dict({**self._fields, "file": self._file})
        return Request.of(create_file.build_request, body=body)

    def read(self, response: Response) -> OpenAIFile:
        """Read the file object."""
        return self.require_ours(self.read_as(OpenAIFile, response), response)

    def before_retry(self, outcome: Outcome) -> Plan[None]:
        """Refuse to retry with a file that has changed."""
        if not isinstance(outcome, Response):
            yield Work(self._payload.require_unchanged)
