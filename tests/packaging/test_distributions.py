"""What is shipped is the four packages: all of them, and nothing else."""

import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

ROOTS = {
    "finetuning_api": "generated",
    "finetuning_client": "overlay",
    "finetuning_emulator": "emulator",
    "finetuning_pytest": "testing",
}


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> zipfile.ZipFile:
    (path,) = distributions.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="session")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_each_tracked_file_of_the_four_packages_and_no_other(
    wheel: zipfile.ZipFile, tracked: list[str]
) -> None:
    """A file that is missing, stray, or from another directory shows as a difference."""
    prefixes = tuple(f"{root}/{package}/" for package, root in ROOTS.items())
    expected = {path.split("/", 1)[1] for path in tracked if path.startswith(prefixes)}
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected


@pytest.mark.parametrize("package", ROOTS)
def test_each_package_says_that_it_is_typed(wheel: zipfile.ZipFile, package: str) -> None:
    """Type checkers ignore the annotations of an installed package without this marker."""
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_wheel_holds_the_schemas_that_strict_checks_read(wheel: zipfile.ZipFile) -> None:
    """The overlay reads them as package data."""
    assert "finetuning_api/schemas.json" in wheel.namelist()


def test_the_wheel_declares_its_command_its_plugin_and_its_licence(wheel: zipfile.ZipFile) -> None:
    """The console script, the entry point for pytest and the licence's text travel with the wheel."""
    names = wheel.namelist()
    (entry_points,) = (name for name in names if name.endswith("/entry_points.txt"))
    declared = wheel.read(entry_points).decode()
    assert "finetuning-emulator = finetuning_emulator.__main__:main" in declared
    assert "[pytest11]\nfinetuning = finetuning_pytest" in declared
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_metadata_names_the_licence_the_readme_and_typing(metadata: Message) -> None:
    """What an index shows of the distribution."""
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_the_sdist_is_enough_to_test_and_to_generate(distributions: Path) -> None:
    """Whoever packages the sdist can run what a clone can."""
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    needed = {
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "examples/quickstart.py",
        "generator-config.yaml",
        "openapi.yaml",
        "pyproject.toml",
        "requirements/dev.txt",
        "tests/conftest.py",
        "tools/generate.py",
    }
    assert needed <= names
