"""Every public class and method is documented, typed, and the same in both clients."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

import pytest

import finetuning_client
from finetuning_client import AsyncFineTuning, AsyncJob, AsyncPager, FineTuning, Job, Pager

RESOURCES = ("jobs", "files", "uploads", "checkpoints", "checkpoints.permissions", "graders", "models")


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
    """An editor shows the whole documentation of each method, in both clients."""
    assert inspect.getdoc(kind)
    for name, method in methods(kind).items():
        assert len(inspect.getdoc(method) or "") > 30, f"{kind.__name__}.{name}"
        assert not re.search(r"see `\w+\.\w+`\.", inspect.getdoc(method) or ""), "documentation is whole"
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


@pytest.mark.parametrize("name", sorted(set(finetuning_client.__all__) - {"__version__"}))
def test_each_public_name_is_the_object_of_its_module(name: str) -> None:
    """Both names give the same object, and `dir` lists it."""
    module = import_module(f"finetuning_client.{vars(finetuning_client)['_MODULE_OF'][name]}")
    assert getattr(finetuning_client, name) is getattr(module, name)
    assert name in dir(finetuning_client)
