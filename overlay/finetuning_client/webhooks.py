"""Webhooks of the fine-tuning API: `verify` checks that a request came from the service, and reads it.

The signature is that of Standard Webhooks: HMAC-SHA256 of `id.timestamp.body` under the endpoint's secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from finetuning_api.types import OpenStrEnum

from .arguments import is_number
from .errors import ConfigurationError, InvalidWebhook
from .identifiers import JobId
from .statuses import JobStatus
from .views.field_readers import moment

_Headers: TypeAlias = (
    Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str] | tuple[bytes, bytes]]
)
"""The headers of a request, in any of the forms in which web frameworks provide them."""

TOLERANCE = 300.0
"""Default number of seconds by which a request's timestamp may differ from this machine's clock."""

_PREFIX = "whsec_"
_JOB_PREFIX = "fine_tuning.job."


class WebhookEventType(OpenStrEnum):
    """Type of the event. One that this release does not know is kept as it is."""

    SUCCEEDED = "fine_tuning.job.succeeded"
    FAILED = "fine_tuning.job.failed"
    CANCELLED = "fine_tuning.job.cancelled"

    @property
    def job_status(self) -> JobStatus | None:
        """The status that the job has reached; `None` for an event about something else."""
        return JobStatus(self.removeprefix(_JOB_PREFIX)) if self.startswith(_JOB_PREFIX) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """A verified event.

    Attributes:
        id: the id of the event: the same for each delivery, so store it to recognise repeats.
        type: what happened.
        created_at: when it happened, in UTC; `None` if the service does not say.
        job_id: the job it is about; `None` for an event about something else.
    """

    id: str
    type: WebhookEventType
    created_at: datetime | None
    job_id: JobId | None
    _body: Mapping[str, Any] = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the object that the service sent, unknown fields included."""
        return dict(self._body)


def verify(
    headers: _Headers,
    body: bytes | str,
    secret: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> WebhookEvent:
    """Return the event in a webhook request, after verifying that the service sent it.

    Args:
        headers: the request's headers, as a mapping or pairs, text or bytes; the case of their names does not
            matter.
        body: the request body, exactly as received: parsing and rewriting it would invalidate the signature.
        secret: the endpoint's secret, `whsec_…`; several while secrets are being rotated.
        tolerance: seconds by which the request's timestamp may be off; an older request may be a replay.
        now: the time in Unix seconds; `None` to read the clock.

    Raises `InvalidWebhook` for a request that the service did not send, that is outside the tolerance, or
    that is not an event; `ConfigurationError` for an invalid secret or other argument.
    """
    given = _read_headers(headers)
    if not is_number(tolerance) or tolerance < 0:
        raise ConfigurationError(f"tolerance must be a number of seconds, at least 0, not {tolerance!r}")
    if now is not None and not is_number(now):
        raise ConfigurationError(f"now must be a time in Unix seconds or None, not {now!r}")
    if not isinstance(body, bytes | bytearray | memoryview | str):
        raise ConfigurationError(f"body must be bytes or text as received, not {type(body).__name__}")
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
    message_id, stamp, signatures = (
        _header(given, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    _check_time(stamp, tolerance, time.time() if now is None else now)
    signed = b".".join((message_id.encode("utf-8", "surrogatepass"), stamp.encode(), content))
    secrets = (list(secret) or [""]) if isinstance(secret, list | tuple) else [secret]
    expected = [hmac.new(_key(s), signed, hashlib.sha256).digest() for s in secrets]
    offered = [_decoded(part) for part in signatures.split() if part.startswith("v1,")]
    if not any(hmac.compare_digest(a, b) for a in expected for b in offered):
        raise InvalidWebhook("the signature does not match: check that the secret belongs to this endpoint")
    return _event(message_id, content)


def _read_headers(headers: _Headers) -> dict[str, str]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    try:
        return {_text(name).lower(): _text(value) for name, value in pairs}
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"headers must be a mapping or pairs of text, not {type(headers).__name__}"
        ) from None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    raise TypeError


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidWebhook(f"the request has no {name} header")
    return value


def _check_time(stamp: str, tolerance: float, now: float) -> None:
    if not (stamp.isascii() and stamp.isdigit()):
        raise InvalidWebhook("webhook-timestamp is not a time in Unix seconds")
    # A number that is too long for a float is infinitely far off.
    off = now - float(stamp) if len(stamp) < 20 else -float("inf")
    if abs(off) > tolerance:
        when = "old" if off > 0 else "ahead of this machine's clock"
        raise InvalidWebhook(
            f"the request is {abs(off):.0f} s {when}, more than the {tolerance:g} s allowed: "
            "it was replayed, or a clock is wrong"
        )


def _key(secret: object) -> bytes:
    try:
        text = secret if isinstance(secret, str) else ""
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ConfigurationError(
            "the webhook secret is not 'whsec_' followed by base64 text: copy the whole secret"
        )
    return key


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.removeprefix("v1,"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _event(message_id: str, content: bytes) -> WebhookEvent:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise InvalidWebhook(
            "the signature is valid, but the body is not an event (a JSON object with a type)"
        )
    kind = WebhookEventType(value["type"])
    data = value.get("data")
    about = data.get("id") if isinstance(data, dict) else None
    is_job = kind.startswith(_JOB_PREFIX) and isinstance(about, str)
    identity = value.get("id")
    return WebhookEvent(
        id=identity if isinstance(identity, str) else message_id,
        type=kind,
        created_at=moment(value.get("created_at")),
        job_id=JobId(str(about)) if is_job else None,
        _body=value,
    )
