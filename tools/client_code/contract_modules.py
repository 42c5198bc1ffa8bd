"""The modules of the client that are generated from the extensions of the contract.

The generated texts are not formatted: they need `ruff check --fix-only --select I,F401`, which sorts imports
and drops those that a module does not use, and then `ruff format`.
"""

from __future__ import annotations

from pathlib import Path

from tools.openapi import Document

from .client import read_client
from .hand_written import read_identifiers
from .locations import METHODS_OF, PACKAGE, RESOURCES
from .methods import handle_module, resource_module, resources_module
from .plans import plans_module
from .request_fields import request_fields_module
from .statuses import read_statuses, statuses_module
from .training import methods_module
from .views import read_views, views_module

__all__ = ["produce"]


def produce(contract: Document, root: Path) -> dict[str, str]:
    """Write the generated modules of the client; return their texts by path relative to the repository.

    The hand-written modules under `root` are parsed to see what they define; they are not imported. Raises
    `DocumentError` with a line for each problem.
    """
    enums = read_statuses(contract)
    statuses = {enum.component: enum.name for enum in enums}
    identifiers = read_identifiers(root)
    views = read_views(contract, statuses, identifiers)
    client = read_client(contract, root, views)
    place = PACKAGE / "_async"
    made = {
        PACKAGE / "methods" / "kinds.py": methods_module(contract),
        PACKAGE / "request_fields.py": request_fields_module(contract, root),
        PACKAGE / "statuses.py": statuses_module(enums),
        PACKAGE / "views" / "objects.py": views_module(views, statuses.values(), identifiers),
        PACKAGE / "plans" / "operations.py": plans_module(client),
        place / f"{RESOURCES}.py": resources_module(client),
    }
    for top in client.resources:
        for resource in top.all():
            if resource.operations:
                made[place / f"{METHODS_OF}{resource.name}.py"] = resource_module(client, resource)
    for handle, operations in client.handles.items():
        name = client.module_of(handle).removesuffix("_handle")
        made[place / f"{METHODS_OF}{name}_handle.py"] = handle_module(client, handle, operations)
    return {path.as_posix(): text for path, text in made.items()}
