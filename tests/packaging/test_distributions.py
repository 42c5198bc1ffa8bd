"""The distributions contain the four packages and nothing else."""

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


def test_wheel_has_exactly_the_tracked_files_of_the_packages(
    wheel: zipfile.ZipFile, tracked: list[str]
) -> None:
    """A missing, stray or misplaced file fails the test."""
    prefixes = tuple(f"{root}/{package}/" for package, root in ROOTS.items())
    expected = {path.split("/", 1)[1] for path in tracked if path.startswith(prefixes)}
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected


@pytest.mark.parametrize("package", ROOTS)
def test_each_package_has_py_typed(wheel: zipfile.ZipFile, package: str) -> None:
    """Without this marker type checkers ignore the annotations of an installed package."""
    assert f"{package}/py.typed" in wheel.namelist()


def test_wheel_has_the_schemas(wheel: zipfile.ZipFile) -> None:
    """The client reads them as package data."""
    assert "finetuning_api/schemas.json" in wheel.namelist()


def test_wheel_declares_the_command_the_plugin_and_the_licence(wheel: zipfile.ZipFile) -> None:
    """The console script, the pytest entry point and the licence text are part of the wheel."""
    names = wheel.namelist()
    (entry_points,) = (name for name in names if name.endswith("/entry_points.txt"))
    declared = wheel.read(entry_points).decode()
    assert "finetuning-emulator = finetuning_emulator.__main__:main" in declared
    assert "[pytest11]\nfinetuning = finetuning_pytest" in declared
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_metadata_has_licence_readme_and_classifiers(metadata: Message) -> None:
    """A package index shows these fields."""
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_sdist_can_be_tested_and_regenerated(distributions: Path) -> None:
    """It has the files that a clone has."""
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
