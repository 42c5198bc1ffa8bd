"""Request fields without a hand-written argument become further fields, generated from the contract."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tools.openapi import DocumentError

from .stand_in import KITCHEN, PACKAGE, WRITTEN, produced, swap

# An argument for the field `with`, whose name is a keyword.
EXTRAS = ", arguments: {with: extras}"


def with_create(signature: str) -> dict[str, str]:
    """Return the hand-written files, with a `create` of orders that takes these arguments."""
    source = WRITTEN["_async/orders.py"]
    return {**WRITTEN, "_async/orders.py": swap("create(self)", f"create(self, {signature})", source)}


def further_fields(root: Path, signature: str, extension: str = "") -> dict[str, str]:
    """Return the fields of the TypedDict of `create`, with their types."""
    text = swap("multipart/form-data", "application/json", KITCHEN.read_text())
    text = swap("method: create, plan: custom", f"method: create, plan: custom{extension}", text)
    module = produced(root, text, with_create(signature))[f"{PACKAGE}request_fields.py"]
    (found,) = (node for node in ast.parse(module).body if isinstance(node, ast.ClassDef))
    assert found.name == "PriceRequestFields"
    nodes = [node for node in found.body if isinstance(node, ast.AnnAssign)]
    return {ast.unparse(node.target): ast.unparse(node.annotation) for node in nodes}


def test_a_field_without_an_argument_is_one_of_the_further_fields(tmp_path: Path) -> None:
    """A field that is added to the contract can be passed at once; a read-only one cannot."""
    arguments = "seats: int, *, extras: Any = None, **fields: Any"
    found = further_fields(tmp_path, arguments, EXTRAS)
    assert found == {"guest": "Any", "note": "Any"}
    found = further_fields(
        tmp_path, "guest: Any, note: Any, extras: Any, **fields: Any", ", arguments: {with: extras}"
    )
    assert found == {"seats": "int"}


def test_a_method_without_further_fields_has_no_class_for_them(tmp_path: Path) -> None:
    """It takes only its arguments."""
    text = swap("multipart/form-data", "application/json", KITCHEN.read_text())
    assert "class " not in produced(tmp_path, text)[f"{PACKAGE}request_fields.py"]


def test_a_further_field_with_an_invalid_python_name_is_refused(tmp_path: Path) -> None:
    """Users should not have to write `create(**{"with": ...})`."""
    with pytest.raises(DocumentError) as caught:
        further_fields(tmp_path, "**fields: Any")
    problem = (
        "'with' cannot be an argument in Python: add one to the method, and map it in `arguments` of x-client"
    )
    assert re.fullmatch(r"openapi\.yaml:\d+: " + re.escape(problem), str(caught.value))
