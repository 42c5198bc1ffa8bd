"""Names of the generated library: modules, classes and arguments, as generator and templates give them."""

from __future__ import annotations

import keyword
from collections.abc import Collection
from dataclasses import dataclass

from openapi_python_client.strings import ClassName, PythonIdentifier

__all__ = ["Model", "argument_name", "class_of", "is_argument", "module_name"]

_PREFIX = "field_"
# Names that keep the generator's underscore, since generated modules use them: see templates/names.jinja.
_KEEP_UNDERSCORE = frozenset(
    "self cls true false datetime str int float bool list dict tuple classmethod property".split()
)
# Names of classes that generated modules of the client import.
_TAKEN = frozenset(
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
        return ClassName(self.component, _PREFIX)

    def local_name(self, taken: Collection[str]) -> str:
        """Return its name in a module where others are taken."""
        return f"{self.name}Model" if self.name in taken or self.name in _TAKEN else self.name

    def imported(self, taken: Collection[str]) -> tuple[str, str]:
        """Return its module, and what is imported from there."""
        local = self.local_name(taken)
        return self.module, self.name if local == self.name else f"{self.name} as {local}"

    @property
    def module(self) -> str:
        """Full name of its module."""
        return f"finetuning_api.models.{PythonIdentifier(self.name, _PREFIX)}"


def module_name(name: str) -> str:
    """Return the module of an operation, or the package of a tag."""
    return PythonIdentifier(name, _PREFIX)


def argument_name(name: str) -> str:
    """Return the keyword of a parameter in `build_request`."""
    given = PythonIdentifier(name, _PREFIX)
    bare = given.removesuffix("_")
    return given if keyword.iskeyword(bare) or bare in _KEEP_UNDERSCORE else bare


def is_argument(name: str) -> bool:
    """Return whether an argument can have the name that a field has in the contract."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def class_of(name: str, suffix: str = "") -> str:
    """Return the class name for a name in snake case: `AsyncJobs` for `jobs`."""
    return f"Async{''.join(part.capitalize() for part in name.split('_'))}{suffix}"
