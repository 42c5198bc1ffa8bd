"""Training methods: how a job trains its model, with which hyperparameters."""

from .json_conversion import UnknownMethod as UnknownMethod
from .kinds import *  # noqa: F403  those of the contract
