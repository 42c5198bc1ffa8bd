"""The version is written in one place, and everything else reads it."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import finetuning_client
from finetuning_client.version import __version__


def test_package_and_distribution_have_the_same_version() -> None:
    """`finetuning_client.__version__` is the version that an installer shows."""
    assert finetuning_client.__version__ == __version__ == version("finetuning-client")


def test_build_reads_the_version_from_the_package(project: dict[str, Any]) -> None:
    """`pyproject.toml` has the path of the file, not the number."""
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"].endswith("finetuning_client/version.py")


def test_newest_heading_of_the_changelog_is_the_version(repository: Path) -> None:
    """The first heading names the version of the code."""
    lines = (repository / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest = next(line for line in lines if line.startswith("## "))
    assert __version__ in newest
