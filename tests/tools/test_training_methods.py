"""Training methods generated from the contract: the fields of their classes, and refused methods."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.openapi import DocumentError

from .stand_in import KITCHEN, PACKAGE, produced, swap

TRAINING = """\
    FineTuneMethod:
      type: object
      properties:
        type: {type: string}
        baking:
          $ref: '#/components/schemas/Baking'
    Baking:
      type: object
      description: Training in an oven. Slow.
      x-client: {method: Baking}
      required: [oven]
      properties:
        hyperparameters:
          $ref: '#/components/schemas/Heat'
        rack: {type: integer}
        oven:
          $ref: '#/components/schemas/Guest'
    Heat:
      type: object
      properties:
        degrees:
          $ref: '#/components/schemas/Amount'
        fan: {type: boolean, description: Whether it turns.}
        salt: true
"""


def test_a_training_method_is_a_class_with_flat_fields(tmp_path: Path) -> None:
    """Required fields come first, then other fields, then hyperparameters, which are optional."""
    made = produced(tmp_path, KITCHEN.read_text() + TRAINING)[f"{PACKAGE}methods/kinds.py"]
    (found,) = (node for node in ast.parse(made).body if isinstance(node, ast.ClassDef))
    assert (ast.get_docstring(found) or "").startswith("Training in an oven.\n\nSlow.\n\nAttributes:")
    assert "fan: Whether it turns." in (ast.get_docstring(found) or "")
    assert [ast.unparse(node) for node in found.body[1:]] == [
        "type: ClassVar[str] = 'baking'",
        "schema: ClassVar[str] = 'Baking'",
        "settings: ClassVar[str] = 'Heat'",
        "oven: Any",
        "rack: Any = None",
        "degrees: int | Literal['auto'] | None = None",
        "fan: bool | None = None",
        "salt: Any | None = None",
    ]


NOT_TRAINING: dict[str, tuple[str, str, str, str]] = {
    "an invalid class name": (
        "{method: Baking}",
        "{method: baking}",
        "x-client",
        "x-client of a training method must be {method: NameOfTheClass}, with a name of its own",
    ),
    "a second key": (
        "{method: Baking}",
        "{method: Baking, view: Baking}",
        "x-client",
        "x-client of a training method must be {method: NameOfTheClass}, with a name of its own",
    ),
    "a method that requests do not have": (
        "baking:\n          $ref: '#/components/schemas/Baking'",
        "baking: {type: string}",
        "x-client",
        "Baking is not a field of FineTuneMethod: add it there",
    ),
    "no component of methods": (
        "FineTuneMethod:",
        "OtherMethod:",
        "x-client",
        "Baking is not a field of FineTuneMethod: add it there",
    ),
    "no hyperparameters": (
        "hyperparameters:\n          $ref: '#/components/schemas/Heat'",
        "heat: {type: integer}",
        "properties:",
        "`hyperparameters` must be a `$ref` to a component: write one",
    ),
    "inline hyperparameters": (
        "$ref: '#/components/schemas/Heat'",
        "type: object",
        "properties:",
        "`hyperparameters` must be a `$ref` to a component: write one",
    ),
    "a hyperparameter that is also a field": (
        "fan: {",
        "rack: {",
        "Baking:",
        "'rack' would be two attributes of one class: rename one of the fields",
    ),
    "a hyperparameter with a name of the class": (
        "fan: {",
        "settings: {",
        "Baking:",
        "'settings' would be two attributes of one class: rename one of the fields",
    ),
    "a field with a name of the class": (
        "rack: {",
        "schema: {",
        "Baking:",
        "'schema' would be two attributes of one class: rename one of the fields",
    ),
    "a field with an invalid Python name": (
        "fan: {",
        "fan-speed: {",
        "Baking:",
        "'fan-speed' cannot be an argument in Python: rename the field",
    ),
}


@pytest.mark.parametrize(("old", "new", "line", "problem"), NOT_TRAINING.values(), ids=NOT_TRAINING)
def test_an_invalid_training_method_is_refused(
    tmp_path: Path, old: str, new: str, line: str, problem: str
) -> None:
    """One line names the file, the line and what to do; nothing is generated."""
    text = KITCHEN.read_text() + swap(old, new, TRAINING)
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, text)
    name, number, actual = str(caught.value).split(":", 2)
    assert (name, actual.strip()) == ("openapi.yaml", problem)
    assert line in text.splitlines()[int(number) - 1]


def test_two_training_methods_do_not_share_a_name(tmp_path: Path) -> None:
    """The second one is refused, although it is a field of the methods."""
    second = TRAINING[TRAINING.index("    Baking:") : TRAINING.index("    Heat:")]
    text = TRAINING + second.replace("Baking:", "Broiling:")
    text = swap(
        "        baking:\n",
        "        broiling: {$ref: '#/components/schemas/Broiling'}\n        baking:\n",
        text,
    )
    with pytest.raises(DocumentError, match="with a name of its own"):
        produced(tmp_path, KITCHEN.read_text() + text)
