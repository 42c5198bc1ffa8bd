"""A driver that runs plans on an archive: responses come from its files, and no time passes.

So every operation that only reads a job works on an archived one, with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path
from urllib.parse import unquote

from ..errors import ArchiveError
from ..plans.blocking_runner import BlockingRunner
from ..plans.effects import Pause, Response, Send
from .disk import on_disk
from .files import Files, JobLog, object_of
from .format import encoded

_PIECE = 1024 * 1024
_JSON = {"content-type": "application/json"}
# Waiting for a job that had not ended when it was saved would otherwise never end.
_MOST_PAUSES = 50


class OfflineDriver(BlockingRunner["_StillTime"]):
    """Runs plans on the files of an archive."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._last: tuple[str, JobLog] | None = None

    def _started(self) -> _StillTime:
        return _StillTime(self._files.started)

    def _pause(self, effect: Pause, now: _StillTime) -> None:
        now.pass_by(effect.seconds)

    def _send(self, send: Send, now: _StillTime) -> Response:  # noqa: ARG002  no response depends on it
        path, method = str(send.request.options["url"]), str(send.request.options["method"]).upper()
        for pattern, respond in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found is not None and method == "GET":
                return respond(self, send, *found.groups())
        root = self._files.root
        raise ArchiveError(
            f"{send.request}: the archive {root} is read-only. Use the job on its server, or replay it",
            path=str(root),
        )

    def _job(self, _: Send, part: str) -> Response:
        job_id = _id_in(part, self._files.job_numbers)
        number = self._files.job_numbers.get(job_id)
        if number is None:
            return _not_found("job", job_id)
        return Response(200, _JSON, object_of(self._files.jobs.line(number), "job"))

    def _list(self, send: Send, part: str, name: str) -> Response:
        job_id = _id_in(part, self._files.job_numbers)
        log = self._log(job_id)
        if log is None:
            return _not_found("job", job_id)
        params = send.request.options.get("params") or {}
        limit, after = int(params.get("limit") or 100), params.get("after")
        page = log.page(name.removesuffix("s"), after, limit)
        return _not_found("item", str(after)) if page is None else _page(*page)

    def _permissions(self, _: Send, part: str) -> Response:
        checkpoint = _id_in(part, self._files.permissions)
        found = self._files.permissions.get(checkpoint)
        if found is None or found.get("missing") is not None:
            return _not_found("saved permissions for the checkpoint", checkpoint)
        return _page([encoded(item) for item in found["permissions"]], False)

    def _file(self, _: Send, part: str) -> Response:
        file_id = _id_in(part, self._files.files)
        file = self._files.files.get(file_id, {}).get("file")
        return _not_found("file", file_id) if file is None else Response(200, _JSON, encoded(file))

    def _content(self, send: Send, part: str) -> Response:
        file_id = _id_in(part, self._files.files)
        path = self._files.content(file_id)
        if path is None:
            return _not_found("content for the file", file_id)
        with on_disk(path):
            return _served(path, send)

    def _log(self, job_id: str) -> JobLog | None:
        # Kept, since the pages of one job are read one after the other.
        if self._last is None or self._last[0] != job_id:
            log = self._files.log(job_id)
            if log is None:
                return None
            self._last = job_id, log
        return self._last[1]


class _StillTime:
    """A clock that only pauses advance, without waiting."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._pauses = 0

    def __call__(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        self._now += seconds
        self._pauses += 1
        if self._pauses > _MOST_PAUSES:
            raise ArchiveError("the job had not ended when it was saved, so there is nothing to wait for")


_Respond = Callable[..., Response]
_JOB = "/fine_tuning/jobs/([^/]+)"
_ROUTES: tuple[tuple[str, _Respond], ...] = (
    (_JOB, OfflineDriver._job),  # noqa: SLF001  of this module
    (f"{_JOB}/(events|checkpoints)", OfflineDriver._list),  # noqa: SLF001
    ("/fine_tuning/checkpoints/([^/]+)/permissions", OfflineDriver._permissions),  # noqa: SLF001
    ("/files/([^/]+)", OfflineDriver._file),  # noqa: SLF001
    ("/files/([^/]+)/content", OfflineDriver._content),  # noqa: SLF001
)


def _id_in(part: str, known: Container[str]) -> str:
    """Return the id in a path segment; the encoded ids of some gateways are sent as they are."""
    return part if part in known else unquote(part)


def _served(path: Path, send: Send) -> Response:
    response = Response(200, {"content-length": str(path.stat().st_size)})
    if send.sink is None:
        return Response(200, response.headers, path.read_bytes())
    send.sink.begin(response)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            send.sink.write(piece)
    return response


def _page(objects: list[bytes], has_more: bool) -> Response:
    more = b"true" if has_more else b"false"
    return Response(200, _JSON, b'{"object":"list","data":[%b],"has_more":%b}' % (b",".join(objects), more))


def _not_found(what: str, name: str) -> Response:
    message = {"error": {"message": f"the archive has no {what} {name!r}", "code": "not_archived"}}
    return Response(404, _JSON, encoded(message))
