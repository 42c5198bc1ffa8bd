"""Hosts of this machine."""

from __future__ import annotations


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or by address, is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
