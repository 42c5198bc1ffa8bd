"""Shell completion, tested in each installed shell by sourcing the script and pressing Tab."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from finetuning_client import FineTuning
from finetuning_emulator import Emulator
from tools.terminal import Terminal

from .conftest import CommandLine

STARTS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'PS1="$ "; eval "$(finetuning completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'PS1="$ "; autoload -U compinit; compinit -D -u; eval "$(finetuning completion zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "finetuning completion fish | source"),
}


def complete(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """Return the completions of the last word, as bash requests them."""
    monkeypatch.setenv("_FINETUNING_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "\n".join(["finetuning", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    result = cli.run()
    assert (result.code, result.err) == (0, "")
    return [line.partition(",")[2] for line in result.out.splitlines() if line]


def test_commands_options_and_values_are_completed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands, options and their choices are completed."""
    assert complete(cli, monkeypatch, "jo") == ["jobs"]
    assert set(complete(cli, monkeypatch, "jobs", "c")) == {"create", "cancel", "compare", "clone"}
    assert "--since" in complete(cli, monkeypatch, "jobs", "list", "--s")
    assert complete(cli, monkeypatch, "jobs", "list", "--output", "j") == ["json", "jsonl"]
    assert complete(cli, monkeypatch, "jobs", "list", "--status", "ru") == ["running"]


def test_ids_are_completed(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, client: FineTuning, job: str
) -> None:
    """Ids of jobs, files and models are completed from the server."""
    found = client.jobs.retrieve(job)
    assert job in complete(cli, monkeypatch, "jobs", "show", "ftjob-")
    assert found.training_file in complete(cli, monkeypatch, "files", "show", "")
    assert found.fine_tuned_model in complete(cli, monkeypatch, "models", "show", "ft:")
    assert found.fine_tuned_model in complete(cli, monkeypatch, "jobs", "create", "--model", "ft:")


def test_paths_and_ids_are_completed(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, client: FineTuning, job: str
) -> None:
    """A training file is completed as a path by the shell, or as an id."""
    file = client.jobs.retrieve(job).training_file
    for command in (("run",), ("jobs", "create"), ("jobs", "create", "--validation-file")):
        # An item of the type `file` leaves the word to the shell.
        assert complete(cli, monkeypatch, *command, "tra") == ["tra"]
        assert {"", file} <= set(complete(cli, monkeypatch, *command, ""))
        assert file in complete(cli, monkeypatch, *command, "file-")


def test_a_server_that_is_down_gives_no_ids(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be reached gives no ids, and no message within the command line."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert complete(cli, monkeypatch, "jobs", "show", "") == []
    monkeypatch.delenv("OPENAI_API_KEY")
    assert complete(cli, monkeypatch, "jobs", "show", "") == []


@pytest.mark.parametrize("shell", STARTS)
def test_tab_completes_in_a_shell(
    shell: str, terminal: Terminal, emulator: Emulator, client: FineTuning, job: str, tmp_path: Path
) -> None:
    """Tab completes commands, the id of a job, and the name of a model, which contains colons."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program, setup = STARTS[shell]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    terminal.start_program(program, PATH=path, HOME=str(tmp_path))
    terminal.type(f"{setup}; echo rea''dy\n")
    terminal.wait_for(r"(?m)^ready")
    model = str(client.jobs.retrieve(job).fine_tuned_model)
    terminal.type(f"finetuning jobs show {job[:-2]}\t")
    terminal.wait_for(re.escape(job))
    terminal.type("\x15finetuning completi\t")
    terminal.wait_for("finetuning completion ")
    terminal.type(f"\x15finetuning models show {model[:-2]}\t")
    # The terminal wraps a long line.
    terminal.wait_for_joined(model)
    terminal.type("\x15exit\n")
