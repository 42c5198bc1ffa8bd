"""Combinations: two faults in a row, a fault of every request of an operation, and unusual lists.

They use a few representative faults: not processed, processed without a response, and processed with an
unusable response.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from itertools import product

from .behaviours import at_once, cut, error, html, in_body, json_reply, reply
from .clients import OPERATIONS, SEQUENCES, Client
from .connection_faults import silent
from .runs import Case
from .server import Behaviour, Exchange, Fault
from .service import Quirk

__all__ = ["COMBINATIONS", "every_request", "two_in_a_row", "unusual_lists"]

_OTHER_KIND = "200 of another kind"
_FAULTS: dict[str, Behaviour] = {
    "reset, not processed": cut(at_once, Exchange.reset, processed=False),
    "reset, processed": cut(at_once, Exchange.reset),
    "closed within the body": cut(in_body, Exchange.close),
    "silent, processed": silent(at_once),
    "500, not processed": error(500),
    "503, processed": error(503, processed=True),
    "429, not processed": error(429),
    "409, processed": error(409, processed=True),
    "502 HTML": html(502),
    "200 HTML, processed": html(),
    "200 empty, processed": reply(body=lambda _: b""),
    _OTHER_KIND: json_reply({"id": "model-1", "object": "model"}),
    "truncated gzip": reply(body=lambda good: gzip.compress(good)[:-12], Content_Encoding="gzip"),
}
# Faults that create an object without a readable response.
_LOSSES = [name for name in _FAULTS if "not processed" not in name and name not in ("502 HTML", _OTHER_KIND)]
_CREATES = ("create", "upload", "share")
_QUIRKS: tuple[Quirk, ...] = ("late", "reordered", "no metadata")


def two_in_a_row(clients: Sequence[Client]) -> Iterator[Case]:
    """Yield each operation with each pair of faults, of its first request and of the next request."""
    for first, second in product(_FAULTS, _FAULTS):
        fault = Fault(f"{first}; {second}", _in_turn(_FAULTS[first], _FAULTS[second]), places=(1, 2))
        yield from (Case(client, operation, fault) for operation in OPERATIONS for client in clients)


def every_request(clients: Sequence[Client]) -> Iterator[Case]:
    """Yield each operation of several requests with a fault of each of them."""
    for operation, number in SEQUENCES.items():
        for place, (name, behaviour) in product(range(1, number + 1), _FAULTS.items()):
            fault = Fault(f"request {place}: {name}", behaviour, places=(place,))
            # The content of a file can be of any kind.
            if (operation, name) != ("content", _OTHER_KIND):
                yield from (Case(client, operation, fault) for client in clients if operation in client.calls)


def unusual_lists(clients: Sequence[Client]) -> Iterator[Case]:
    """Yield each create operation whose response is lost, on services with unusual lists."""
    for quirk, name in product(_QUIRKS, _LOSSES):
        fault = Fault(f"{quirk}: {name}", _FAULTS[name], places=(1,), quirk=quirk)
        yield from (Case(client, operation, fault) for operation in _CREATES for client in clients)


COMBINATIONS = {
    "two faults in a row": two_in_a_row,
    "every request of an operation": every_request,
    "lists that are late, reordered or without metadata": unusual_lists,
}
"""The combinations, by their names on the page."""


def _in_turn(first: Behaviour, second: Behaviour) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await (first if exchange.run.all_requests == 1 else second)(exchange)

    return behave
