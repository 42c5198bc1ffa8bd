"""Modules are short, begin with a docstring, and have names that differ.

Their imports form no cycle and few layers, so that each can be read after those that it uses.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
DIRECTORIES = ("benchmarks", "emulator", "overlay", "testing", "tools")
MODULES = [
    path.relative_to(ROOT).as_posix()
    for directory in DIRECTORIES
    for path in sorted((ROOT / directory).rglob("*.py"))
]
# Every import counts, including those within functions and those only for type checkers.
IMPORTS = grimp.build_graph(
    *("benchmarks", "finetuning_client", "finetuning_emulator", "finetuning_pytest", "tools"),
    exclude_type_checking_imports=False,
    cache_dir=None,
)
PACKAGES = sorted(module for module in IMPORTS.modules if IMPORTS.find_children(module))
MAX_LAYERS = 8


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


def imports_between_children(package: str) -> dict[str, set[str]]:
    """Return the imports of each child of a package from the others; its `__init__` counts as a child."""

    def child(module: str) -> str:
        return ".".join(module.split(".")[: package.count(".") + 2])

    inside = {package, *IMPORTS.find_descendants(package)}
    found: dict[str, set[str]] = {child(module): set() for module in inside}
    for module in inside:
        imported = IMPORTS.find_modules_directly_imported_by(module) & inside
        found[child(module)] |= {child(other) for other in imported} - {child(module)}
    return found


def longest_chain(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the longest chain of imports, which has one module of each layer. A cycle fails the test."""
    try:
        lowest_first = list(TopologicalSorter(imports).static_order())
    except CycleError as error:
        pytest.fail("import cycle: " + " -> ".join(reversed(error.args[1])), pytrace=False)
    chains: dict[str, list[str]] = {}
    for one in lowest_first:
        chains[one] = [one, *max((chains[other] for other in imports[one]), key=len, default=[])]
    return max(chains.values(), key=len)


def test_imports_form_no_cycle() -> None:
    """No module imports itself through any number of others, anywhere in the project."""
    longest_chain({module: IMPORTS.find_modules_directly_imported_by(module) for module in IMPORTS.modules})


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_few_layers(package: str) -> None:
    """Its modules and subpackages, each counted as one, form no import cycle and at most eight layers."""
    chain = longest_chain(imports_between_children(package))
    assert len(chain) <= MAX_LAYERS, " -> ".join(chain)
