"""The groups other than `jobs`, and `run` and `emulator`: each command against the emulator."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from finetuning_client import FineTuning

from .conftest import MODEL, CommandLine

GRADER = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
}


def test_files_are_uploaded_listed_downloaded_and_deleted(cli: CommandLine) -> None:
    """A file is uploaded, listed, shown, downloaded and deleted."""
    file = cli.ok("files", "upload", "train.jsonl", "-q").strip()
    assert file in [row["id"] for row in json.loads(cli.ok("files", "list", "-o", "json"))]
    assert json.loads(cli.ok("files", "show", file, "-o", "json"))["filename"] == "train.jsonl"
    assert "train.jsonl already exists: add --force" in cli.fails(2, "files", "download", file)
    Path("folder").mkdir()
    assert cli.ok("files", "download", file, "folder") == f"{Path('folder/train.jsonl')}\n"
    assert Path("folder/train.jsonl").read_bytes() == Path("train.jsonl").read_bytes()
    assert "add --yes" in cli.fails(13, "files", "delete", file)
    (deleted,) = json.loads(cli.ok("files", "delete", file, "--yes", "-o", "json"))
    assert deleted["deleted"] is True
    cli.fails(5, "files", "show", file)


def test_file_is_downloaded_to_the_standard_output(cli: CommandLine) -> None:
    """`-` as the destination writes the content to the standard output, byte for byte."""
    file = cli.ok("files", "upload", "valid.jsonl", "-q").strip()
    done = subprocess.run(
        [sys.executable, "-m", "finetuning_client.cli", "files", "download", file, "-"],
        capture_output=True,
        check=True,
    )
    assert done.stdout == Path("valid.jsonl").read_bytes()


def test_missing_file_is_named(cli: CommandLine) -> None:
    """A missing file is named."""
    assert "none.jsonl" in cli.fails(2, "files", "upload", "none.jsonl")


def test_checkpoints_are_listed_and_shared(cli: CommandLine, job: str, client: FineTuning) -> None:
    """Checkpoints are listed and shared with projects, and the best one is found."""
    listed = json.loads(cli.ok("checkpoints", "list", job, "-o", "json"))
    best = cli.ok("checkpoints", "best", job, "-q").strip()
    assert best in [one["fine_tuned_model_checkpoint"] for one in listed]
    shared = json.loads(cli.ok("checkpoints", "share", best, "proj_a", "proj_b", "-o", "json"))
    assert {one["project_id"] for one in shared} == {"proj_a", "proj_b"}
    assert "it is shared with" in cli.fails(5, "checkpoints", "unshare", best, "proj_c", "--yes")
    assert "add --yes" in cli.fails(13, "checkpoints", "unshare", best, "proj_a")
    cli.ok("checkpoints", "unshare", best, "proj_a", "--yes")
    (left,) = json.loads(cli.ok("checkpoints", "permissions", best, "-o", "json"))
    assert left["project_id"] == "proj_b"


def test_models_are_listed_shown_and_deleted(cli: CommandLine) -> None:
    """A fine-tuned model is listed, shown and deleted; a wrong name suggests a similar one."""
    made = cli.ok("jobs", "create", "train.jsonl", "--model", MODEL, "--suffix", "gone", "-q").strip()
    model = json.loads(cli.ok("jobs", "wait", made, "-o", "json"))["fine_tuned_model"]
    listed = list(csv.DictReader(io.StringIO(cli.ok("models", "list", "--fine-tuned", "-o", "csv"))))
    assert model in [row["id"] for row in listed]
    assert json.loads(cli.ok("models", "show", model, "-o", "json"))["id"] == model
    assert f"did you mean {model}" in cli.fails(5, "models", "show", model[:-1])
    assert "add --yes" in cli.fails(13, "models", "delete", model)
    assert "deleted  yes" in cli.ok("models", "delete", model, "--yes")


def test_graders_are_validated_and_run(cli: CommandLine) -> None:
    """A grader is validated and run; a mistake gives an error of one line."""
    Path("grader.json").write_text(json.dumps(GRADER))
    assert json.loads(cli.ok("graders", "validate", "grader.json", "-o", "json"))["name"] == "exact"
    run = ("graders", "run", "grader.json", "--sample", "Paris")
    assert json.loads(cli.ok(*run, "--item", '{"answer": "Paris"}', "-o", "json"))["reward"] == 1
    assert "reward" in cli.ok(*run, "--item", '{"answer": "Rome"}')
    assert "--item is not JSON" in cli.fails(2, *run, "--item", "{")
    assert "--sample or --sample-file" in cli.fails(2, "graders", "run", "grader.json")
    Path("bad.json").write_text('{\n"type":')
    assert "bad.json:2: not JSON" in cli.fails(2, "graders", "validate", "bad.json")


def test_data_check_lists_findings(cli: CommandLine) -> None:
    """The exit code is 0 for a good file and 1 for a bad one, with its findings in every format."""
    assert "nothing to report" in cli.ok("data", "check", "train.jsonl", "--validation", "valid.jsonl")
    Path("bad.jsonl").write_text('{"messages": [{"role": "usr", "content": "a"}]}\n' * 12)
    result = cli.run("data", "check", "bad.jsonl", "-o", "jsonl")
    assert result.code == 1
    finding = json.loads(result.out.splitlines()[0])
    assert finding.keys() >= {"line", "example", "message", "code", "severity", "hint"}
    assert (finding["line"], finding["example"], finding["severity"]) == (1, 1, "error")
    rows = list(csv.DictReader(io.StringIO(cli.run("data", "check", "bad.jsonl", "-o", "csv").out)))
    assert list(rows[0])[:6] == ["line", "example", "message", "code", "severity", "hint"]
    assert cli.run("data", "check", "bad.jsonl").code == 1
    assert cli.run("data", "check", "-", stdin=Path("bad.jsonl").read_text()).code == 1
    assert "none.jsonl" in cli.fails(2, "data", "check", "none.jsonl")


def test_data_stats_and_cost_print_data(cli: CommandLine) -> None:
    """Counts and prices can be written as data."""
    assert json.loads(cli.ok("data", "stats", "train.jsonl", "-o", "json"))["examples"] == 72
    found = json.loads(cli.ok("data", "cost", "train.jsonl", "--model", MODEL, "--epochs", "2", "-o", "json"))
    assert 0 < found["low"] <= found["expected"] <= found["high"]
    assert found["epochs"] == 2
    assert "cost" in cli.ok("data", "cost", "train.jsonl", "--model", MODEL)
    assert "my-model" in cli.fails(2, "data", "cost", "train.jsonl", "--model", "my-model")
    Path("prices.json").write_text('{"my-model": 3.0}')
    cli.ok("data", "cost", "train.jsonl", "--model", "my-model", "--prices", "prices.json")


def test_new_data_files_are_complete_and_replace_no_others(cli: CommandLine) -> None:
    """New files are written completely, and existing files are kept unless `--force` is given."""
    made = json.loads(cli.ok("data", "split", "train.jsonl", "--fraction", "0.25", "-o", "json"))
    assert made["train_examples"] + made["validation_examples"] == 72
    assert "add --force" in cli.fails(2, "data", "split", "train.jsonl")
    cli.ok("data", "split", "train.jsonl", "--force")
    assert cli.ok("data", "dedupe", "train.jsonl", "-q") == "train.deduped.jsonl\n"
    assert json.loads(cli.ok("data", "sample", "train.jsonl", "-n", "5", "-o", "json"))["examples"] == 5
    Path("data.csv").write_text("question,answer\nHow?,So.\n")
    cli.ok("data", "convert", "data.csv", "--prompt", "question", "--completion", "answer")
    assert json.loads(Path("data.jsonl").read_text())["messages"][1]["content"] == "So."
    Path("bom.jsonl").write_bytes(b"\xef\xbb\xbf" + Path("data.jsonl").read_bytes())
    assert "byte order mark" in cli.run("data", "repair", "bom.jsonl").err


def test_reports_and_comparisons_are_written(cli: CommandLine, job: str) -> None:
    """`report` writes a page about a job, and `compare` shows the differences of two jobs."""
    assert cli.ok("jobs", "report", job, "report.html") == "report.html\n"
    assert job in Path("report.html").read_text(encoding="utf-8")
    assert "add --force" in cli.fails(2, "jobs", "report", job, "report.html")
    other = cli.ok("jobs", "clone", job, "--set", "method.n_epochs=2", "--set", "suffix=other", "-q").strip()
    cli.ok("jobs", "wait", other)
    first, second = json.loads(cli.ok("jobs", "compare", job, other, "-o", "json"))
    assert (first["id"], first["suffix"], second["suffix"]) == (job, "cli", "other")
    assert (first["hyperparameters"]["n_epochs"], second["hyperparameters"]["n_epochs"]) == (1, 2)
    assert second["duration_seconds"] > first["duration_seconds"] > 0
    assert second["cost_usd"] > first["cost_usd"] > 0
    assert re.search(r"n_epochs +1 +2", cli.ok("jobs", "compare", job, other))
    assert "at least two jobs" in cli.fails(2, "jobs", "compare", job, job)


def test_archive_is_saved_verified_and_replayed(cli: CommandLine, job: str) -> None:
    """Jobs are archived, verified, listed, shown and replayed; a changed byte is found."""
    saved = json.loads(cli.ok("archive", "save", "saved", "--job", job, "-o", "json"))
    assert saved["jobs"] == 1
    assert "all intact" in cli.run("archive", "verify", "saved").err
    assert [row["id"] for row in json.loads(cli.ok("archive", "list", "saved", "-o", "json"))] == [job]
    assert json.loads(cli.ok("archive", "list", "saved", "--status", "failed", "-o", "json")) == []
    assert job in cli.ok("archive", "show", "saved", job)
    again = cli.ok("archive", "replay", "saved", job, "--set", "seed=9", "-q").strip()
    assert json.loads(cli.ok("jobs", "show", again, "-o", "json"))["seed"] == 9
    assert "has no job" in cli.fails(2, "archive", "show", "saved", "ftjob-x")
    assert "nothing" in cli.fails(2, "archive", "list", "nothing")
    (file,) = Path("saved").glob("jobs.jsonl")
    file.write_bytes(file.read_bytes().replace(b"succeeded", b"Succeeded"))
    result = cli.run("archive", "verify", "saved", "-o", "json")
    assert result.code == 1
    assert "jobs.jsonl" in {problem["path"] for problem in json.loads(result.out)}


def test_run_makes_every_step(cli: CommandLine) -> None:
    """Data, cost and progress go to the standard error, the result to the standard output."""
    result = cli.run(
        "run", "train.jsonl", "--validation-file", "valid.jsonl", "--n-epochs", "1", "--yes", "-o", "json"
    )
    assert result.code == 0
    for part in (
        "nothing to report",
        "cost: ",
        "uploaded train.jsonl as file-",
        "created ftjob-",
        "Step 72/72",
    ):
        assert part in result.err
    found = json.loads(result.out)
    assert found["best_model"].startswith(f"ft:{MODEL}:")
    assert found["status"] == "succeeded"
    quiet = cli.run("run", "train.jsonl", "--n-epochs", "1", "--yes", "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert re.fullmatch(rf"ft:{MODEL}:\S+\n", quiet.out)


def test_run_asks_before_it_costs(cli: CommandLine) -> None:
    """Nothing is sent without a terminal or `--yes`, for bad data, or above the cost limit."""
    before = cli.ok("jobs", "list", "-o", "json")
    result = cli.run("run", "train.jsonl")
    assert result.code == 13
    assert "cost: " in result.err
    Path("bad.jsonl").write_text('{"messages": []}\n' * 12)
    assert "finetuning data check bad.jsonl" in cli.fails(1, "run", "bad.jsonl", "--yes")
    result = cli.run("run", "train.jsonl", "--yes", "--max-cost", "0.01")
    assert result.code == 2
    assert "more than --max-cost" in result.err
    assert cli.ok("jobs", "list", "-o", "json") == before


def test_run_fails_with_its_job(cli: CommandLine) -> None:
    """A failed job gives its reason and exit code 10."""
    result = cli.run("run", "train.jsonl", "--yes", "--metadata", "emulator.fail_at_step=3", "-o", "json")
    assert (result.code, result.out) == (10, "")
    assert "failed" in result.err.splitlines()[-1]


def test_emulate_runs_any_command(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`emulate` runs any command against a temporary emulator, without a key or a server."""
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert cli.ok("jobs", "list", "--emulate", "-o", "json") == "[]\n"
    out = cli.ok("--emulate", "run", "train.jsonl", "--speed", "inf", "--n-epochs", "1", "-q")
    assert out.startswith("ft:")


def test_emulator_is_a_child_process(cli: CommandLine, tmp_path: Path) -> None:
    """`finetuning emulator` serves until it is interrupted, and takes the options of the emulator."""
    command = [sys.executable, "-m", "finetuning_client.cli", "emulator", "--port", "0", "--speed", "inf"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        url = line.split()[-1]
        assert url.startswith("http://127.0.0.1:")
        assert cli.ok("jobs", "list", "--base-url", url, "-o", "json") == "[]\n"
        child.terminate()
        assert child.wait(30) == 0
