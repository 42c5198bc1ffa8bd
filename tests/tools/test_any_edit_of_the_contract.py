"""Any edit of the project's contract gives valid client code, or one line that names the problem."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import house, unasync
from tools.client_code import contract_modules
from tools.client_code.imported_names import check_imports
from tools.generation.contract import read_contract
from tools.openapi import DocumentError, parse

Edit = Callable[[dict[str, Any]], object]

JOBS, JOB = "/fine_tuning/jobs", "/fine_tuning/jobs/{fine_tuning_job_id}"
NAMES = ["class", "a-b", "Any", "", "x-client", "x-idle", "Settings", "plan", "return", "self"]
VALUES: list[Any] = [
    *(
        None,
        "",
        0,
        -1,
        1.5,
        True,
        [],
        {},
        ["x"],
        {"x": 1},
        [["a"]],
        {1: 2},
        'say "x"',
        "end\\",
        '"""',
        "a\nb",
    ),
    *({"type": "integer", "enum": [1, 2]}, {"const": 3}, "fetch", "page", "custom", "jobs", "Job", 10**25),
    *({"$ref": "#/components/schemas/FineTuningJob"}, {"$ref": "#/components/schemas/FineTuningJobStatus"}),
]


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes shared nodes in full instead of using aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.fixture(scope="module")
def contract(repository: Path) -> dict[str, Any]:
    """The project's contract."""
    data: dict[str, Any] = yaml.safe_load((repository / "openapi.yaml").read_text(encoding="utf-8"))
    return data


def refusal(data: dict[str, Any], root: Path) -> str | None:
    """Return why generation is refused, or None after checking that the generated code is valid Python."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    try:
        read = read_contract(parse(text, "openapi.yaml"))
        files = contract_modules.produce(read.document, root)
        check_imports(read, root)
    except DocumentError as refused:
        return str(refused)
    for name, source in files.items():
        compile(source, name, "exec")
        if "/_async/" in name:
            unasync.translate(source, name)
    house.findings(read.document)
    return None


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from places(value, (*at, key))


@pytest.mark.parametrize("seed", range(3))
def test_any_edit_gives_valid_code_or_one_line(seed: int, contract: dict[str, Any], repository: Path) -> None:
    """The edits are random; half of them change extensions."""
    draw = random.Random(seed)
    every = list(places(contract))
    extensions = [at for at in every if any(str(step).startswith("x-") for step in at)]
    for _ in range(8):
        changed = copy.deepcopy(contract)
        *path, last = draw.choice(draw.choice([every, extensions]))
        node: Any = changed
        for step in path:
            node = node[step]
        how = draw.random()
        if how < 0.2:
            del node[last]
        elif how < 0.4 and isinstance(node, dict):
            node[draw.choice(NAMES)] = node.pop(last)
        else:
            node[last] = copy.deepcopy(draw.choice(VALUES))
        refused = refusal(changed, repository)
        assert refused is None or re.fullmatch(r"openapi\.yaml:\d+: [^\n]+", refused)


def schemas(data: dict[str, Any]) -> Any:
    return data["components"]["schemas"]


def renamed(data: dict[str, Any]) -> None:
    """Rename a component and its references."""
    text = yaml.dump(data, Dumper=_Dumper).replace("FineTuningJobEvent", "TuningEvent")
    data.clear()
    data.update(yaml.safe_load(text))


def described(text: str) -> Edit:
    """Replace the description of a field that a view has."""
    return lambda d: schemas(d)["FineTuningJob"]["properties"]["id"].update(description=text)


REFUSED: dict[str, tuple[Edit, str]] = {
    "an operation that hand-written code imports, renamed": (
        lambda d: d["paths"][JOBS]["post"].update(operationId="makeJob"),
        "no operation generates 'create_fine_tuning_job' in finetuning_api.api.fine_tuning, which overlay/",
    ),
    "a schema that hand-written code imports, renamed": (
        renamed,
        "no schema generates 'FineTuningJobEvent' in finetuning_api.models.fine_tuning_job_event, which",
    ),
    "a key that the client does not send": (
        lambda d: d["components"]["securitySchemes"]["ApiKeyAuth"].update(
            {"type": "apiKey", "in": "query", "name": "key"}
        ),
        "the client sends its keys as bearer tokens",
    ),
    "no operationId": (lambda d: d["paths"][JOBS]["get"].pop("operationId"), "no `operationId`"),
    "a page size below the minimum": (
        lambda d: d["paths"][JOBS]["get"]["parameters"][1]["schema"].update(minimum=200),
        "page_size 100, which is not within `minimum: 200`",
    ),
    "a plan that is a list": (
        lambda d: d["paths"][JOBS]["get"]["x-client"].update(plan=["page"]), "there is no plan ['page']"
    ),
    "a resource that would hide a class": (
        lambda d: d["paths"][JOBS]["get"]["x-client"].update(resource="settings"),
        "'settings' would hide a class",
    ),
    "a status that is a number": (
        lambda d: schemas(d)["FineTuningJobStatus"].update(type="integer", enum=[1, 2]), ""
    ),
    "a training format twice": (
        lambda d: schemas(d)["FineTuneCompletionRequestInput"].update({"x-training-format": "chat"}),
        "'chat' is the format of FineTuneChatRequestInput already",
    ),
    "a training format without a name": (
        lambda d: schemas(d)["FineTuneChatRequestInput"].update({"x-training-format": True}),
        "`x-training-format` must be the name of a format",
    ),
}  # fmt: skip

GENERATED: dict[str, Edit] = {
    "a description that ends in a quote": described('The "id"'),
    "a description that ends in a backslash": described("The id\\"),
    "a description with a control character": described("The \x00 id."),
    "a removed training format": (lambda d: schemas(d)["FineTuneChatRequestInput"].pop("x-training-format")),
    "no tags": lambda d: d.pop("tags"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unsupported_edits_are_refused(name: str, contract: dict[str, Any], repository: Path) -> None:
    """The reason is one line that says what to do."""
    edit, reason = REFUSED[name]
    changed = copy.deepcopy(contract)
    edit(changed)
    refused = refusal(changed, repository)
    assert refused is not None
    assert reason in refused
    assert re.fullmatch(r"openapi\.yaml:\d+: [^\n]+", refused)


@pytest.mark.parametrize("name", GENERATED)
def test_unusual_edits_are_generated(name: str, contract: dict[str, Any], repository: Path) -> None:
    """Odd texts stay text, and unneeded parts may be missing."""
    changed = copy.deepcopy(contract)
    GENERATED[name](changed)
    assert refusal(changed, repository) is None
