"""Addresses: loopback or not, and the base URL of an address that the emulator listens on."""

from __future__ import annotations

import ipaddress

__all__ = ["base_url", "is_loopback"]

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - translated, not bound


def is_loopback(host: str) -> bool:
    """Return whether an address belongs to this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def base_url(host: str, port: int) -> str:
    """Return the base URL for programs on this machine."""
    host = _WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
