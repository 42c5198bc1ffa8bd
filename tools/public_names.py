"""The stub of a lazy package: `__init__.pyi`, which shows type checkers the names of its table.

The table that a package passes to `lazy_names` lists the names of each module; they are listed only there.
"""

from __future__ import annotations

import ast
from pathlib import Path

__all__ = ["produce"]


def produce(package: Path) -> str:
    """Return the text of the stub of a package, before formatting."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    [table] = [
        ast.literal_eval(node.args[1])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazy_names"
    ]
    names = {module: text.split() for module, text in table.items()}
    imports = [
        f"from .{module} import {', '.join(f'{name} as {name}' for name in sorted(found))}"
        for module, found in sorted(names.items())
    ]
    return "\n".join(
        [
            "# Generated from the table in __init__.py by `make generate`; do not edit.",
            "",
            *imports,
            "",
            f"__all__ = {sorted(name for found in names.values() for name in found)!r}",
            "",
        ]
    )
