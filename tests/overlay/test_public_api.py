"""Every public class and method is documented, typed, and the same in both clients."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import finetuning_client
from finetuning_client import AsyncFineTuning, AsyncJob, AsyncPager, FineTuning, Job, Pager, data, results

RESOURCES = ("jobs", "files", "uploads", "checkpoints", "checkpoints.permissions", "graders", "models")
LAZY_PACKAGES = (finetuning_client, data, results)


def public_classes() -> list[type]:
    """Return every class whose methods a user calls, of both clients."""
    found: list[type] = [FineTuning, AsyncFineTuning, Job, AsyncJob, Pager, AsyncPager]
    for client in (FineTuning(api_key="x"), AsyncFineTuning(api_key="x")):
        for path in RESOURCES:
            owner: Any = client
            for name in path.split("."):
                owner = getattr(owner, name)
            found.append(type(owner))
    return found


def methods(kind: type) -> dict[str, Any]:
    """Return the public methods of a class."""
    return {n: m for n, m in inspect.getmembers(kind, inspect.isfunction) if not n.startswith("_")}


@pytest.mark.parametrize("kind", public_classes(), ids=lambda kind: str(kind.__name__))
def test_every_public_member_is_documented_and_typed(kind: type) -> None:
    """An editor shows the complete documentation of each method, in both clients."""
    assert inspect.getdoc(kind)
    for name, method in methods(kind).items():
        assert len(inspect.getdoc(method) or "") > 30, f"{kind.__name__}.{name}"
        assert not re.search(r"see `\w+\.\w+`\.", inspect.getdoc(method) or ""), (
            "the documentation is incomplete"
        )
        assert inspect.signature(method).return_annotation is not inspect.Signature.empty
    for name, member in inspect.getmembers(kind, lambda member: isinstance(member, property)):
        assert member.__doc__, f"{kind.__name__}.{name}"


@pytest.mark.parametrize("path", RESOURCES)
def test_requests_are_coroutines_and_lists_are_not(path: str) -> None:
    """`async for` needs no `await` before a list."""
    owner: Any = AsyncFineTuning(api_key="x")
    for name in path.split("."):
        owner = getattr(owner, name)
    for name, method in methods(type(owner)).items():
        assert inspect.iscoroutinefunction(method) != name.startswith(("list", "follow")), name


def test_signature_shows_options_that_are_left_unchanged() -> None:
    """`help(client.with_options)` shows a word, not the address of an object."""
    assert "timeout: 'float | httpx.Timeout | None' = unchanged" in str(
        inspect.signature(FineTuning.with_options)
    )


@pytest.mark.parametrize("package", LAZY_PACKAGES, ids=lambda package: str(package.__name__))
def test_a_lazy_package_has_the_names_of_its_stub(package: ModuleType) -> None:
    """Each name is the object in the module that type checkers read, and `dir` lists it."""
    stub = ast.parse(Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    shown = {
        alias.name: f"{'.' * node.level}{node.module}"
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(shown) == sorted(package.__all__) == dir(package)
    for name, module in shown.items():
        assert getattr(package, name) is getattr(import_module(module, package.__name__), name)
    with pytest.raises(AttributeError, match=rf"'{package.__name__}' has no attribute 'NoSuchName'"):
        getattr(package, "NoSuchName")  # noqa: B009 - a type checker would refuse it
