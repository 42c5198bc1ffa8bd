"""Modules: short, opening with what they are, named so that the list of files shows where things are.

They import each other in no circle and in few floors, so that each can be read after what it uses.
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
HOUSES = ("benchmarks", "emulator", "overlay", "testing", "tools")
MODULES = [
    path.relative_to(ROOT).as_posix() for house in HOUSES for path in sorted((ROOT / house).rglob("*.py"))
]
# Every import counts: those within functions, and those for type checkers alone.
IMPORTS = grimp.build_graph(
    *("benchmarks", "finetuning_client", "finetuning_emulator", "finetuning_pytest", "tools"),
    exclude_type_checking_imports=False,
    cache_dir=None,
)
PACKAGES = sorted(module for module in IMPORTS.modules if IMPORTS.find_children(module))
MOST_FLOORS = 8


def modules_of(house: str) -> list[Path]:
    return [Path(module) for module in MODULES if module.startswith(f"{house}/")]


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether the name is that of an object: what users type, such as `run` in `commands/run.py`."""
    return any(ast.unparse(one).split("(")[0].endswith("command") for one in function.decorator_list)


def public_functions(module: Path) -> list[str]:
    """Return the public functions at the top level of a module."""
    body = ast.parse((ROOT / module).read_text(encoding="utf-8")).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [one.name for one in functions if not one.name.startswith("_") and not is_command(one)]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_opens_with_its_contract(module: str) -> None:
    """At most 400 lines, and a docstring first."""
    text = (ROOT / module).read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("house", HOUSES)
def test_no_public_function_has_the_name_of_a_module(house: str) -> None:
    """One name has one meaning, and a function cannot hide a module."""
    modules = modules_of(house)
    names = {path.stem for path in modules} | {path.parent.name for path in modules}
    assert {path.as_posix(): names & set(public_functions(path)) for path in modules} == {
        path.as_posix(): set() for path in modules
    }


@pytest.mark.parametrize("house", HOUSES)
def test_no_two_modules_of_a_room_differ_only_by_number(house: str) -> None:
    """For example, there is no `setting` beside `settings`."""
    stems = Counter(path.with_name(path.stem.removesuffix("s")) for path in modules_of(house))
    assert [stem.as_posix() for stem, count in stems.items() if count > 1] == []


def imports_between_children(package: str) -> dict[str, set[str]]:
    """Return what each child of a package imports of the others; the package's own module is one of them."""

    def child(module: str) -> str:
        return ".".join(module.split(".")[: package.count(".") + 2])

    inside = {package, *IMPORTS.find_descendants(package)}
    found: dict[str, set[str]] = {child(module): set() for module in inside}
    for module in inside:
        imported = IMPORTS.find_modules_directly_imported_by(module) & inside
        found[child(module)] |= {child(other) for other in imported} - {child(module)}
    return found


def longest_chain(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the longest chain of imports, which has a module on each floor. A circle fails the test."""
    try:
        upwards = list(TopologicalSorter(imports).static_order())
    except CycleError as error:
        pytest.fail("circle of imports: " + " -> ".join(reversed(error.args[1])), pytrace=False)
    chains: dict[str, list[str]] = {}
    for one in upwards:
        chains[one] = [one, *max((chains[other] for other in imports[one]), key=len, default=[])]
    return max(chains.values(), key=len)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Of the whole project, through any number of modules."""
    longest_chain({module: IMPORTS.find_modules_directly_imported_by(module) for module in IMPORTS.modules})


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_few_floors(package: str) -> None:
    """Its modules and the packages in it, each counted as one, import each other in no circle."""
    chain = longest_chain(imports_between_children(package))
    assert len(chain) <= MOST_FLOORS, " -> ".join(chain)
