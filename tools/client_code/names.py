"""Names of the generated library: modules, classes and arguments, as generator and templates give them."""

from __future__ import annotations

import keyword
from collections.abc import Collection
from dataclasses import dataclass

from tools.generation.names import class_name, module_name

__all__ = ["TAKEN", "Model", "argument_name", "class_of", "is_argument", "module_name"]

# Names that keep the generator's underscore, since generated code uses them.
_KEEP_UNDERSCORE = frozenset(
    "self cls true false datetime str int float bool list dict tuple classmethod property".split()
)
# Names of classes that generated modules of the client import.
TAKEN = frozenset(
    "Any ApiObject Callable Driver Listing Mapping Pager Plan Request Resource Resources Self Sequence "
    "Settings T UNSET".split()
)


@dataclass(frozen=True)
class Model:
    """Class of the generated library for a component of the contract.

    Attributes:
        component: the component's name in the contract.
    """

    component: str

    @property
    def name(self) -> str:
        """Name of the class."""
        return class_name(self.component)

    def local_name(self, taken: Collection[str]) -> str:
        """Return its name in a module where other names are taken."""
        return f"{self.name}Model" if self.name in taken or self.name in TAKEN else self.name

    def imported(self, taken: Collection[str]) -> tuple[str, str]:
        """Return its module, and what is imported from there."""
        local = self.local_name(taken)
        return self.module, self.name if local == self.name else f"{self.name} as {local}"

    @property
    def module(self) -> str:
        """Full name of its module."""
        return f"finetuning_api.models.{module_name(self.name)}"


def argument_name(name: str) -> str:
    """Return the name of an argument or an attribute of the client for a name of the contract."""
    given = module_name(name)
    bare = given.removesuffix("_")
    return given if keyword.iskeyword(bare) or bare in _KEEP_UNDERSCORE else bare


def is_argument(name: str) -> bool:
    """Return whether an argument can have the name that a field has in the contract."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def class_of(name: str, suffix: str = "") -> str:
    """Return the class name for a name in snake case: `AsyncJobs` for `jobs`."""
    return f"Async{''.join(part.capitalize() for part in name.split('_'))}{suffix}"
