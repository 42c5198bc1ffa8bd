"""Library generated from the contract of the Fine-tuning API: `api` has the endpoints, `models` the objects."""

from importlib import import_module

# Type checkers know this name; importing it from typing would take time.
TYPE_CHECKING = False

__all__ = ("AuthenticatedClient", "Client", "api", "errors", "models", "types")

if TYPE_CHECKING:
    from . import api, errors, models, types
    from .client import AuthenticatedClient, Client
else:
    # Lazy (PEP 562): importing the package loads neither httpx nor any model. Hidden from type checkers, which would
    # accept any name.
    def __getattr__(name):
        if name in ("AuthenticatedClient", "Client"):
            return getattr(import_module(".client", __name__), name)
        if name in __all__:
            return import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
