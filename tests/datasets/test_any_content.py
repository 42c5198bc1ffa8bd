"""Any content gives a report without an exception, and the call in a hint repairs the file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_client import DatasetError
from finetuning_client.data import check, convert, repair
from finetuning_client.data.findings import CODES
from finetuning_client.data.schema_types import example_decoder
from finetuning_client.data.training_formats import faults, format_schema

from .examples import CHAT, PAIR, ROW, TOOL, lines, several
from .tables import FAULTS, GOOD


@settings(deadline=None, max_examples=150)
@given(
    file=st.sampled_from([*GOOD, *(f for f in FAULTS if len(f.content) < 20_000)]),
    data=st.data(),
    method=st.sampled_from(["supervised", "dpo", "reinforcement"]),
)
def test_mutated_files_give_a_report(file: Any, data: st.DataObject, method: str) -> None:
    """After any bytes are changed, cut or doubled, the report is complete, and its lines are in the file."""
    content = bytearray(file.content)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        content[start:end] = data.draw(
            st.sampled_from([b"", b"\0", b'"', b"{", b"]", b"\n", b"\\", b"\xff", b"1e9"])
            | st.binary(max_size=9)
        )
    report = check(bytes(content), method=method, model=file.model)
    count = content.count(b"\n") + 1
    assert all(0 <= finding.line <= count for finding in report.findings)
    assert report.ok == (not any(f.severity == "error" for f in report.findings))
    assert report.table()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_message = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["system", "user", "assistant", "tool", "function"]) | _json,
        "content": st.text(max_size=5)
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "type": st.sampled_from(["text", "image_url", "refusal"]) | _json,
                    "text": _json,
                    "image_url": _json,
                },
            ),
            max_size=2,
        )
        | _json,
        "weight": st.sampled_from([0, 1]) | _json,
        "name": _json,
        "tool_calls": st.lists(
            st.fixed_dictionaries({}, optional={"id": _json, "type": st.just("function"), "function": _json}),
            max_size=2,
        )
        | _json,
        "tool_call_id": _json,
        "function_call": _json,
    },
)
_example = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(_message, max_size=4) | _json,
        "tools": st.lists(st.just(TOOL) | _json, max_size=2) | _json,
        "input": st.fixed_dictionaries({}, optional={"messages": st.lists(_message, max_size=2)}) | _json,
        "preferred_output": st.lists(_message, max_size=2) | _json,
        "non_preferred_output": st.lists(_message, max_size=2) | _json,
        "prompt": _json,
        "completion": _json,
        "other": _json,
    },
)


@settings(deadline=None, max_examples=150)
@given(example=_example | _json, method=st.sampled_from(["supervised", "dpo", "reinforcement"]))
def test_client_and_emulator_agree_on_any_example(tmp_path_factory: Any, example: Any, method: str) -> None:
    """For any JSON in a line, both accept it or both refuse it."""
    from finetuning_emulator.simulation.base_models import format_for
    from finetuning_emulator.simulation.dataset import Dataset, read_dataset

    base = {"supervised": CHAT, "dpo": PAIR, "reinforcement": ROW}[method]
    path: Path = tmp_path_factory.getbasetemp() / f"any-{method}.jsonl"
    path.write_bytes(lines([*several(base), example]))
    report = check(path, method=method)
    read = read_dataset(path, format_for(method, "gpt-4o-mini-2024-07-18"), "training")
    assert report.ok == isinstance(read, Dataset), (report.table(), read)


@pytest.mark.parametrize("form", ["chat", "completions", "preference", "reinforcement"])
@settings(deadline=None, max_examples=30)
@given(example=_example | _json)
def test_examples_that_the_types_accept_satisfy_the_schema(form: Any, example: Any) -> None:
    """The types may refuse more than the schema does, and never less."""
    try:
        example_decoder(form).decode(json.dumps(example))
    except msgspec.MsgspecError:
        return
    assert list(faults(format_schema(form), example)) == []


# Findings that stay after the repair: one example, no line end, an object around the examples.
NOT_MENDED = {"pretty one", "array no end", "wrapper pretty"}
MENDED = [
    file
    for file in FAULTS
    if ("repair(" in CODES[file.code].hint or "convert(" in CODES[file.code].hint)
    and file.name not in NOT_MENDED
]


@pytest.mark.parametrize("file", MENDED, ids=lambda file: file.name)
def test_the_call_that_a_hint_names_repairs_the_file(tmp_path: Path, file: Any) -> None:
    """The hint has a command and a call for this file; after the call the file is good."""
    path = tmp_path / "it's.jsonl"
    path.write_bytes(file.content)
    hint = next(f.hint for f in check(path).findings if f.code == file.code)
    if "encoding=NAME" in hint:
        with pytest.raises(DatasetError, match="pass encoding= if you know it"):
            repair(path)
        return
    call = re.search(r"data\.(repair|convert)\((.*?)\)\.", hint)
    assert call is not None, hint
    separator: Any = (
        {"format": "tsv"} if file.name == "tabs" else {"format": "csv"} if file.code == "csv" else {}
    )
    assert str(path) == eval(call[2].partition(", format")[0])
    made = tmp_path / "mended.jsonl"
    if call[1] == "repair":
        repair(path, made)
    else:
        convert(path, made, **separator)
    report = check(made)
    assert report.ok, report.table()
