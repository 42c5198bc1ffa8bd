"""The blocking and the awaited classes are held in step, and the package's table of names in order."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import finetuning_client
from finetuning_client import AsyncFineTuning, FineTuning


def twins() -> dict[str, tuple[type, type]]:
    """Every class of the package that has an awaited twin, by name."""
    found = {}
    for module in pkgutil.walk_packages(finetuning_client.__path__, "finetuning_client."):
        if module.name.endswith("__main__"):
            continue
        members = vars(import_module(module.name))
        for name, value in members.items():
            if inspect.isclass(value) and value.__module__ == module.name and f"Async{name}" in members:
                found[name] = (value, members[f"Async{name}"])
    return found


TWINS = twins()
# Protocols for what is given from outside, and names that Python itself prescribes.
PRESCRIBED = {
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "__iter__": "__aiter__",
}


def public(kind: type) -> dict[str, Any]:
    """What a class offers, by its blocking name."""
    blocking = {awaited: name for name, awaited in PRESCRIBED.items()}
    return {
        blocking.get(name, name): member
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") or name in blocking or name in PRESCRIBED or name == "__init__"
    }


def blocking_text(annotation: object) -> str:
    """An annotation as the blocking twin would have it."""
    text = str(annotation)
    text = re.sub(r"AsyncGenerator\[(.*), None\]", r"Generator[\1, None, None]", text)
    return re.sub(r"\b(Async|async_|a(?=client\b))", "", text)


def test_the_twins_are_found() -> None:
    """So that the tests below have something to say."""
    assert {"FineTuning", "Jobs", "Files", "Job", "Pager", "Driver"} <= set(TWINS)


@pytest.mark.parametrize("name", TWINS)
def test_twins_offer_the_same(name: str) -> None:
    """No method or property is missing on either side."""
    blocking, awaited = TWINS[name]
    assert set(public(blocking)) == set(public(awaited))
    assert {blocking_text(f"{k}: {v}") for k, v in inspect.get_annotations(awaited).items()} == {
        f"{k}: {v}" for k, v in inspect.get_annotations(blocking).items()
    }


@pytest.mark.parametrize("name", TWINS)
def test_twins_take_the_same(name: str) -> None:
    """Parameters have the same names, order, kinds, defaults and types; results the same types."""
    blocking, awaited = TWINS[name]
    theirs = public(awaited)
    for method, ours in public(blocking).items():
        if not inspect.isfunction(ours):
            assert type(ours) is type(theirs[method])
            continue
        mine, other = inspect.signature(ours), inspect.signature(theirs[method])
        assert [(p.name, p.kind) for p in mine.parameters.values()] == [
            (p.name, p.kind) for p in other.parameters.values()
        ], method
        for one, two in zip(mine.parameters.values(), other.parameters.values(), strict=True):
            assert one.default is two.default or one.default == two.default, method
            assert str(one.annotation) == blocking_text(two.annotation), method
        assert str(mine.return_annotation) == blocking_text(other.return_annotation), method


@pytest.mark.parametrize("name", TWINS)
def test_everything_offered_is_documented(name: str) -> None:
    """An editor shows a sentence for each, and its types."""
    for kind in TWINS[name]:
        assert inspect.getdoc(kind)
        for member, value in public(kind).items():
            if inspect.isfunction(value) and not member.startswith("__"):
                assert value.__doc__, f"{kind.__name__}.{member}"
                assert inspect.signature(value).return_annotation is not inspect.Signature.empty
            if isinstance(value, property):
                assert value.__doc__, f"{kind.__name__}.{member}"


@pytest.mark.parametrize("resource", ["jobs", "files"])
def test_calls_that_send_are_awaited_and_lists_are_not(resource: str) -> None:
    """`async for` needs no `await` before it."""
    owner = inspect.get_annotations(AsyncFineTuning)[resource]
    assert owner == f"Async{inspect.get_annotations(FineTuning)[resource]}"
    for name, method in public(TWINS[owner.removeprefix("Async")][1]).items():
        if not name.startswith("_"):
            assert inspect.iscoroutinefunction(method) != name.startswith(("list", "follow")), name


# --- the names of the package ----------------------------------------------------------------


def test_all_names_are_those_of_the_lazy_table() -> None:
    """In order, each once, and the version besides."""
    table = [name for names in finetuning_client._MODULES.values() for name in names]
    assert len(table) == len(set(table))
    assert sorted([*table, "__version__"]) == sorted(finetuning_client.__all__)


def test_type_checkers_see_the_lazy_table() -> None:
    """The imports that only they read say the same."""
    tree = ast.parse(Path(finetuning_client.__file__).read_text(encoding="utf-8"))
    [guarded] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        node.module: tuple(alias.name for alias in node.names)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
    }
    assert {m: sorted(names) for m, names in seen.items()} == {
        m: sorted(names) for m, names in finetuning_client._MODULES.items()
    }


@pytest.mark.parametrize("name", sorted(set(finetuning_client.__all__) - {"__version__"}))
def test_each_name_is_offered_by_its_module(name: str) -> None:
    """The same object under both names."""
    module = import_module(f"finetuning_client.{finetuning_client._MODULE_OF[name]}")
    assert getattr(finetuning_client, name) is getattr(module, name)
    assert name in module.__all__
