"""Importing the client is cheap: dependencies are loaded when they are first needed."""

import json
import subprocess
import sys

import pytest


def modules_loaded_by(statement: str) -> set[str]:
    """Return the names in `sys.modules` of a new interpreter that ran the statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("package", ["finetuning_client", "finetuning_api"])
def test_import_loads_no_dependencies_and_no_models(package: str) -> None:
    """Neither httpx, attrs nor msgspec is loaded, nor a model or an event loop."""
    heavy = {"argparse", "asyncio", "attr", "attrs", "httpx", "msgspec", "rich", "ssl"}
    loaded = modules_loaded_by(f"import {package}") - modules_loaded_by("pass")
    assert heavy.isdisjoint(loaded), sorted(heavy & loaded)
    models = {name for name in loaded if name.startswith("finetuning_api.models.")}
    assert not models


def test_import_of_the_client_does_not_load_the_emulator() -> None:
    """The emulator is an extra, and its dependencies may be missing."""
    loaded = modules_loaded_by("import finetuning_client")
    assert not any(name.startswith("finetuning_emulator") for name in loaded)
