"""A contract with any edit is generated, or refused with one line."""

import copy
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.generation import limits
from tools.generation.contract import read_contract
from tools.openapi import DocumentError, parse

from .constructs.rows import dump

CONTRACTS = Path(__file__).parent / "contracts"
NAMES = ["class", "9x", "a-b", "x y", "models", "self", "Any", "é", "None", "a.b", "$ref", "type", ""]
VALUES: list[Any] = [
    *(None, "", 0, -1, 1.5, True, False, [], {}, "x", ["x"], {"x": 1}, [{}], [["a"]], {"x": {}}, {1: 2}),
    *({"$ref": "#/components/schemas/Cage"}, {"$ref": "#/"}, {"type": "string"}, {"type": "object"}),
]


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from places(value, (*at, key))


def edited(document: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Return the document with one part replaced, renamed or removed."""
    changed = copy.deepcopy(document)
    *path, last = draw.choice(list(places(document)))
    node: Any = changed
    for step in path:
        node = node[step]
    how = draw.random()
    if how < 0.2:
        del node[last]
    elif how < 0.4 and isinstance(node, dict):
        node[draw.choice(NAMES)] = node.pop(last)
    else:
        node[last] = draw.choice(VALUES)
    return changed


def refusal(text: str) -> str | None:
    try:
        contract = read_contract(parse(text, "openapi.yaml"))
        limits.schemas_text(contract)
        limits.parameters_text(contract)
    except DocumentError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("name", ["zoo", "marina"])
@pytest.mark.parametrize("seed", range(5))
def test_any_edit_is_generated_or_refused_with_one_line(name: str, seed: int) -> None:
    """Each of sixty random edits changes one part."""
    document = yaml.safe_load((CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    draw = random.Random(seed)
    for _ in range(60):
        text = dump(edited(document, draw))
        refused = refusal(text)
        assert refused is None or re.fullmatch(r"openapi\.yaml:\d+: [^\n]+", refused)
