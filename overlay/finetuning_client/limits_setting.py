"""Setting of a client: which limits its requests must satisfy."""

from __future__ import annotations

from typing import Literal, TypeAlias

Limits: TypeAlias = Literal["contract", "none"]
"""Limits that requests must satisfy: those of the contract, or none."""
