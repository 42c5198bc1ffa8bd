"""`--output`: every format has the same documented keys, and values that need no further parsing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from finetuning_client.cli.application import application
from finetuning_client.cli.columns import Column
from finetuning_client.cli.declarations import OutputOption
from finetuning_client.cli.output import Output, write_list
from finetuning_emulator import Emulator

from .conftest import MODEL, CommandLine

GRADER = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "Paris",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
READING = (
    "jobs list",
    "jobs show JOB",
    "jobs events JOB --limit 9",
    "jobs watch JOB",
    "jobs wait JOB",
    "jobs metrics JOB --last 3",
    "jobs compare JOB OTHER",
    "files list",
    "files show FILE",
    "checkpoints list JOB",
    "checkpoints best JOB",
    "models list",
    f"models show {MODEL}",
    "graders run grader.json --sample Paris",
    "data check short.jsonl",
    "data stats train.jsonl",
    f"data cost train.jsonl --model {MODEL}",
    "archive list saved",
    "archive show saved JOB",
    "archive verify saved",
    "doctor",
    "profiles list",
    "profiles show local",
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator for this module only, so that its jobs are known."""
    with Emulator(speed=float("inf")) as serving:
        yield serving


@pytest.fixture
def names(cli: CommandLine, job: str) -> dict[str, str]:
    """The values of the names in capitals, and the files that the commands read."""
    Path("short.jsonl").write_text("".join(Path("train.jsonl").read_text().splitlines(keepends=True)[:3]))
    Path("grader.json").write_text(json.dumps(GRADER))
    cli.ok("profiles", "set", "local", "--key", "none")
    cli.ok("archive", "save", "saved", "--job", job)
    other = cli.ok("jobs", "clone", job, "--quiet").strip()
    cli.ok("jobs", "wait", other)
    file = json.loads(cli.ok("jobs", "show", job, "-o", "json"))["training_file"]
    return {"JOB": job, "OTHER": other, "FILE": file}


def columns(words: list[str]) -> list[str]:
    """Return the documented keys of a command."""
    command: click.Command = application
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None
        command, words = found, words[1:]
    (option,) = (one for one in command.params if isinstance(one, OutputOption))
    return [column.name for column in option.columns]


def objects(data: Any) -> list[dict[str, Any]]:
    """Return the objects in the output, which may be a single one."""
    return data if isinstance(data, list) else [data]


def test_every_format_has_the_documented_keys(cli: CommandLine, names: dict[str, str]) -> None:
    """`json`, `jsonl`, `yaml` and `csv` have the same keys and values, in the documented order."""
    for line in READING:
        words = [names.get(word, word) for word in line.split()]
        # Two runs may differ in the durations that they report.
        _compare_formats(cli, words, is_stable=not line.startswith(("graders run", "doctor")))


def _compare_formats(cli: CommandLine, words: list[str], *, is_stable: bool) -> None:
    def written(output: str) -> str:
        result = cli.run(*words, "--output", output, "--quiet")
        assert result.code in (0, 1), (words, result.err)
        assert result.err == "", words
        return result.out

    keys = columns(words)
    found = objects(json.loads(written("json")))
    assert [list(one) for one in found] == [keys] * len(found), words
    rows = list(csv.reader(io.StringIO(written("csv"))))
    assert rows[0] == keys, words
    lines = [json.loads(text) for text in written("jsonl").splitlines()]
    assert lines == found or not is_stable, words
    if words[:2] not in (["jobs", "show"], ["archive", "show"]):
        # These two write a job file.
        assert objects(yaml.safe_load(written("yaml"))) == found or not is_stable, words
    for one, row in zip(found, rows[1:], strict=True):
        for (key, value), cell in zip(one.items(), row, strict=True):
            if key == "created" or key.endswith("_at"):
                assert value is None or TIME.fullmatch(value), (words, key)
            if value in (None, {}, []):
                assert cell == "", (words, key)
            elif isinstance(value, int | float | str) and not isinstance(value, bool) and is_stable:
                assert cell == str(value), (words, key)


def test_every_reading_command_is_tested() -> None:
    """Each command that has `--output` and changes nothing is in the list above."""
    changing = {
        *("run", "jobs create", "jobs clone", "jobs cancel", "jobs pause", "jobs resume"),
        *("files upload", "files delete", "models delete", "archive save", "archive replay"),
        *("checkpoints share", "checkpoints unshare", "checkpoints permissions", "graders validate"),
        *("data split", "data dedupe", "data sample", "data convert", "data repair"),
    }

    def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
        if isinstance(group, click.Group):
            for name in group.list_commands(click.Context(group)):
                found = group.get_command(click.Context(group), name)
                assert found is not None
                yield from commands(found, (*path, name))
        elif any(isinstance(one, OutputOption) for one in group.params):
            yield " ".join(path)

    tested = {re.match(r"[a-z]+( [a-z]+)?", line)[0] for line in READING}  # type: ignore[index]
    assert set(commands(application)) == tested | changing


def test_undocumented_fields_are_in_other(cli: CommandLine, emulator: Emulator, job: str) -> None:
    """Undocumented fields of the server's response are in `other`, and no field is there twice."""
    found = json.loads(cli.ok("jobs", "show", job, "-o", "json"))
    assert found["suffix"] == "cli"
    assert not set(found["other"]) & set(found)
    event = json.loads(cli.ok("jobs", "events", job, "-o", "jsonl").splitlines()[0])
    assert event["type"] == "message"
    assert event["other"] == {}


@pytest.mark.parametrize(
    ("output", "text"),
    [("jsonl", '{"loss":null,"seconds":90.0,"end":null}\n'), ("csv", "loss,seconds,end\n,90.0,\n")],
)
def test_values_without_a_json_form_are_converted(
    capsys: pytest.CaptureFixture[str], output: str, text: str
) -> None:
    """NaN is written as null, and a duration as its seconds."""
    found = (("loss", float("nan")), ("seconds", timedelta(seconds=90)), ("end", None))
    made = [Column(name, lambda _, value=value: value) for name, value in found]  # type: ignore[misc]
    write_list(Output(output, made), [object()])
    assert capsys.readouterr().out == text
