"""Generated from the contract of the Fine-tuning API: endpoints in `api`, objects in `models`, clients here."""

from importlib import import_module

# What type checkers take for true, without the time that importing typing takes.
TYPE_CHECKING = False

__all__ = ("AuthenticatedClient", "Client", "api", "errors", "models", "types")

if TYPE_CHECKING:
    from . import api, errors, models, types
    from .client import AuthenticatedClient, Client
else:
    # Lazy (PEP 562): importing the package loads neither httpx nor any model. Unseen by type checkers, for which
    # any name would exist.
    def __getattr__(name):
        if name in ("AuthenticatedClient", "Client"):
            return getattr(import_module(".client", __name__), name)
        if name in __all__:
            return import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
