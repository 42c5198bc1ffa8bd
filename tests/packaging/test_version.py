"""The version is written once, and everything else reads it."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import finetuning_client
from finetuning_client.version import __version__


def test_the_package_and_the_distribution_agree() -> None:
    """`finetuning_client.__version__` is the version that an installer sees."""
    assert finetuning_client.__version__ == __version__ == version("finetuning-client")


def test_the_build_reads_the_version_from_the_package(project: dict[str, Any]) -> None:
    """pyproject.toml names the file, not the number."""
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"].endswith("finetuning_client/version.py")


def test_the_changelog_has_the_version(repository: Path) -> None:
    """The newest heading is the version of the code."""
    lines = (repository / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest = next(line for line in lines if line.startswith("## "))
    assert __version__ in newest
