"""The ranges in pyproject.toml, the pins of development and the lowest pins tell one story."""

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
    """The pinned requirements of a file, by canonical name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def version_of(pin: Requirement) -> Version:
    (specifier,) = pin.specifier
    return Version(specifier.version)


def runtime(project: Project) -> Iterator[Requirement]:
    """What the distribution asks for, extras included, itself left out."""
    metadata = project["project"]
    groups = [metadata["dependencies"], *metadata["optional-dependencies"].values()]
    for requirement in (Requirement(line) for group in groups for line in group):
        if canonicalize_name(requirement.name) != metadata["name"]:
            yield requirement


@pytest.mark.parametrize("name", ["dev.txt", "lowest.txt"])
def test_every_line_is_an_exact_pin_in_order(repository: Path, name: str) -> None:
    """No ranges, hashes, addresses, options or paths: the same versions from any index."""
    text = (repository / "requirements" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    exact = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; .+)?")
    assert [line for line in lines if not exact.fullmatch(line)] == []
    names = [line.split("==")[0].lower() for line in lines]
    assert names == sorted(set(names))


def test_development_uses_versions_that_the_ranges_allow(repository: Path, project: Project) -> None:
    """Each direct dependency, of the distribution and of development, is pinned in its range."""
    pinned = pins(repository / "requirements/dev.txt")
    development = map(Requirement, project["dependency-groups"]["dev"])
    for requirement in [*runtime(project), *development]:
        pin = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version_of(pin)), str(requirement)


def test_the_oldest_versions_allowed_are_the_ones_tested(repository: Path, project: Project) -> None:
    """A lower bound is a promise, so it is what `make lowest` installs."""
    lowest = pins(repository / "requirements/lowest.txt")
    for requirement in runtime(project):
        (lower,) = (bound for bound in requirement.specifier if bound.operator == ">=")
        pin = lowest[canonicalize_name(requirement.name)]
        assert Version(lower.version) == version_of(pin), str(requirement)


def test_the_test_tools_of_both_environments_are_the_same(repository: Path, project: Project) -> None:
    """So that only the age of what is shipped differs between them."""
    lowest = pins(repository / "requirements/lowest.txt")
    current = pins(repository / "requirements/dev.txt")
    for name in map(canonicalize_name, project["dependency-groups"]["dev"]):
        if name in lowest:
            assert str(lowest[name]) == str(current[name])


def test_the_pins_of_development_are_a_whole_closure(repository: Path) -> None:
    """Nothing that an installed pin needs here is left for an index to choose."""
    pinned = pins(repository / "requirements/dev.txt")
    missing = []
    for name in pinned:
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed: this is not the environment of development")
        for need in map(Requirement, needs):
            applies = need.marker is None or need.marker.evaluate({"extra": ""})
            if applies and canonicalize_name(need.name) not in pinned:
                missing.append(f"{name} needs {need}")
    assert not missing
