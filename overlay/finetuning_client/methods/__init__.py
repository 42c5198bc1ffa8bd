"""Training methods: how a job trains its model, with which hyperparameters.

A hyperparameter that is `None` is left out of the request, and the service decides; `auto` asks for that
explicitly. The limits of the contract are checked when a method is created.
"""

from . import kinds
from .json_conversion import UnknownMethod
from .kinds import *  # noqa: F403  those of the contract

__all__ = ["UnknownMethod"]
__all__ += kinds.__all__
