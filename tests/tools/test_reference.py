"""The reference pages document every operation and field with the texts of the contract."""

from __future__ import annotations

import copy
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from tools import reference, training_formats
from tools.comparison.signatures import read_client
from tools.openapi import Document, read


@pytest.fixture(scope="module")
def contract() -> Document:
    """The working contract."""
    return read(Path(__file__).resolve().parents[2] / "openapi.yaml")


@pytest.fixture(scope="module")
def pages(contract: Document) -> dict[str, str]:
    """The pages generated from it."""
    return reference.pages(contract, read_client(reference.CLIENT, ()))


def section(page: str, title: str) -> str:
    """Return the text below a heading."""
    found = re.search(rf"^##+ {re.escape(title)}$(.*?)(?=^##+ |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def test_every_operation_has_a_section_with_its_module(contract: Document, pages: dict[str, str]) -> None:
    """The section has the method, the path, and the name of an existing module."""
    for path, item in contract.data["paths"].items():
        for method, operation in item.items():
            text = section(pages["operations.md"], operation["operationId"])
            assert f"`{method.upper()} {path}`" in text
            module = re.search(r"`(finetuning_api\.api\.[\w.]+)`", text)
            assert module is not None
            assert importlib.util.find_spec(module[1]) is not None
            calls = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
            assert calls is not None
            assert "\n# finetuning_api\n" in "\n" + calls[1]
            assert ("# FineTuning\n" in calls[1]) == ("x-client" in operation)
            for parameter in operation.get("parameters", ()):
                assert f"| {parameter['name']} | {parameter['in']} |" in text


def test_every_field_has_a_row(contract: Document, pages: dict[str, str]) -> None:
    """A row has name, type, required, nullable and meaning; only formats of data files are left out."""
    for name, schema in training_formats.without(contract).data["components"]["schemas"].items():
        text = section(pages["models.md"], name)
        for field in schema.get("properties", {}):
            row = re.search(rf"^\| `{field}` \|(.*)\|$", text, re.MULTILINE)
            assert row is not None, f"{name}.{field}"
            kind, required, _, meaning = (cell.strip() for cell in row[1].split(" | "))
            assert kind
            assert meaning
            assert (required == "yes") == (field in schema.get("required", ()))


def test_a_nullable_field_is_marked(pages: dict[str, str]) -> None:
    """Both ways of writing null in the contract are recognised."""
    job = section(pages["models.md"], "FineTuningJob")
    assert re.search(r"\| `finished_at` \| integer[^|]* \|  \| yes \|", job)
    assert re.search(r"\| `error` \| \[FineTuningJobError\]\S+ \|  \| yes \|", job)
    assert re.search(r"\| `id` \| string \| yes \|  \|", job)


def test_links_between_the_pages_have_existing_headings(pages: dict[str, str]) -> None:
    """A type is a link to its own section."""
    headings = {heading.lower() for heading in re.findall(r"^## (\w+)$", pages["models.md"], re.MULTILINE)}
    linked = {link for page in pages.values() for link in re.findall(r"models\.md#([\w-]+)", page)}
    assert linked
    assert linked <= headings


def test_outdated_pages_fail_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """`--check` shows the difference and writes nothing; without it the pages are written."""
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    assert reference.main(["--check"]) == 1
    assert "+# Models" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0


def test_shared_parts_are_shown_where_they_are_used(contract: Document) -> None:
    """A parameter of a path or of the components is an argument of each operation and call."""
    data = copy.deepcopy(contract.data)
    item = data["paths"]["/models/{model}"]
    shared = item["get"].pop("parameters")
    item["delete"].pop("parameters")
    data["components"]["parameters"] = {"Model": shared[0]}
    data["components"]["pathItems"] = {"Model": item}
    item["parameters"] = [{"$ref": "#/components/parameters/Model"}]
    data["paths"]["/models/{model}"] = {"$ref": "#/components/pathItems/Model"}
    made = reference.pages(Document("openapi.yaml", data), read_client(reference.CLIENT, ()))
    text = section(made["operations.md"], "retrieveModel")
    assert "`GET /models/{model}`" in text
    assert "| model | path |" in text
    assert 'retrieve_model.sync("gpt-4o-mini", client=client.api)' in text


def test_an_invalid_contract_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the place, and no page is written."""
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\ninfo: {title: a, version: '1'}\npath: {}\n")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "pages")
    assert reference.main([]) == 2
    assert capsys.readouterr().err.startswith("openapi.yaml:3: `path` is unknown in the document")
    assert not (tmp_path / "pages").exists()
