"""A server for uploads in parts whose operations fail as a test needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from threading import Lock
from typing import Any

import httpx

from .conftest import (
    error_response,
    file_json,
    list_json,
)

CONTENT = b"".join(b'{"n": %d}\n' % n for n in range(10, 20))
PART = 20
PARTS = [CONTENT[i : i + PART] for i in range(0, len(CONTENT), PART)]
NOW = 1_700_000_000


class UploadHandler:
    """Keeps uploads and files. `faults` has the faults of each operation; each happens once, in order."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.files: list[dict[str, Any]] = []
        self.operations: list[str] = []
        self.before: Callable[[str], object] = lambda operation: None
        self._lock = Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            return self._respond(request)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        *_, owner, action = f"/{request.url.path.removeprefix('/v1/')}".split("/")
        operation = {"uploads": "create", "files": "list"}.get(action, action)
        if request.method == "DELETE":
            operation, owner = "delete", action
        self.operations.append(operation)
        self.before(operation)
        fault = next(iter(self.faults.get(operation, ())), "ok")
        self.faults.get(operation, [])[:1] = []
        if fault == "refuse":
            raise httpx.ConnectError("refused")
        if isinstance(fault, httpx.Response):
            return fault
        if fault in ("lose before", "500 before"):
            return self._lose_response(fault)
        response: httpx.Response = getattr(self, operation)(request, owner)
        return self._lose_response(fault) if fault in ("lose after", "500 after") else response

    def _lose_response(self, fault: str) -> httpx.Response:
        if fault.startswith("lose"):
            raise httpx.ReadError("reset")
        return error_response(500)

    def create(self, request: httpx.Request, _: str) -> httpx.Response:
        """Create an upload."""
        body = json.loads(request.content)
        upload = {"id": f"upload_{len(self.uploads)}", "status": "pending", "parts": {}, **body}
        self.uploads[upload["id"]] = upload
        return httpx.Response(200, json=self._shown(upload))

    def parts(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Store a part."""
        upload = self.uploads.get(owner)
        if upload is None or upload["status"] != "pending":
            return error_response(404, message="no such upload")
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        part = request.content.split(b"--" + boundary)[1].partition(b"\r\n\r\n")[2][:-2]
        name = f"part_{len(upload['parts'])}"
        upload["parts"][name] = part
        fields = {"id": name, "object": "upload.part", "created_at": NOW, "upload_id": owner}
        return httpx.Response(200, json=fields)

    def complete(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Join the named parts."""
        upload, body = self.uploads[owner], json.loads(request.content)
        if upload["status"] != "pending":
            return error_response(400, message="already completed")
        content = b"".join(upload["parts"][name] for name in body["part_ids"])
        if hashlib.md5(content).hexdigest() != body["md5"] or len(content) != upload["bytes"]:
            return error_response(400, message="size or MD5 differ")
        name = f"file-{len(self.files)}"
        fields = {k: upload[k] for k in ("bytes", "filename", "purpose")}
        self.files.insert(0, file_json(id=name, created_at=NOW, **fields))
        upload.update(status="completed", content=content)
        return httpx.Response(200, json={**self._shown(upload), "file": self.files[0]})

    def cancel(self, _: httpx.Request, owner: str) -> httpx.Response:
        """Cancel an upload."""
        if self.uploads[owner]["status"] != "pending":
            return error_response(400)
        self.uploads[owner]["status"] = "cancelled"
        return httpx.Response(200, json=self._shown(self.uploads[owner]))

    def list(self, _request: httpx.Request, _: str) -> httpx.Response:
        """List the files, newest first."""
        return httpx.Response(200, json=list_json(*self.files))

    def delete(self, _request: httpx.Request, owner: str) -> httpx.Response:
        """Delete a file."""
        self.files = [file for file in self.files if file["id"] != owner]
        return httpx.Response(200, json={"id": owner, "object": "file", "deleted": True})

    @staticmethod
    def _shown(upload: dict[str, Any]) -> dict[str, Any]:
        fields = {k: upload[k] for k in ("id", "status", "bytes", "filename", "purpose")}
        return {**fields, "object": "upload", "created_at": NOW, "expires_at": NOW + 3600}

    @property
    def statuses(self) -> tuple[str, ...]:
        """The status of each upload."""
        return tuple(upload["status"] for upload in self.uploads.values())
