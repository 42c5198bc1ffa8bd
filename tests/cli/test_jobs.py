"""`finetuning jobs`: each command against the emulator, in each output format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml

from finetuning_client import FineTuning
from finetuning_emulator import Emulator

from .conftest import MODEL, CommandLine


def test_list_has_the_same_jobs_in_each_format(cli: CommandLine, job: str) -> None:
    """The list has the same jobs in each format."""
    listed = json.loads(cli.ok("jobs", "list", "-o", "json"))
    assert job in [one["id"] for one in listed]
    assert yaml.safe_load(cli.ok("jobs", "list", "-o", "yaml")) == listed
    assert [json.loads(line) for line in cli.ok("jobs", "list", "-o", "jsonl").splitlines()] == listed
    rows = list(csv.DictReader(io.StringIO(cli.ok("jobs", "list", "-o", "csv"))))
    assert [row["id"] for row in rows] == [one["id"] for one in listed]
    assert {row["id"]: row for row in rows}[job]["metadata"] == '{"team":"nlp"}'
    assert rows[0]["created_at"].endswith("Z")
    header, *lines = cli.ok("jobs", "list").splitlines()
    assert header.split() == ["ID", "STATUS", "MODEL", "CREATED", "AT", "METHOD", "FINE", "TUNED", "MODEL"]
    assert len(lines) == len(listed)


def test_list_is_filtered(cli: CommandLine, client: FineTuning, job: str) -> None:
    """The list is filtered by status, metadata, model, time and number."""
    other = client.jobs.create(
        model=MODEL, training_file=client.jobs.retrieve(job).training_file or "", metadata={"team": "vision"}
    )

    def ids(*options: str) -> list[str]:
        return [
            json.loads(line)["id"] for line in cli.ok("jobs", "list", "-o", "jsonl", *options).splitlines()
        ]

    assert ids("--metadata", "team=nlp") == [job]
    assert ids("--limit", "1") == [other.id]
    assert job in ids("--status", "queued,succeeded")
    assert ids("--status", "failed") == []
    assert ids("--model", "gpt-5") == []
    assert job in ids("--since", "yesterday")
    assert ids("--until", "yesterday") == []
    assert job in ids("--since", "2 days ago", "--until", "31 December 2100")


def test_empty_list_leaves_the_standard_output_empty(cli: CommandLine) -> None:
    """A note on the standard error says that nothing was found."""
    result = cli.run("jobs", "list", "--status", "faild")
    assert (result.code, result.out) == (0, "")
    assert "did you mean 'failed'?" in result.err
    assert "no jobs found" in result.err
    assert cli.run("jobs", "list", "--status", "failed", "--quiet") == (0, "", "")
    assert cli.ok("jobs", "list", "--status", "failed", "-o", "json") == "[]\n"


def test_show_prints_a_table_or_json(cli: CommandLine, job: str) -> None:
    """`show` prints the fields of a job, or the JSON that the server sent."""
    table = cli.ok("jobs", "show", job)
    assert f"id                {job}" in table
    assert "hyperparameters   n_epochs=1" in table
    assert json.loads(cli.ok("jobs", "show", job, "-o", "json"))["status"] == "succeeded"


def test_job_file_of_a_job_creates_it_again(cli: CommandLine, client: FineTuning, job: str) -> None:
    """`create -f` with the output of `show --output yaml` creates an equal job."""
    Path("job.yaml").write_text(cli.ok("jobs", "show", job, "-o", "yaml"))
    made = json.loads(cli.ok("jobs", "create", "-f", "job.yaml", "-o", "json"))
    first = client.jobs.retrieve(job).to_dict()
    for field in ("model", "training_file", "validation_file", "method", "seed"):
        assert made[field] == first[field]
    assert made["suffix"] == first["user_provided_suffix"]
    assert made["id"] != job
    assert made["metadata"]["team"] == "nlp"


def test_job_is_created_from_options(cli: CommandLine) -> None:
    """A job is created from options; a data file given by its path is uploaded first."""
    out = cli.ok(
        *("jobs", "create", "train.jsonl", "--model", MODEL, "--validation-file", "valid.jsonl"),
        *("--n-epochs", "2", "--batch-size", "auto", "--suffix", "mine", "--seed", "3"),
        *("--metadata", "team=nlp", "--metadata", "note=a=b", "-o", "json"),
    )
    made = json.loads(out)
    assert made["method"]["supervised"]["hyperparameters"]["n_epochs"] == 2
    assert made["metadata"].items() >= {"team": "nlp", "note": "a=b"}.items()
    assert made["validation_file"].startswith("file-")


def test_quiet_create_writes_only_the_id(cli: CommandLine) -> None:
    """`--quiet` writes only the id of the new job to the standard output."""
    result = cli.run("jobs", "create", "train.jsonl", "--model", MODEL, "--quiet")
    assert result.err == ""
    assert result.out.startswith("ftjob-")
    assert len(result.out.split()) == 1


def test_dry_run_shows_the_request_and_sends_nothing(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--dry-run` shows the body of the request, and needs neither a key nor a server."""
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    result = cli.run(
        "jobs", "create", "train.jsonl", "--model", MODEL, "--method", "dpo", "--beta", "0.2", "--dry-run"
    )
    assert json.loads(result.out) == {
        "model": MODEL,
        "training_file": "train.jsonl",
        "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2}}},
    }
    assert "nothing was sent" in result.err


def test_clone_changes_only_what_is_set(cli: CommandLine, client: FineTuning, job: str) -> None:
    """A clone has the settings of the job, except for those that are given."""
    out = cli.ok("jobs", "clone", job, "--set", "method.n_epochs=4", "--set", "suffix=null", "-o", "json")
    made, first = json.loads(out), client.jobs.retrieve(job).to_dict()
    settings = made["method"]["supervised"]["hyperparameters"]
    assert settings == {**first["method"]["supervised"]["hyperparameters"], "n_epochs": 4}
    assert made["seed"] == first["seed"]
    assert made["suffix"] is None


def test_events_are_listed_oldest_first(cli: CommandLine, job: str) -> None:
    """Events are listed oldest first; a limit keeps the newest."""
    events = [json.loads(line) for line in cli.ok("jobs", "events", job, "-o", "jsonl").splitlines()]
    assert events[0]["message"].startswith("Created fine-tuning job")
    assert json.loads(cli.ok("jobs", "events", job, "--limit", "2", "-o", "json")) == events[-2:]
    followed = cli.ok("jobs", "events", job, "--follow", "-o", "jsonl").splitlines()
    assert [json.loads(line)["id"] for line in followed] == [event["id"] for event in events]
    assert json.loads(cli.ok("jobs", "events", job, "--follow", "-o", "json")) == events


def test_metrics_are_rows_and_a_plot_is_text(cli: CommandLine, job: str) -> None:
    """`metrics` gives a row for each step, and a plot is text."""
    rows = list(csv.DictReader(io.StringIO(cli.ok("jobs", "metrics", job, "-o", "csv"))))
    assert [int(row["step"]) for row in rows] == list(range(1, 73))
    assert any(row["valid_loss"] for row in rows)
    assert len(json.loads(cli.ok("jobs", "metrics", job, "--last", "2", "-o", "json"))) == 2
    plot = cli.ok("jobs", "plot", job, "--width", "60")
    assert "step 72" in plot
    assert max(map(len, plot.splitlines()[:-1])) <= 60


def test_cancel_asks_and_refuses_without_a_terminal(cli: CommandLine, emulator: Emulator) -> None:
    """Without a terminal to ask in, a job is cancelled only with `--yes`."""
    emulator.scenario(stay_queued=True)
    made = cli.ok("jobs", "create", "train.jsonl", "--model", MODEL, "-q").strip()
    assert "add --yes" in cli.fails(13, "jobs", "cancel", made)
    assert "cancelled" in cli.ok("jobs", "cancel", made, "--yes")
    assert cli.ok("jobs", "show", made, "-o", "json")


def test_paused_job_is_resumed(cli: CommandLine, emulator: Emulator) -> None:
    """A job is paused, and then resumed."""
    emulator.scenario(pause_at_step=5)
    made = cli.ok("jobs", "create", "train.jsonl", "--model", MODEL, "-q").strip()
    assert json.loads(cli.ok("jobs", "show", made, "-o", "json"))["status"] == "paused"
    assert json.loads(cli.ok("jobs", "resume", made, "-o", "json"))["id"] == made
    assert json.loads(cli.ok("jobs", "wait", made, "-o", "json"))["status"] == "succeeded"


def test_wait_returns_the_outcome_as_its_exit_code(cli: CommandLine, emulator: Emulator, job: str) -> None:
    """The exit code is 0 for success, 10 for a failed job, and 12 after a timeout."""
    emulator.scenario(fail_at_step=3, error_code="exceeded_quota")
    failed = cli.ok("jobs", "create", "train.jsonl", "--model", MODEL, "-q").strip()
    emulator.scenario(stay_queued=True)
    queued = cli.ok("jobs", "create", "train.jsonl", "--model", MODEL, "-q").strip()
    result = cli.run("jobs", "wait", failed, job, "-o", "jsonl")
    assert result.code == 10
    assert [json.loads(line)["status"] for line in result.out.splitlines()] == ["failed", "succeeded"]
    assert "exceeded_quota" in cli.run("jobs", "wait", failed).out
    assert queued in cli.fails(12, "jobs", "wait", queued, "--timeout", "0")
    cli.ok("jobs", "cancel", queued, "--yes")
    assert cli.run("jobs", "wait", queued, failed).code == 10
    assert cli.run("jobs", "wait", queued).code == 11
    assert "no job is running" in cli.run("jobs", "wait").err


def test_watch_writes_lines_without_a_terminal(cli: CommandLine, job: str) -> None:
    """Each event is a line, and the last line is the outcome."""
    lines = cli.ok("jobs", "watch", job).splitlines()
    assert "Created fine-tuning job" in lines[0]
    assert lines[-1].startswith(f"{job} succeeded ft:{MODEL}:")
    events = [json.loads(line) for line in cli.ok("jobs", "watch", job, "-o", "jsonl").splitlines()]
    assert {event["fine_tuning_job_id"] for event in events} == {job}
    assert len(events) == len(lines) - 1
    assert json.loads(cli.ok("jobs", "watch", job, "-o", "json")) == events
    rows = list(csv.DictReader(io.StringIO(cli.ok("jobs", "watch", job, "-o", "csv"))))
    assert [(row["fine_tuning_job_id"], row["id"]) for row in rows] == [(job, one["id"]) for one in events]


def test_created_job_is_watched_to_its_end(cli: CommandLine) -> None:
    """`create --watch` creates a job and follows it to its end."""
    result = cli.run("jobs", "create", "train.jsonl", "--model", MODEL, "--watch")
    assert result.code == 0
    assert " succeeded ft:" in result.out.splitlines()[-1]
