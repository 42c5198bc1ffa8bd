"""The ranges in `pyproject.toml`, the development pins and the lowest pins agree."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

Project = dict[str, Any]


def pins(path: Path) -> dict[str, Requirement]:
    """Return the pinned requirements of a file, by canonical name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def version_of(pin: Requirement) -> Version:
    (specifier,) = pin.specifier
    return Version(specifier.version)


def runtime_requirements(project: Project) -> Iterator[Requirement]:
    """Yield the requirements of the distribution and its extras, without the distribution itself."""
    metadata = project["project"]
    groups = [metadata["dependencies"], *metadata["optional-dependencies"].values()]
    for requirement in (Requirement(line) for group in groups for line in group):
        if canonicalize_name(requirement.name) != metadata["name"]:
            yield requirement


@pytest.mark.parametrize("name", ["dev.txt", "lowest.txt"])
def test_every_line_is_an_exact_pin_in_order(repository: Path, name: str) -> None:
    """There are no ranges, hashes, URLs, options or paths, so every index gives the same versions."""
    text = (repository / "requirements" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    exact = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; .+)?")
    assert [line for line in lines if not exact.fullmatch(line)] == []
    names = [line.split("==")[0].lower() for line in lines]
    assert names == sorted(set(names))


def test_development_pins_are_within_the_ranges(repository: Path, project: Project) -> None:
    """Each direct dependency of the distribution and of development is pinned."""
    pinned = pins(repository / "requirements/dev.txt")
    development = map(Requirement, project["dependency-groups"]["dev"])
    for requirement in [*runtime_requirements(project), *development]:
        pin = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version_of(pin)), str(requirement)


def test_lowest_pins_equal_the_lower_bounds(repository: Path, project: Project) -> None:
    """A lower bound is a promise, which `make lowest` tests."""
    lowest = pins(repository / "requirements/lowest.txt")
    for requirement in runtime_requirements(project):
        (lower,) = (bound for bound in requirement.specifier if bound.operator == ">=")
        pin = lowest[canonicalize_name(requirement.name)]
        assert Version(lower.version) == version_of(pin), str(requirement)


def test_both_environments_have_the_same_test_tools(repository: Path, project: Project) -> None:
    """Only the versions of the shipped dependencies differ."""
    lowest = pins(repository / "requirements/lowest.txt")
    current = pins(repository / "requirements/dev.txt")
    shipped = {canonicalize_name(requirement.name) for requirement in runtime_requirements(project)}
    for name in map(canonicalize_name, project["dependency-groups"]["dev"]):
        if name in lowest and name not in shipped:
            assert str(lowest[name]) == str(current[name])


def test_development_pins_include_all_dependencies(repository: Path) -> None:
    """No version is left for the installer to choose."""
    pinned = pins(repository / "requirements/dev.txt")
    missing = []
    for name in pinned:
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed: this is not the development environment")
        for need in map(Requirement, needs):
            applies = need.marker is None or need.marker.evaluate({"extra": ""})
            if applies and canonicalize_name(need.name) not in pinned:
                missing.append(f"{name} needs {need}")
    assert not missing
