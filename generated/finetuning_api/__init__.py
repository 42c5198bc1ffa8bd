"""A client library for accessing Fine-tuning API"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import api as api
    from . import errors as errors
    from . import models as models
    from . import types as types
    from .client import AuthenticatedClient as AuthenticatedClient
    from .client import Client as Client

__all__ = ("AuthenticatedClient", "Client", "api", "errors", "models", "types")


# Lazy (PEP 562): importing the package loads neither httpx nor any model.
def __getattr__(name: str) -> Any:
    if name in ("AuthenticatedClient", "Client"):
        return getattr(import_module(".client", __name__), name)
    if name in __all__:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
