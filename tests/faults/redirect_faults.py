"""Redirects within the origin, to other origins, and to unusable addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

from .behaviours import ALWAYS, elsewhere, redirect, reply
from .server import Exchange, Fault

__all__ = ["REDIRECT_FAULTS"]


def _same_url(exchange: Exchange) -> str:
    here = urlsplit(exchange.run.base_url)
    return f"{here.scheme}://{here.netloc}{exchange.target}"


def _moved(exchange: Exchange) -> str:
    return _same_url(exchange).replace("/v1/", "/v2/", 1)


def _moved_relative(exchange: Exchange) -> str:
    return exchange.target.replace("/v1/", "/v2/", 1)


def _other_host_name(exchange: Exchange) -> str:
    return _same_url(exchange).replace("127.0.0.1", "localhost")


def _scheme_relative(exchange: Exchange) -> str:
    return elsewhere(exchange).removeprefix("http:")


def _https(exchange: Exchange) -> str:
    return elsewhere(exchange).replace("http:", "https:")


REDIRECT_FAULTS = (
    Fault("307 within the origin", redirect(307, _moved)),
    Fault("308 within the origin, relative", redirect(308, _moved_relative)),
    Fault("301 within the origin", redirect(301, _moved)),
    Fault("302 within the origin, relative", redirect(302, _moved_relative)),
    Fault("303 within the origin, relative", redirect(303, _moved_relative), operations=("retrieve", "list")),
    Fault("307 to the same URL", redirect(307, _same_url)),
    Fault("307 to the same URL, at every attempt", redirect(307, _same_url), times=ALWAYS),
    Fault("a redirect without an address", redirect(307, lambda _: ""), times=ALWAYS),
    Fault("a redirect to a malformed URL", redirect(307, lambda _: "http://[/"), times=ALWAYS),
    Fault("a redirect to a file", redirect(307, lambda _: "file:///etc/hostname"), times=ALWAYS),
    *(
        Fault(f"{status} to another port", redirect(status, elsewhere))
        for status in (301, 302, 303, 307, 308)
    ),
    Fault("307 to another name for the host", redirect(307, _other_host_name)),
    Fault("307 to another origin, without a scheme", redirect(307, _scheme_relative)),
    Fault("307 to another origin, over https", redirect(307, _https), times=ALWAYS),
    Fault("304", reply(304, lambda _: b""), times=ALWAYS),
)
