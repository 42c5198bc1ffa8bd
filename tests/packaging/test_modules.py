"""Modules are short, begin with a docstring, and have names that differ."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIRECTORIES = ("benchmarks", "emulator", "overlay", "testing", "tools")
MODULES = [
    path.relative_to(ROOT).as_posix()
    for directory in DIRECTORIES
    for path in sorted((ROOT / directory).rglob("*.py"))
]


def modules_of(directory: str) -> list[Path]:
    return [Path(module) for module in MODULES if module.startswith(f"{directory}/")]


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is a command, whose name is what users type, such as `run`."""
    return any(ast.unparse(one).split("(")[0].endswith("command") for one in function.decorator_list)


def public_functions(module: Path) -> list[str]:
    """Return the public functions at the top level of a module."""
    body = ast.parse((ROOT / module).read_text(encoding="utf-8")).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [one.name for one in functions if not one.name.startswith("_") and not is_command(one)]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_begins_with_a_docstring(module: str) -> None:
    """A module has at most 400 lines, and begins with a docstring."""
    text = (ROOT / module).read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_no_public_function_has_the_name_of_a_module(directory: str) -> None:
    """One name has one meaning, and a function cannot hide a module."""
    modules = modules_of(directory)
    names = {path.stem for path in modules} | {path.parent.name for path in modules}
    assert {path.as_posix(): names & set(public_functions(path)) for path in modules} == {
        path.as_posix(): set() for path in modules
    }


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_no_two_modules_of_a_package_differ_only_by_number(directory: str) -> None:
    """For example, there is no `setting` beside `settings`."""
    stems = Counter(path.with_name(path.stem.removesuffix("s")) for path in modules_of(directory))
    assert [stem.as_posix() for stem, count in stems.items() if count > 1] == []
