"""Fixtures: the distributions that `make build` creates, built once, and the tracked files."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def project(repository: Path) -> dict[str, Any]:
    """The parsed `pyproject.toml`."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tracked(repository: Path) -> list[str]:
    """The paths that git tracks, relative to the repository."""
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, check=True, capture_output=True, text=True
    )
    paths = [path for path in listing.stdout.split("\0") if path]
    return [path for path in paths if (repository / path).is_file()]


@pytest.fixture(scope="session")
def distributions(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist, and the wheel built from that sdist."""
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(directory)]
    built = subprocess.run([*command, str(repository)], check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return directory
