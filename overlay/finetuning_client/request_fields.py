"""Fields of requests besides the arguments of hand-written methods.

Generated from openapi.yaml by `make generate`; do not edit.
"""

from __future__ import annotations

from typing import TypedDict

__all__ = ["CreateFineTuningJobRequestFields"]


class CreateFineTuningJobRequestFields(TypedDict, total=False):
    """Further fields of `CreateFineTuningJobRequest` in the contract."""
