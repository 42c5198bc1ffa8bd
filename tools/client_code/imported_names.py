"""The names of the generated library that hand-written modules of the client import.

A contract that no longer gives one of them would leave a client that cannot be imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools.generation.names import module_name
from tools.openapi import Place

from .locations import PACKAGE, generated

if TYPE_CHECKING:
    from tools.generation.contract import Contract

__all__ = ["check_imports"]

_IMPORT = re.compile(
    r"^ *from (finetuning_api\.(?:api|models)[\w.]*) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE
)


def check_imports(contract: Contract, root: Path) -> None:
    """Raise `DocumentError` for the first imported name that the contract does not give."""
    given = _given(contract)
    made = set(generated(root))
    for path in sorted((root / PACKAGE).rglob("*.py")):
        shown = path.relative_to(root)
        if shown in made:
            continue
        for line, module, name in _imports(path.read_text(encoding="utf-8")):
            if name not in given.get(module, ()):
                is_model = module.startswith("finetuning_api.models")
                place: Place = ("components", "schemas") if is_model else ("paths",)
                what = "schema" if is_model else "operation"
                raise contract.document.error(
                    place,
                    f"no {what} generates {name!r} in {module}, which {shown.as_posix()}:{line} imports: "
                    f"keep the name of the {what}, or change the code",
                )


def _imports(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, the module and the name of each import from the generated library."""
    for found in _IMPORT.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        for name in re.findall(r"(\w+)(?: as \w+)?", found[2] or found[3]):
            yield line, found[1], name


def _given(contract: Contract) -> Mapping[str, set[str]]:
    """The names that each module of the generated library has."""
    given: dict[str, set[str]] = {"finetuning_api.models": set(contract.shapes.classes)}
    for made in contract.shapes.classes.values():
        given[f"finetuning_api.models.{made.module}"] = {made.name}
    for operation in contract.operations:
        given.setdefault(f"finetuning_api.api.{module_name(operation.tag)}", set()).add(operation.module)
    return given
