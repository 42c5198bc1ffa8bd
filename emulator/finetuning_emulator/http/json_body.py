"""JSON bodies of requests: read in bounded memory and decoded strictly, or refused, naming the field."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from finetuning_emulator.errors import (
    ApiError,
    invalid_value,
    missing_parameter,
    unknown_parameter,
)
from finetuning_emulator.grading import Grader, InvalidGrader, read_grader
from finetuning_emulator.simulation.job_request import JobRequest

__all__ = ["decode_grader", "decode_job_request", "decode_json", "discard_body", "read_json", "receive_json"]

_MAX_BODY = 8 * 1024 * 1024
_T = TypeVar("_T")


async def receive_json(request: Request) -> bytes:
    """Return the undecoded body of a request that must be JSON."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() != "application/json":
        raise ApiError(
            400,
            f"Unsupported content type: '{kind[:100]}'. This method only accepts 'application/json'.",
            code="unsupported_content_type",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise ApiError(413, f"The request body is larger than {_MAX_BODY} bytes.")
    return bytes(body)


async def discard_body(request: Request) -> None:
    """Read and ignore a body that the operation does not have; some clients send one."""
    async for _ in request.stream():
        pass


async def read_json(request: Request, kind: type[_T]) -> _T:
    """Return the decoded body of a request."""
    return decode_json(await receive_json(request), kind)


def decode_json(body: bytes, kind: type[_T], *, inside: str = "") -> _T:
    """Decode JSON, which may be the value of the field `inside`; an error names the first bad field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), inside) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise ApiError(
            400, "We could not parse the JSON body of your request: it is not valid JSON."
        ) from None


def decode_job_request(body: bytes) -> JobRequest:
    """Decode the body of a request to create a job."""
    request = decode_json(body, JobRequest)
    if request.kind == "reinforcement":
        if request.grader is None:
            raise missing_parameter("method.reinforcement.grader")
        decode_grader(request.grader, "method.reinforcement.grader")
    return request


def decode_grader(grader: dict[str, Any], inside: str) -> Grader:
    """Decode the grader in the field `inside`."""
    try:
        return read_grader(grader)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), inside) from None
    except InvalidGrader as error:
        raise invalid_value(inside + error.place, str(error), code="invalid_grader") from None


def _refusal(message: str, inside: str = "") -> ApiError:
    """Return the 400 for an error message of msgspec about a body."""
    text, _, place = message.partition(" - at ")
    path = inside + re.sub(r"^key in |\[\.\.\.\]|\$", "", place.replace("`", ""))
    path = path.removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", text):
        return missing_parameter(_join(path, missing[1]))
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", text):
        return unknown_parameter(_join(path, unknown[1]))
    text = text.replace("`", "")
    if not path:
        return ApiError(400, f"Invalid request body: {text}.", code="invalid_type")
    return invalid_value(path, text, code="invalid_type" if ", got " in text else "invalid_value")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
