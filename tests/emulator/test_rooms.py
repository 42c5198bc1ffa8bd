"""The emulator's modules: short, and named so that the list of files shows where things are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import finetuning_emulator

ROOT = Path(finetuning_emulator.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def functions(module: str) -> list[str]:
    """The functions at the top level of a module."""
    body = ast.parse((ROOT / module).read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_opens_with_its_contract(module: str) -> None:
    """At most 400 lines, and a docstring first."""
    text = (ROOT / module).read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert ast.get_docstring(ast.parse(text))


def test_no_public_function_has_the_name_of_a_module() -> None:
    """One name has one meaning."""
    modules = {Path(module).stem for module in MODULES} | {
        path.name for path in ROOT.iterdir() if path.is_dir()
    }
    public = {name for module in MODULES for name in functions(module) if not name.startswith("_")}
    assert public & modules == set()


def test_no_two_modules_of_a_room_differ_only_by_number() -> None:
    """For example, there is no `job` beside `jobs`."""
    stems = Counter(
        (Path(module).parent, Path(module).stem.removesuffix("s")) for module in MODULES if "__" not in module
    )
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_the_package_lists_only_its_public_names() -> None:
    """Even after all modules are loaded."""
    listing = (
        "import finetuning_emulator, finetuning_emulator.__main__\n"
        "finetuning_emulator.Emulator().close()\n"
        "print(*dir(finetuning_emulator))"
    )
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Clock", "Emulator", "StateUnavailable"]
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        getattr(finetuning_emulator, "Server")  # noqa: B009 - a type checker would refuse it
