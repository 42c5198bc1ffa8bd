"""The error of a failed job."""

from __future__ import annotations

import msgspec

__all__ = ["JobError"]


class JobError(msgspec.Struct, frozen=True):
    """Why a job failed, as `job.error` shows it."""

    code: str
    message: str
    param: str | None
