"""The stub of a lazy package: `__init__.pyi`, which shows type checkers the names of its table.

The table `_NAMES` of `overlay/finetuning_client/__init__.py` says which module has which names; they stand
once, there.
"""

from __future__ import annotations

import ast
from pathlib import Path

__all__ = ["produce"]


def produce(package: Path) -> str:
    """Return the text of the stub of a package, before formatting."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    [table] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_NAMES"
    ]
    names = {module: text.split() for module, text in table.items()}
    imports = [
        f"from .{module} import {', '.join(f'{name} as {name}' for name in sorted(found))}"
        for module, found in sorted(names.items())
    ]
    public = sorted({"__version__", *(name for found in names.values() for name in found)})
    return "\n".join(
        [
            "# Generated from the table in __init__.py by `make generate`; do not edit.",
            "",
            *imports,
            "from .version import __version__ as __version__",
            "",
            f"__all__ = {public!r}",
            "",
        ]
    )
