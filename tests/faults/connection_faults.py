"""Faults of the connection: refused, closed, reset, silent and slow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .behaviours import ALWAYS, TIMEOUT, after_headers, at_once, complete_response, cut, in_body
from .server import Behaviour, Exchange, Fault

__all__ = ["CONNECTION_FAULTS", "silent"]

_CREATES = ("create", "upload", "share")
_BYTE_DELAY = 0.0005
_DRIP_DELAY = 0.3
# Longer than a call may last (`judgement.HANG`).
_DRIP_TIME = 27.0


def _in_status_line(_: bytes) -> int:
    return 7


def _in_headers(_: bytes) -> int:
    return 30


def _at_the_end(response: bytes) -> int:
    return len(response)


def silent(length: Callable[[bytes], int], *, processed: bool = True) -> Behaviour:
    """Send the first `length` bytes of the correct response, and then nothing."""

    async def behave(exchange: Exchange) -> None:
        await exchange.body()
        response = await complete_response(exchange) if processed else b""
        await exchange.write(response[: length(response)])
        await exchange.silence()

    return behave


def _process_late(seconds: float, end: Callable[[Exchange], Awaitable[None]]) -> Behaviour:
    """Send no response, and process the request some time later."""

    async def behave(exchange: Exchange) -> None:
        await exchange.body()
        exchange.run.pending += 1
        later = asyncio.create_task(_process_after(exchange, seconds))
        await end(exchange)
        await later

    return behave


async def _process_after(exchange: Exchange, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await exchange.process()
    exchange.run.pending -= 1


async def _reset(exchange: Exchange) -> None:
    exchange.reset()


async def _close(exchange: Exchange) -> None:
    exchange.close()


async def _reset_in_request_body(exchange: Exchange) -> None:
    await exchange.part_of_body()
    exchange.reset()


async def _byte_by_byte(exchange: Exchange) -> None:
    for byte in await complete_response(exchange):
        await exchange.write(bytes([byte]))
        await asyncio.sleep(_BYTE_DELAY)


async def _drip(exchange: Exchange) -> None:
    """Send a byte now and then, for longer than any call may take."""
    response = await complete_response(exchange)
    for at in range(int(_DRIP_TIME / _DRIP_DELAY)):
        await exchange.write(response[at : at + 1])
        await asyncio.sleep(_DRIP_DELAY)
        if not exchange.is_open:
            return
    exchange.close()


async def _only_informational(exchange: Exchange) -> None:
    """Send informational responses, for longer than any call may take."""
    await exchange.process()
    for _ in range(int(_DRIP_TIME / _DRIP_DELAY)):
        await exchange.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(_DRIP_DELAY)
        if not exchange.is_open:
            return
    exchange.close()


async def _slow(exchange: Exchange) -> None:
    response = await complete_response(exchange)
    await asyncio.sleep(0.4 * TIMEOUT)
    await exchange.write(response)


CONNECTION_FAULTS = (
    Fault("nothing listens on the port", _reset, refused=True),
    Fault("closed before the request body was read", _close),
    Fault("reset before the request body was read", _reset),
    Fault("reset within the request body", _reset_in_request_body),
    Fault("closed after the request, not processed", cut(at_once, Exchange.close, processed=False)),
    Fault("reset after the request, not processed", cut(at_once, Exchange.reset, processed=False)),
    Fault("closed after the request was processed", cut(at_once, Exchange.close)),
    Fault("reset after the request was processed", cut(at_once, Exchange.reset)),
    Fault(
        "reset after the request was processed, at every attempt",
        cut(at_once, Exchange.reset),
        times=ALWAYS,
    ),
    Fault(
        "the same, and all other requests are reset as well",
        cut(at_once, Exchange.reset),
        times=ALWAYS,
        also_others=True,
    ),
    Fault("closed within the status line of the response", cut(_in_status_line, Exchange.close)),
    Fault("closed within the headers", cut(_in_headers, Exchange.close)),
    Fault("closed after the headers", cut(after_headers, Exchange.close)),
    Fault("closed within the body", cut(in_body, Exchange.close)),
    Fault("reset within the body", cut(in_body, Exchange.reset)),
    Fault("closed after the complete response", cut(_at_the_end, Exchange.close)),
    Fault(
        "reset, and processed half a second later",
        _process_late(0.5, _reset),
        operations=_CREATES,
        is_late=True,
    ),
    Fault(
        "silent, and processed after the client timed out",
        _process_late(1.4 * TIMEOUT, Exchange.silence),
        operations=_CREATES,
        is_late=True,
    ),
    Fault("silent, not processed", silent(at_once, processed=False)),
    Fault("silent after the request was processed", silent(at_once)),
    Fault("silent after the request was processed, at every attempt", silent(at_once), times=ALWAYS),
    Fault("silent after the headers", silent(after_headers)),
    Fault("silent within the body", silent(in_body)),
    Fault("one byte at a time", _byte_by_byte),
    Fault("a byte every 0.3 s, without end", _drip),
    Fault("endless 1xx responses", _only_informational),
    Fault("a slow response, within the timeout", _slow),
)
