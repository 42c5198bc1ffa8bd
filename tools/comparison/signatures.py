"""The surfaces of the generated library and of the client, read from their source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.comparison.source import Module, Package
from tools.comparison.surface import Item, Name, Surface

__all__ = ["read_client", "read_generated"]

_CALLS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")


def read_generated(directory: Path) -> Surface:
    """Return the surface of a generated library: the module of each operation, and the models.

    The functions of an operation take the same arguments, so these are read once, as the module's own.
    """
    package = Package(directory)
    surface: Surface = {}
    for module in package.modules.values():
        parts = module.name.split(".")
        if parts[0] == "api" and len(parts) == 3:
            surface[module.name] = Name("module")
            calls = [name for name in _CALLS if name in module.functions]
            surface.update({f"{module.name}.{name}": Name("function") for name in calls})
            if calls:
                surface[module.name] = module.function(module.functions[calls[0]], bound=False)
        elif parts[0] == "models":
            for name in module.classes:
                if not name.startswith("_"):
                    surface[f"models.{name}"] = module.class_item(name)
                    surface.update({f"models.{name}.{key}": item for key, item in module.members(name)})
    return surface


def read_client(directory: Path, submodules: Sequence[str]) -> Surface:
    """Return the public names of the client and of some modules, and the classes that these return.

    A constructor with a parameter of a private class is not for callers, and is left out.

    Args:
        directory: The package.
        submodules: Public modules and packages, besides the package itself.
    """
    package = Package(directory)
    waiting: list[tuple[str, Module, str]] = []
    for prefix in ("", *submodules):
        module = package.modules.get(prefix)
        names = [(f"{prefix}.{name}" if prefix else name, name) for name in (module.public if module else ())]
        waiting += [(path, *package.origin(package.modules[prefix], name)) for path, name in names]
    public = {(module.name, name) for _, module, name in waiting}
    surface: Surface = {}
    seen: set[tuple[str, str]] = set()
    while waiting:
        path, module, name = waiting.pop(0)
        surface[path] = _item(module, name)
        if name in module.functions:
            returned = list(module.classes_in([module.functions[name].returns]))
        elif name in module.classes and (module.name, name) not in seen:
            seen.add((module.name, name))
            surface.update({f"{path}.{key}": item for key, item in _members(module, name, public)})
            returned = [one for above, node in module.lineage(name) for one in above.returned(node)]
        else:
            continue
        for other, inner in returned:
            # A class that is not public is listed by its name alone.
            if (other.name, inner) not in seen | public and inner not in surface:
                waiting.append((inner, other, inner))
    return surface


def _item(module: Module, name: str) -> Item:
    if name in module.functions:
        return module.function(module.functions[name], bound=False)
    return module.class_item(name) if name in module.classes else Name("name")


def _members(module: Module, name: str, public: set[tuple[str, str]]) -> Iterator[tuple[str, Item]]:
    for key, item in module.members(name):
        if key != "__init__" or module.takes_only(name, public):
            yield key, item
