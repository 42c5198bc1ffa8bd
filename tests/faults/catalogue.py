"""Catalogue of the faults, by group."""

from __future__ import annotations

from collections.abc import Mapping

from .connection_faults import CONNECTION_FAULTS
from .list_faults import LIST_FAULTS
from .protocol_faults import PROTOCOL_FAULTS
from .redirect_faults import REDIRECT_FAULTS
from .server import Fault
from .status_faults import STATUS_FAULTS
from .success_faults import SUCCESS_FAULTS

__all__ = ["FAULTS"]

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "The connection": CONNECTION_FAULTS,
    "The protocol": PROTOCOL_FAULTS,
    "Invalid and unusual successes": SUCCESS_FAULTS,
    "Error statuses": STATUS_FAULTS,
    "Redirects": REDIRECT_FAULTS,
    "Pages of a list": LIST_FAULTS,
}
"""Every fault, by the title of its group on the page."""
