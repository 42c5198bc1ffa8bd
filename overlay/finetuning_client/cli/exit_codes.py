"""Exit codes of `finetuning`, one for each class of errors. Scripts rely on them: they do not change."""

from __future__ import annotations

from collections.abc import Mapping

from .. import errors

OK = 0
REFUSED = 1
USAGE = 2
CONFIGURATION = 3
AUTHENTICATION = 4
NOT_FOUND = 5
BAD_REQUEST = 6
RATE_LIMITED = 7
SERVER = 8
CONNECTION = 9
JOB_FAILED = 10
JOB_CANCELLED = 11
TIMEOUT = 12
DECLINED = 13
INTERNAL = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS: Mapping[int, str] = {
    OK: "success",
    REFUSED: "a check failed: the service would refuse the file, or an archive or the setup has a problem",
    USAGE: "usage error: an option, an argument, a job file, or a value outside the limits of the API",
    CONFIGURATION: "the configuration cannot be used: a profile, the key, the base URL, a missing package",
    AUTHENTICATION: "the key is missing or wrong, or lacks permission (401, 403)",
    NOT_FOUND: "the object does not exist (404)",
    BAD_REQUEST: "the service refused the request (400, 409, 422 and other 4xx)",
    RATE_LIMITED: "too many requests, or the quota is exhausted (429)",
    SERVER: "the server failed (5xx), or its response is not the documented object",
    CONNECTION: "no complete response: the server could not be reached, or did not respond in time",
    JOB_FAILED: "the job ended as failed",
    JOB_CANCELLED: "the job ended as cancelled",
    TIMEOUT: "a wait timed out; the job is still running",
    DECLINED: "not confirmed: the answer was no, or there was neither a terminal nor --yes",
    INTERNAL: "an error in this program, or on this machine, such as a full disk",
    INTERRUPTED: "interrupted with Ctrl-C",
    BROKEN_PIPE: "the reader of the output closed it",
}

# The first class that fits decides, so subclasses are before their bases.
_CODES: Mapping[type[Exception], int] = {
    errors.InvalidRequestError: USAGE,
    errors.ConfigurationError: CONFIGURATION,
    errors.ArchiveError: USAGE,
    errors.AuthenticationFailed: AUTHENTICATION,
    errors.PermissionDenied: AUTHENTICATION,
    errors.NotFound: NOT_FOUND,
    errors.RateLimited: RATE_LIMITED,
    errors.ServerError: SERVER,
    errors.ApiError: BAD_REQUEST,
    errors.InvalidResponse: SERVER,
    errors.ConnectionFailed: CONNECTION,
    errors.JobFailed: JOB_FAILED,
    errors.JobCancelled: JOB_CANCELLED,
    errors.WaitTimeout: TIMEOUT,
}


def code_of(error: errors.FineTuningError) -> int:
    """Return the exit code for an error of the client."""
    if isinstance(error, errors.DatasetError | errors.ArchiveError) and error.problems:
        return REFUSED
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), INTERNAL)


def code_of_outcome(outcome: str | None) -> int:
    """Return the exit code for the outcome of a job; `None` for one that has not ended."""
    return {"failed": JOB_FAILED, "cancelled": JOB_CANCELLED}.get(outcome or "", OK)
