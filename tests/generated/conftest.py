"""The generated package, and a small contract generated twice: with the stock templates and with ours."""

import importlib
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from finetuning_api import models
from finetuning_api.types import ApiObject

SMALL = Path(__file__).parent / "contracts" / "zoo.yaml"


@contextmanager
def on_path(directory: Path) -> Iterator[None]:
    """Make the modules of a directory importable within the block."""
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path.remove(str(directory))


@pytest.fixture(scope="session")
def generator(repository: Path) -> Iterator[ModuleType]:
    """The program tools/generate.py as a module."""
    pytest.importorskip("openapi_python_client", reason="the generator is a development tool")
    with on_path(repository):
        yield importlib.import_module("tools.generate")


@pytest.fixture(scope="session")
def ours(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package of the small contract, generated with our templates."""
    package = tmp_path_factory.mktemp("ours") / "zoo_ours"
    assert generator.main(["--contract", str(SMALL), "--output", str(package)]) == 0
    with on_path(package.parent):
        yield importlib.import_module("zoo_ours")


@pytest.fixture(scope="session")
def stock(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package of the small contract, generated with the stock templates."""
    package = tmp_path_factory.mktemp("stock") / "zoo_stock"
    config = package.parent / "config.yaml"
    config.write_text("post_hooks: []\n")
    program = Path(sysconfig.get_path("scripts")) / "openapi-python-client"
    options = {"--path": SMALL, "--config": config, "--output-path": package, "--meta": "none"}
    arguments = [str(part) for option in options.items() for part in option]
    subprocess.run([str(program), "generate", *arguments], check=True, capture_output=True)
    with on_path(package.parent):
        yield importlib.import_module("zoo_stock")


@pytest.fixture(scope="session")
def all_models() -> dict[str, type[ApiObject]]:
    """Every model class of the real package by name."""
    found: dict[str, Any] = {name: getattr(models, name) for name in dir(models)}
    return {name: model for name, model in found.items() if issubclass(model, ApiObject)}
