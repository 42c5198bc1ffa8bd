"""Importing the client costs next to nothing: what a call needs is loaded when it is called."""

import json
import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    """The names in sys.modules of a fresh interpreter that ran the statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("package", ["finetuning_client", "finetuning_api"])
def test_importing_a_package_loads_no_transport_and_no_models(package: str) -> None:
    """Neither httpx nor attrs nor msgspec nor a model nor an event loop nor a command line."""
    heavy = {"argparse", "asyncio", "attr", "attrs", "httpx", "msgspec", "rich", "ssl"}
    loaded = modules_after(f"import {package}") - modules_after("pass")
    assert heavy.isdisjoint(loaded), sorted(heavy & loaded)
    models = {name for name in loaded if name.startswith("finetuning_api.models.")}
    assert not models


def test_importing_the_client_leaves_the_emulator_alone() -> None:
    """The emulator's dependencies are an extra; the client works without them."""
    loaded = modules_after("import finetuning_client")
    assert not any(name.startswith("finetuning_emulator") for name in loaded)
