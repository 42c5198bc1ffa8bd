"""Addresses that the emulator binds to and is called from."""

from __future__ import annotations

import ipaddress

__all__ = ["base_url", "is_loopback"]

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound to, but translated


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can be behind an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def base_url(host: str, port: int) -> str:
    """The base URL of an emulator that is bound there, as programs of this machine reach it."""
    host = _ANYWHERE.get(host, host)
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
