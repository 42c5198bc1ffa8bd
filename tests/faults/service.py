"""The service that the runs use: jobs, files, uploads and permissions in memory, without any fault."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["CHECKPOINT", "CONTENT", "FILE", "JOBS", "RESULTS", "Quirk", "Service", "job_object"]

CHECKPOINT = "ft:gpt-4o-mini-2024-07-18:lab::abcdefgh:ckpt-step-100"
CONTENT = b'{"messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}]}\n'
FILE = "file-train"
RESULTS = b"step,train_loss\n" + b"".join(b"%d,0.5\n" % step for step in range(1, 50))
"""The content of every downloaded file."""
JOBS = [f"ftjob-{number}" for number in range(7, 0, -1)]
"""The ids of the jobs that exist at the start, newest first."""

Quirk = Literal["", "late", "reordered", "no metadata"]
"""Unusual behaviour of a service: only the second list shows a new object, or lists have new objects after
old ones, or jobs have no metadata."""

_LATE_LISTS = 1
_READS_UNTIL_DONE = 3
_AGE_OF_JOBS = 7200
_NOT_FOUND = 404, {"error": {"message": "object not found", "type": "invalid_request_error"}}
_ENDED = 400, {"error": {"message": "it has ended", "type": "invalid_request_error"}}


def _old_jobs() -> list[dict[str, Any]]:
    then = time.time() - _AGE_OF_JOBS
    request = {"model": "gpt-4o-mini-2024-07-18", "training_file": FILE}
    return [job_object(job_id, then - number, request) for number, job_id in enumerate(JOBS)]


def _old_files() -> list[dict[str, Any]]:
    return [_file("file-old", time.time() - _AGE_OF_JOBS, 1)]


@dataclass(kw_only=True)
class Service:
    """The objects of a service, and its responses.

    Attributes:
        quirk: the unusual property of its lists.
        jobs, files, permissions: the existing objects, newest first.
        uploads: by id, with the size of the parts so far.
        created: the ids of the objects that were created.
        lists: the number of lists that were requested since the first object was created.
        reads: the number of times that jobs were read.
        ends: whether the jobs succeed after they were read a few times.
        kept: the number of new objects of each kind that are kept.
    """

    quirk: Quirk = ""
    jobs: list[dict[str, Any]] = field(default_factory=_old_jobs)
    files: list[dict[str, Any]] = field(default_factory=_old_files)
    permissions: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    lists: int = 0
    reads: int = 0
    ends: bool = False
    kept: int = 10_000

    def process(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Process a request; return the status and the JSON of the response, or its bytes."""
        parts = path.strip("/").split("/")
        match method, parts:
            case "POST", ["fine_tuning", "jobs"]:
                return 200, self._create_job(json.loads(body))
            case "GET", ["fine_tuning", "jobs"]:
                self._grow_older()
                return 200, self._page(self.jobs, query)
            case "POST", ["fine_tuning", "jobs", job_id, "cancel"]:
                return self._cancel(job_id)
            case "GET", ["fine_tuning", "jobs", job_id]:
                return self._read(job_id)
            case "GET", ["fine_tuning", "jobs", _, "events" | "checkpoints"]:
                return 200, self._page([], query)
            case "POST", ["fine_tuning", "checkpoints", _, "permissions"]:
                new = [self._create_permission(project) for project in json.loads(body)["project_ids"]]
                return 200, {"object": "list", "data": new, "has_more": False}
            case "GET", ["fine_tuning", "checkpoints", _, "permissions"]:
                return 200, self._page(self.permissions, query)
            case _, ["files" | "uploads", *_]:
                return self._process_file(method, parts, query, body)
        return _NOT_FOUND

    def _process_file(
        self, method: str, parts: list[str], query: Mapping[str, str], body: bytes
    ) -> tuple[int, Any]:
        match method, parts:
            case "POST", ["files"]:
                return 200, self._create_file(body.count(CONTENT))
            case "GET", ["files"]:
                return 200, self._page(self.files, query)
            case "GET", ["files", _, "content"]:
                return 200, RESULTS
            case "GET", ["files", file_id]:
                return next(((200, file) for file in self.files if file["id"] == file_id), _NOT_FOUND)
            case "DELETE", ["files", file_id]:
                return 200, {"id": file_id, "object": "file", "deleted": True}
            case "POST", ["uploads"]:
                return 200, self._create_upload(json.loads(body))
            case "POST", ["uploads", upload_id, "parts"]:
                self.uploads[upload_id]["copies"] += body.count(CONTENT)
                part = {"id": f"part-{time.monotonic_ns()}", "object": "upload.part", "upload_id": upload_id}
                return 200, {**part, "created_at": int(time.time())}
            case "POST", ["uploads", upload_id, "complete"]:
                return self._complete(upload_id)
        return _NOT_FOUND

    def _create_job(self, body: dict[str, Any]) -> dict[str, Any]:
        new = job_object(f"ftjob-new-{len(self.created)}", time.time(), body)
        if self.quirk == "no metadata":
            new["metadata"] = None
        return self._add(self.jobs, new)

    def _create_file(self, copies: int) -> dict[str, Any]:
        return self._add(self.files, _file(f"file-new-{len(self.created)}", time.time(), copies))

    def _create_permission(self, project: str) -> dict[str, Any]:
        new = {"id": f"cp_{len(self.created)}", "object": "checkpoint.permission", "project_id": project}
        return self._add(self.permissions, {**new, "created_at": int(time.time())})

    def _create_upload(self, body: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        fields = {"filename": body["filename"], "bytes": body["bytes"], "purpose": body["purpose"]}
        upload = {"id": f"upload-{len(self.uploads)}", "object": "upload", "status": "pending", **fields}
        upload |= {"created_at": now, "expires_at": now + 3600, "file": None}
        self.uploads[upload["id"]] = {"upload": upload, "copies": 0}
        return upload

    def _complete(self, upload_id: str) -> tuple[int, Any]:
        upload = self.uploads[upload_id]["upload"]
        if upload["status"] != "pending":
            return _ENDED
        copies = upload["bytes"] // len(CONTENT)
        upload |= {"status": "completed", "file": self._create_file(copies)}
        return 200, upload

    def _add(self, objects: list[dict[str, Any]], new: dict[str, Any]) -> dict[str, Any]:
        objects.insert(0, new)
        # The old objects stay at the end.
        del objects[self.kept : len(objects) - len(JOBS)]
        self.created.append(new["id"])
        return new

    def _cancel(self, job_id: str) -> tuple[int, Any]:
        job = next(job for job in self.jobs if job["id"] == job_id)
        if job["status"] == "cancelled":
            return _ENDED
        job["status"] = "cancelled"
        return 200, job

    def _read(self, job_id: str) -> tuple[int, Any]:
        self._grow_older()
        return next(((200, job) for job in self.jobs if job["id"] == job_id), _NOT_FOUND)

    def _grow_older(self) -> None:
        self.reads += 1
        if self.ends and self.reads >= _READS_UNTIL_DONE:
            for job in self.jobs:
                job["status"] = "succeeded"

    def _page(self, objects: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        self.lists += bool(self.created)
        if self.quirk == "late" and self.lists <= _LATE_LISTS:
            objects = [item for item in objects if item["id"] not in self.created]
        if self.quirk == "reordered":
            objects = sorted(objects, key=lambda item: item["id"] in self.created)
        ids = [item["id"] for item in objects]
        start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        end = start + int(query.get("limit", "20"))
        return {"object": "list", "data": objects[start:end], "has_more": end < len(objects)}


def job_object(job_id: str, created_at: float, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a running job."""
    settings = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"}
    return {
        "id": job_id,
        "object": "fine_tuning.job",
        "created_at": int(created_at),
        "model": request["model"],
        "status": "running",
        "training_file": request["training_file"],
        "validation_file": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "error": None,
        "hyperparameters": settings,
        "method": {"type": "supervised", "supervised": {"hyperparameters": settings}},
        "organization_id": "org-lab",
        "result_files": [],
        "seed": 7,
        "trained_tokens": None,
        "metadata": request.get("metadata"),
    }


def _file(file_id: str, created_at: float, copies: int) -> dict[str, Any]:
    return {
        "id": file_id,
        "object": "file",
        "bytes": len(CONTENT) * copies,
        "created_at": int(created_at),
        "filename": "train.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
    }
