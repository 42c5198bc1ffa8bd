"""Faults of statuses: client errors, server errors, and the delays that they request."""

from __future__ import annotations

import time
from email.utils import formatdate

from .behaviours import ALWAYS, error, html, reply
from .server import Behaviour, Exchange, Fault, encode

__all__ = ["STATUS_FAULTS"]

_NOT_PROCESSED = (500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 527, 529)
_PROCESSED = (500, 502, 503, 504, 524)


async def _refuse_the_size(exchange: Exchange) -> None:
    await exchange.write(encode(413, b"{}"))
    # The body is still read: otherwise a reset of the connection could overtake the response.
    await exchange.body()


def _dated(seconds: float) -> Behaviour:
    """Respond with 429 and a date `seconds` from now."""

    async def behave(exchange: Exchange) -> None:
        await error(429, Retry_After=formatdate(time.time() + seconds, usegmt=True))(exchange)

    return behave


STATUS_FAULTS = (
    Fault("400", error(400), times=ALWAYS),
    Fault("400, `x-should-retry: true`, once", error(400, x_should_retry="true")),
    Fault("401", error(401, "invalid_api_key"), times=ALWAYS),
    Fault("403 `training_not_available`", error(403, "training_not_available"), times=ALWAYS),
    Fault("404", error(404), times=ALWAYS),
    Fault("404, an HTML page", html(404), times=ALWAYS),
    Fault("408, not processed", error(408)),
    Fault("408 after the request was processed", error(408, processed=True)),
    Fault("409", error(409)),
    Fault("413 before the body was read", _refuse_the_size, times=ALWAYS),
    Fault("425", error(425)),
    Fault("429", error(429)),
    Fault("429 `insufficient_quota`", error(429, "insufficient_quota"), times=ALWAYS),
    Fault("429, `Retry-After: 1`", error(429, Retry_After="1")),
    Fault("429, `Retry-After` a date one second from now", _dated(1)),
    Fault("429, `Retry-After` a date five seconds ago", _dated(-5)),
    Fault("429, `Retry-After` a date in 30 years", _dated(1e9)),
    Fault("429, `retry-after-ms: 200`", error(429, retry_after_ms="200")),
    Fault("429, `Retry-After: 3600`", error(429, Retry_After="3600")),
    Fault("429, `Retry-After: 1e300`", error(429, Retry_After="1e300")),
    Fault("429, `Retry-After: -10`", error(429, Retry_After="-10")),
    Fault("429, `Retry-After: nan`", error(429, Retry_After="nan")),
    Fault("429, `Retry-After: inf`", error(429, Retry_After="inf")),
    Fault("429, `Retry-After: soon`", error(429, Retry_After="soon")),
    Fault("429, `retry-after-ms: nan`", error(429, retry_after_ms="nan")),
    *(Fault(f"{status}, not processed", error(status)) for status in _NOT_PROCESSED),
    *(
        Fault(f"{status} after the request was processed", error(status, processed=True))
        for status in _PROCESSED
    ),
    Fault("500 after the request was processed, at every attempt", error(500, processed=True), times=ALWAYS),
    Fault("500, `x-should-retry: false`", error(500, x_should_retry="false")),
    Fault("502, an HTML page", html(502)),
    Fault("503, empty", reply(503)),
    Fault("503, `null`", reply(503, lambda _: b"null")),
    Fault("503, the error an array, at every attempt", reply(503, lambda _: b'{"error": [1]}'), times=ALWAYS),
    Fault("503 for every request", error(503), times=ALWAYS, also_others=True),
    Fault("529 and invalid gzip", reply(529, lambda _: b"busy", Content_Encoding="gzip")),
)
