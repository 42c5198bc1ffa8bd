"""Job files: their forms, errors with the line and a similar key, and the published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from .conftest import MODEL, CommandLine

ROOT = Path(__file__).resolve().parents[2]
GOOD = f"model: {MODEL}\ntraining_file: train.jsonl\n"


def request_of(cli: CommandLine, text: str, *options: str) -> Any:
    """Return the request body that a job file gives."""
    Path("job.yaml").write_text(text, encoding="utf-8")
    return json.loads(cli.ok("jobs", "create", "-f", "job.yaml", "--dry-run", *options))


@pytest.mark.parametrize(
    "method",
    [
        "method: {type: supervised, n_epochs: 3}",
        "method:\n  type: supervised\n  supervised:\n    hyperparameters:\n      n_epochs: 3",
        "method: {n_epochs: 3}",
        "method: {type: supervised, hyperparameters: {n_epochs: 3}}",
    ],
)
def test_all_forms_of_a_method_are_equal(cli: CommandLine, method: str) -> None:
    """Settings next to the type, and settings in the form of the API, give the same method."""
    body = request_of(cli, GOOD + method)
    assert body["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}}


def test_values_are_those_of_json(cli: CommandLine) -> None:
    """Dates and `yes` stay strings, and numbers stay numbers."""
    body = request_of(
        cli, GOOD + "metadata: {day: 2026-05-01, sure: yes}\nmethod: {type: dpo, beta: 1e-1}\nseed: 7\n"
    )
    assert body["metadata"] == {"day": "2026-05-01", "sure": "yes"}
    assert body["method"]["dpo"]["hyperparameters"]["beta"] == 0.1
    assert body["seed"] == 7


def test_paths_are_relative_to_the_file(cli: CommandLine) -> None:
    """Paths are found from any working directory; ids are left unchanged."""
    folder = Path("jobs")
    folder.mkdir()
    Path("train.jsonl").rename(folder / "train.jsonl")
    (folder / "job.yaml").write_text(GOOD + "validation_file: file-abc\n", encoding="utf-8")
    body = json.loads(cli.ok("jobs", "create", "-f", "jobs/job.yaml", "--dry-run"))
    assert body["training_file"] == str(folder / "train.jsonl")
    assert body["validation_file"] == "file-abc"


def test_options_and_set_take_precedence(cli: CommandLine) -> None:
    """Options take precedence over the file, and `--set` over both."""
    body = request_of(
        *(cli, GOOD + "seed: 1\nsuffix: one\nmethod: {n_epochs: 2}\n", "--seed", "2"),
        *("--set", "method.batch_size=8", "--set", "suffix=null", "--set", "metadata.team=7"),
    )
    assert (body["seed"], body.get("suffix"), body["metadata"]) == (2, None, {"team": "7"})
    assert body["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2, "batch_size": 8}


def test_job_file_is_read_from_the_standard_input(cli: CommandLine) -> None:
    """`-` reads the job file from the standard input."""
    assert json.loads(cli.ok("jobs", "create", "-f", "-", "--dry-run", stdin=GOOD))["model"] == MODEL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "sufix: a\n", "job.yaml:3: unknown field 'sufix': did you mean 'suffix'?"),
        (
            GOOD + "method:\n  type: dpo\n  betta: 1\n",
            "job.yaml:5: unknown field 'method.betta': did you mean 'beta'?",
        ),
        (GOOD + "method:\n  type: supervised\n\n  n_epochs: 99\n", "job.yaml:6: method"),
        (GOOD + "seed: -1\n", "job.yaml:3: seed: must be at least 0"),
        (GOOD + "seed: 1\nseed: 2\n", "job.yaml:4: 'seed' is given twice"),
        (GOOD + "metadata: [a\n", "job.yaml:4: "),
        ("training_file: train.jsonl\n", "job.yaml: model is required"),
        (GOOD + "n_epochs: 3\n", "job.yaml:3: unknown field 'n_epochs': did you mean 'method.n_epochs'?"),
        (GOOD + "method:\n\ttype: dpo\n", "job.yaml:4: a tab: indent with spaces"),
        (f"model: {MODEL}\ntraining_file: no.jsonl\n", "job.yaml:2: no.jsonl: no such file"),
        ("- a\n", "job.yaml:1: a job file must have fields"),
        ("", "job.yaml:1: a job file must have fields"),
        (
            "a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
            + "".join(f"c{i}: &c{i} [{','.join(['*b' if not i else f'*c{i - 1}'] * 9)}]\n" for i in range(6)),
            "more than 20000 values",
        ),
    ],
    ids=[
        "key",
        "setting",
        "limit",
        "value",
        "twice",
        "syntax",
        "missing",
        "short",
        "tab",
        "no file",
        "list",
        "empty",
        "aliases",
    ],
)
def test_errors_have_a_line(cli: CommandLine, text: str, message: str) -> None:
    """An error has the line, the field and a similar key."""
    Path("job.yaml").write_text(text, encoding="utf-8")
    assert message in cli.fails(2, "jobs", "create", "-f", "job.yaml")


def test_missing_and_unreadable_files_are_named(cli: CommandLine) -> None:
    """A missing file and a binary file are named."""
    assert "none.yaml: No such file" in cli.fails(2, "jobs", "create", "-f", "none.yaml")
    Path("job.yaml").write_bytes(b"\xff\xfe\x00")
    assert "job.yaml: not UTF-8 text" in cli.fails(2, "jobs", "create", "-f", "job.yaml")
    assert "--set" not in cli.fails(2, "jobs", "create", "train.jsonl", "--model", MODEL, "--set", "sede=1")


def test_fields_of_one_server_are_sent(cli: CommandLine) -> None:
    """`extra` sets fields that the contract does not document."""
    body = request_of(cli, GOOD + "extra: {lora: true}\n")
    assert body["lora"] is True


def test_published_schema_agrees_with_the_command(cli: CommandLine, job: str) -> None:
    """The schema accepts and refuses the same files as the command."""
    schema = json.loads((ROOT / "docs/job-file.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    exported = yaml.safe_load(cli.ok("jobs", "show", job, "--output", "yaml"))
    assert list(validator.iter_errors(exported)) == []
    for method in (
        "supervised",
        {"type": "dpo", "beta": 0.5},
        {"type": "dpo", "dpo": {"hyperparameters": {}}},
    ):
        assert validator.is_valid({**yaml.safe_load(GOOD), "method": method, "extra": {"lora": True}})
    for wrong in ({"sufix": "a"}, {"seed": -1}, {"method": {"type": "dpo", "betta": 1}}, {"model": 3}):
        assert not validator.is_valid({**yaml.safe_load(GOOD), **wrong})
