"""The contract, and a validator for each of its schemas."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tools.openapi import Document, read

Validate = Callable[[str, object], list[str]]


@pytest.fixture(scope="session")
def contract(repository: Path) -> dict[str, Any]:
    """The parsed `openapi.yaml`; it is shared, so tests must not change it."""
    with (repository / "openapi.yaml").open(encoding="utf-8") as stream:
        document: dict[str, Any] = yaml.safe_load(stream)
    return document


@pytest.fixture(scope="session")
def document(repository: Path) -> Document:
    """`openapi.yaml` with the line number of each part."""
    return read(repository / "openapi.yaml")


@pytest.fixture
def draft(contract: dict[str, Any]) -> dict[str, Any]:
    """A copy of the contract that a test may change."""
    return copy.deepcopy(contract)


@pytest.fixture(scope="session")
def violations(contract: dict[str, Any]) -> Validate:
    """`violations("FineTuningJob", value)` returns the JSON paths at which a value breaks a schema."""

    def violations(schema: str, value: object) -> list[str]:
        root = {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
        errors = Draft202012Validator(root).iter_errors(value)
        return sorted(error.json_path for error in errors)

    return violations
