"""Public names of a package, each loaded when it is first used.

Type checkers read the package's `__init__.pyi` instead, which `make generate` writes from the same table.
"""

from __future__ import annotations

import sys
from importlib import import_module

# Type checkers know this name; importing it from typing would load a large module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(
    package: str, table: Mapping[str, str]
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Return `__all__`, `__getattr__` and `__dir__` of a package.

    `table` has the names, separated by spaces, by the module that defines them: its path below the package,
    or `.name` for one beside it. A module must not have the name of a public function, which would hide it.
    """
    module_of = {name: module for module, names in table.items() for name in names.split()}

    def load(name: str) -> object:
        module = module_of.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f".{module}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    return [*module_of], load, lambda: sorted(module_of)
