"""Errors: a message of one line with the next step, an exit code for each class, tracebacks on request."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from finetuning_client import FineTuning, __version__
from finetuning_client.cli import exit_codes, main
from finetuning_emulator import Emulator

from .conftest import MODEL, CommandLine


def test_both_commands_print_their_version(cli: CommandLine) -> None:
    """`--version` is the same alone and with other options, and the emulator has it too."""
    assert cli.ok("--version") == f"finetuning {__version__}\n"
    assert cli.ok("--quiet", "--version") == f"finetuning {__version__}\n"
    done = subprocess.run(
        [sys.executable, "-m", "finetuning_emulator", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"finetuning-emulator {__version__}\n"


def test_version_loads_no_command_line() -> None:
    """`--version` imports neither click nor rich nor httpx, and `--help` neither httpx nor rich."""
    program = (
        "import sys\nfrom finetuning_client.cli import main\ncode = main(sys.argv[1:])\n"
        "print(sorted({'click', 'rich', 'httpx', 'yaml', 'attrs'} & set(sys.modules)))\nsys.exit(code)"
    )

    def loaded(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()[-1]

    assert loaded("--version") == "[]"
    assert loaded("jobs", "list", "--help") == "['click']"


def test_without_the_extra_a_line_says_what_to_install(tmp_path: Path) -> None:
    """Without click, the command says what to install; `--version` still works."""
    program = (
        "import sys\nsys.modules['click'] = None\n"
        "from finetuning_client.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "jobs", "list"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "finetuning: the extra 'cli' is not installed: run pip install \"finetuning-client[cli]\"\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"finetuning {__version__}\n"


def test_usage_errors_name_the_help(cli: CommandLine) -> None:
    """A mistake in the command line gives one line with similar commands and the help."""
    assert "no command 'lst': did you mean 'list'? (see finetuning jobs --help)" in cli.fails(
        2, "jobs", "lst"
    )
    assert "did you mean 'jobs'?" in cli.fails(2, "job", "list")
    assert "--statsu" in cli.fails(2, "jobs", "list", "--statsu", "x")
    assert "(see finetuning jobs show --help)" in cli.fails(2, "jobs", "show")
    assert "'--limit': must be at least 1 (see" in cli.fails(2, "jobs", "list", "--limit", "0")
    assert "'--limit': 'x' is not a whole number (see" in cli.fails(2, "jobs", "list", "--limit", "x")
    assert "is not a time" in cli.fails(2, "jobs", "list", "--since", "yesterdy")
    assert "write KEY=VALUE" in cli.fails(2, "jobs", "list", "--metadata", "team")
    assert "Choose from: bash, zsh, fish (see" in cli.fails(2, "completion")


def test_wrong_ids_suggest_similar_ones(cli: CommandLine, job: str) -> None:
    """A mistyped id gives a similar one, and an id of another kind gives the right command."""
    wrong = job[:-1] + ("a" if job[-1] != "a" else "b")
    for command in ("show", "events", "metrics", "watch", "pause", "clone", "plot"):
        assert f"did you mean {job}?" in cli.fails(5, "jobs", command, wrong)
    assert "finetuning files show file-abc" in cli.fails(5, "jobs", "show", "file-abc")
    assert "finetuning jobs show ftjob-abc" in cli.fails(5, "files", "show", "ftjob-abc")


def test_the_next_step_after_404_depends_on_what_was_not_found(cli: CommandLine, emulator: Emulator) -> None:
    """For an unknown object, the next step is its list; for a wrong URL, it is the doctor."""
    assert "run finetuning files list to see those that exist" in cli.fails(5, "files", "show", "file-zzz")
    assert "checkpoints list JOB" in cli.fails(5, "checkpoints", "permissions", "ft:none")
    root = emulator.base_url.removesuffix("/v1")
    assert "finetuning doctor" in cli.fails(5, "jobs", "list", "--base-url", root)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "invalid_api_key", exit_codes.AUTHENTICATION),
        (403, "insufficient_permissions", exit_codes.AUTHENTICATION),
        (400, "invalid_value", exit_codes.BAD_REQUEST),
        (422, "unprocessable", exit_codes.BAD_REQUEST),
        (429, "insufficient_quota", exit_codes.RATE_LIMITED),
    ],
)
@pytest.mark.off_contract
def test_each_class_of_refusal_has_an_exit_code(
    cli: CommandLine, emulator: Emulator, job: str, status: int, code: str, expected: int
) -> None:
    """Each class of refusal has its own exit code."""
    emulator.fault(
        "error", operation="retrieveFineTuningJob", status=status, code=code, message="no", times=1
    )
    assert "no" in cli.fails(expected, "jobs", "show", job)


def test_missing_server_is_a_connection_failure(cli: CommandLine) -> None:
    """A server that cannot be reached is a connection failure, and the next step is the doctor."""
    line = cli.fails(9, "jobs", "list", "--base-url", "http://127.0.0.1:1/v1")
    assert line.startswith("GET http://127.0.0.1:1/v1/fine_tuning/jobs: the server cannot be reached")
    assert "finetuning doctor" in line


def test_refused_dataset_shows_its_first_problem(cli: CommandLine) -> None:
    """Only the first problem of a file is shown, with the command that shows all of them."""
    good = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "%d"}]}\n'
    Path("bad.jsonl").write_text("".join(good % n for n in range(20)) + "{\n" * 30)
    line = cli.fails(1, "jobs", "create", "bad.jsonl", "--model", MODEL)
    assert line.startswith("bad.jsonl: 30 problems; nothing was sent; line 21: ")
    assert "line 22" not in line
    assert line.endswith("run finetuning data check bad.jsonl to see every problem")


def test_warnings_about_a_dataset_are_a_line_for_each_kind(cli: CommandLine) -> None:
    """A file with many duplicates gives one warning, with their number."""
    Path("twice.jsonl").write_text(Path("train.jsonl").read_text() * 2)
    result = cli.run("jobs", "create", "twice.jsonl", "--model", MODEL)
    assert result.code == 0
    warnings = [line for line in result.err.splitlines() if "warning" in line]
    assert warnings == ["twice.jsonl: warning: line 73: is the same example as line 1 (71 more)"]


def test_missing_key_is_explained(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an API key, the message says where to set it."""
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "set OPENAI_API_KEY" in cli.fails(3, "jobs", "list")


def test_traceback_only_with_debug(cli: CommandLine) -> None:
    """`--debug` shows the traceback of an error before the same line."""
    assert "Traceback" not in cli.run("jobs", "show", "ftjob-x").err
    result = cli.run("jobs", "show", "ftjob-x", "--debug")
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("finetuning: GET /fine_tuning/jobs/ftjob-x: 404")


def test_control_characters_do_not_reach_the_terminal(cli: CommandLine) -> None:
    """Control characters from a server are not printed, and each object of a table stays on one line."""
    made = cli.ok(
        "jobs", "create", "train.jsonl", "--model", MODEL, "--metadata", "a=\x1b[31m\nb", "-q"
    ).strip()
    table = cli.ok("jobs", "show", made)
    assert "\x1b" not in table
    assert "a=\N{REPLACEMENT CHARACTER}[31m b" in table


def test_every_exit_code_has_a_meaning() -> None:
    """The documented table lists all exit codes."""
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert codes == set(exit_codes.MEANINGS)


def test_group_without_a_command_shows_its_help(cli: CommandLine) -> None:
    """`finetuning` and `finetuning jobs` show their commands."""
    assert "Examples:" in cli.ok()
    assert "  watch " in cli.ok("jobs")


def test_full_disk_is_an_error_and_closed_output_is_not(cli: CommandLine) -> None:
    """A full disk is an error of one line; a closed standard output is not an error."""
    command = f"{sys.executable} -m finetuning_client.cli data stats train.jsonl"
    done = subprocess.run(["sh", "-c", f"{command} > /dev/full"], capture_output=True, text=True, check=False)
    assert done.returncode == exit_codes.INTERNAL
    assert done.stderr == "finetuning: the output cannot be written: No space left on device\n"
    done = subprocess.run(["sh", "-c", f"{command} >&-"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_without_unicode_is_ascii(cli: CommandLine, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are drawn in ASCII, and JSON uses escapes, so that no character is lost."""

    def written(*arguments: str) -> str:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(arguments) == 0
        stream.flush()
        return stream.buffer.getvalue().decode("ascii")

    chart = written("jobs", "plot", job)
    assert "*" in chart and "?" not in chart
    Path("datä.jsonl").write_bytes(Path("train.jsonl").read_bytes())
    line = written("files", "upload", "datä.jsonl", "-o", "jsonl")
    assert json.loads(line)["filename"] == "datä.jsonl"


def test_closed_input_is_empty(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed standard input is read as empty."""
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["graders", "validate", "-"]) == 2
    assert capsys.readouterr().err.startswith("finetuning: standard input:1: not JSON")


def test_every_command_takes_server_options(cli: CommandLine) -> None:
    """Commands that need no server also take the server options; two servers are an error."""
    assert cli.ok("data", "check", "train.jsonl", "--emulate", "--profile", "none")
    assert "give only one of them" in cli.fails(
        3, "jobs", "list", "--emulate", "--base-url", "http://127.0.0.1:1/v1"
    )


def test_wrong_ids_in_a_new_job_suggest_similar_ones(cli: CommandLine, client: FineTuning, job: str) -> None:
    """An unknown file or model of a new job gives a similar one."""
    file = str(client.jobs.retrieve(job).training_file)
    assert f"did you mean {file}" in cli.fails(6, "jobs", "create", file[:-1] + "~", "--model", MODEL)
    assert f"did you mean {MODEL}" in cli.fails(6, "jobs", "create", file, "--model", MODEL[:-1])


def test_run_refuses_wrong_options_before_it_sends_anything(cli: CommandLine) -> None:
    """Unreadable prices and an unwritable report are reported before anything is sent."""
    run = ("run", "train.jsonl", "--yes", "--quiet")
    assert "none.json: no such file" in cli.fails(2, *run, "--prices", "none.json")
    assert "there is no directory none" in cli.fails(2, *run, "--report", "none/report.html")
