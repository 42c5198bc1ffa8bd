"""Base of the training methods, whose classes are in `kinds`."""

from __future__ import annotations

from typing import Any, ClassVar

from ..schemas import field_names
from ..validation import as_json, require


class TrainingMethod:
    """Base of the methods: turns flat fields into the `method` object of a request.

    Attributes:
        type: the name of the method in the contract.
        schema, settings: the components of the method and of its hyperparameters.
    """

    __slots__ = ()
    type: ClassVar[str]
    schema: ClassVar[str]
    settings: ClassVar[str]

    def __attrs_post_init__(self) -> None:
        require(self.settings, self.hyperparameters())
        require(self.schema, self.to_dict()[self.type])

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters that are set, by their names in the contract."""
        given = {name: getattr(self, name) for name in field_names(self.settings)}
        return {name: value for name, value in given.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the `method` object of the request (`FineTuneMethod` in the contract)."""
        others = (name for name in field_names(self.schema) if name != "hyperparameters")
        inner = {name: as_json(name, value) for name in others if (value := getattr(self, name)) is not None}
        if hyperparameters := self.hyperparameters():
            inner["hyperparameters"] = hyperparameters
        return {"type": self.type, self.type: inner}
