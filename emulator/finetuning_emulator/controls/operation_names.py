"""The contract's names of the operations, so that a fault can apply to one of them."""

from __future__ import annotations

import re

__all__ = ["OPERATIONS", "operation_at"]

OPERATIONS = {
    "createFineTuningJob": "POST /fine_tuning/jobs",
    "listPaginatedFineTuningJobs": "GET /fine_tuning/jobs",
    "retrieveFineTuningJob": "GET /fine_tuning/jobs/{}",
    "cancelFineTuningJob": "POST /fine_tuning/jobs/{}/cancel",
    "pauseFineTuningJob": "POST /fine_tuning/jobs/{}/pause",
    "resumeFineTuningJob": "POST /fine_tuning/jobs/{}/resume",
    "listFineTuningEvents": "GET /fine_tuning/jobs/{}/events",
    "listFineTuningJobCheckpoints": "GET /fine_tuning/jobs/{}/checkpoints",
    "listFineTuningCheckpointPermissions": "GET /fine_tuning/checkpoints/{}/permissions",
    "createFineTuningCheckpointPermission": "POST /fine_tuning/checkpoints/{}/permissions",
    "deleteFineTuningCheckpointPermission": "DELETE /fine_tuning/checkpoints/{}/permissions/{}",
    "runGrader": "POST /fine_tuning/alpha/graders/run",
    "validateGrader": "POST /fine_tuning/alpha/graders/validate",
    "listFiles": "GET /files",
    "createFile": "POST /files",
    "retrieveFile": "GET /files/{}",
    "deleteFile": "DELETE /files/{}",
    "downloadFile": "GET /files/{}/content",
    "createUpload": "POST /uploads",
    "addUploadPart": "POST /uploads/{}/parts",
    "completeUpload": "POST /uploads/{}/complete",
    "cancelUpload": "POST /uploads/{}/cancel",
    "listModels": "GET /models",
    "retrieveModel": "GET /models/{}",
    "deleteModel": "DELETE /models/{}",
}
_PATTERNS = {
    name: re.compile(re.escape(request).replace(r"\{\}", "[^/]+").replace(r"\ /", r"\ /v1/", 1))
    for name, request in OPERATIONS.items()
}


def operation_at(method: str, path: str) -> str | None:
    """Return the name of the operation that a request calls, or None."""
    request = f"{method} {path}"
    return next((name for name, pattern in _PATTERNS.items() if pattern.fullmatch(request)), None)
