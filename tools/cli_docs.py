"""Write the pages about the command `finetuning`, or check them: docs/cli.md, schema, golden help.

Every command is shown with its description, its options, the keys of its data, and recorded output. The
recorded lines are those of `tools.cli_scenario`. They run against an emulator whose clock, ids and seeds
are fixed; those that draw run in a terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import click

from finetuning_client import FineTuning, Supervised
from finetuning_client.cli import columns, exit_codes
from finetuning_client.cli import main as finetuning
from finetuning_client.cli.application import application
from finetuning_client.cli.columns import Columns
from finetuning_client.cli.declarations import OutputOption
from finetuning_emulator import Emulator
from finetuning_emulator.controls.clock import Clock
from tools.cli_scenario import SCREENS, STEPS, Screen, Step
from tools.job_file_schema import schema_text
from tools.openapi import read
from tools.terminal import Terminal

__all__ = ["commands", "main", "pages"]

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "examples" / "data"
NOTICE = (
    "<!-- Written by `make cli-docs` from the commands; edit their help texts, or docs/cli-head.md. -->\n"
)
START = 1_778_000_000_000  # a day in May 2026, in milliseconds


class _StillClock(Clock):
    """A clock that moves only when it jumps to the end of a job, however long the recording takes."""

    def __init__(self) -> None:
        super().__init__(float("inf"), START)
        self._rate = 0.0


def pages() -> dict[str, str]:
    """Return the text of each page, by its path in the repository."""
    return {
        "docs/cli.md": _page(record()),
        "docs/job-file.schema.json": schema_text(read(ROOT / "openapi.yaml")),
        "tests/cli/help.txt": help_text(),
    }


def help_text() -> str:
    """Return the help of every command, as a terminal of 80 columns shows it."""
    texts = []
    for path, command in commands(application):
        name = " ".join(("finetuning", *path))
        context = click.Context(command, info_name=name, terminal_width=80)
        texts.append(f"$ {name} --help\n{command.get_help(context)}\n")
    return "\n".join(texts)


class _EmulatorOfThisProcess:
    """Replacement for the temporary emulator of a command, whose ids would differ in each recording."""

    def __init__(self, _speed: float) -> None:
        self._emulator = Emulator(clock=_StillClock()).start()
        self.base_url = self._emulator.base_url

    def close(self) -> None:
        """Stop the emulator."""
        self._emulator.close()


def record() -> list[tuple[str, str]]:
    """Run the scenario; return each line with its output."""
    done: list[tuple[str, str]] = []
    with _fixed_environment() as base_url:
        names = {"base_url": base_url}
        for step in STEPS:
            line = step.line.format(**names)
            text = _run(line, step)
            if step.name:
                found = re.search(step.pattern, text)
                assert found is not None, f"no id in the output of {line}:\n{text}"
                names[step.name] = found[0]
            if step.is_shown:
                done.append((line, text))
    return [
        *screens(),
        *((_with_fixed_values(line, base_url), _with_fixed_values(text, base_url)) for line, text in done),
    ]


def screens() -> list[tuple[str, str]]:
    """Run lines in a terminal, with jobs that advance only with the clock; return each with its screen."""
    done = []
    with (
        _fixed_environment(),
        Emulator(clock=Clock(0, START)) as emulator,
        FineTuning(base_url=emulator.base_url) as client,
    ):
        os.environ["OPENAI_BASE_URL"] = emulator.base_url
        file = client.files.upload("train.jsonl").id
        jobs = [
            client.jobs.create(
                model="gpt-4o-mini-2024-07-18",
                training_file=file,
                method=Supervised(n_epochs=1, batch_size=1),
                seed=seed,
            )
            for seed in (7, 8)
        ]
        emulator.advance(seconds=90)
        for screen in SCREENS:
            line = screen.line.format(job=jobs[0].id, second=jobs[1].id)
            done.append((line, _screen(emulator, line, screen)))
    return done


def _screen(emulator: Emulator, line: str, screen: Screen) -> str:
    """Run a line in a terminal; return its screen after all acts."""
    with Terminal(Path.cwd(), lines=60) as terminal:
        terminal.start(*shlex.split(line)[1:])
        for act in screen.acts:
            terminal.wait_for(act.text)
            terminal.type(act.type)
            emulator.advance(seconds=act.advance)
        if screen.shows:
            terminal.wait_for(screen.shows)
            return terminal.settle()
        terminal.end()
        return terminal.screen


@contextlib.contextmanager
def _fixed_environment() -> Iterator[str]:
    """Enter a folder with the data, and start an emulator that always behaves the same; yield its URL."""
    seeded = random.Random(15)  # noqa: S311  the same ids on every run
    fixed = {
        "choice": seeded.choice,
        "randbelow": seeded.randrange,
        # The ids of requests have 16 bytes; the number of requests may differ between runs.
        "token_hex": lambda size: "0" * 32 if size == 16 else seeded.randbytes(size).hex(),
    }
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for source, name in (("train", "train.jsonl"), ("valid", "valid.jsonl")):
            shutil.copy(DATA / f"support_triage_{source}.jsonl", folder / name)
        for name, value in fixed.items():
            stack.enter_context(mock.patch(f"secrets.{name}", value))
        variables = {
            "TZ": "UTC",
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OPENAI_", "FINETUNING_"))
        }
        target = "finetuning_client.cli.child_emulator.ChildEmulator"
        stack.enter_context(mock.patch(target, _EmulatorOfThisProcess))
        stack.enter_context(mock.patch.dict(os.environ, {**kept, **variables}, clear=True))
        stack.enter_context(contextlib.chdir(folder))
        time.tzset()
        stack.callback(time.tzset)
        emulator = stack.enter_context(Emulator(clock=_StillClock()))
        os.environ["OPENAI_API_KEY"] = "sk-recorded"
        os.environ["OPENAI_ADMIN_KEY"] = "sk-admin-recorded"
        os.environ["OPENAI_BASE_URL"] = emulator.base_url
        yield emulator.base_url


def _run(line: str, step: Step) -> str:
    """Run a line as a shell would; return what it shows, the standard error first."""
    command, _, filter_ = line.partition(" | ")
    command, _, target = command.partition(" > ")
    arguments = shlex.split(command)
    if arguments[0] != "finetuning":
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.rstrip()
    if arguments[:2] == ["finetuning", "emulator"]:
        # A child process writes its output directly.
        program = [sys.executable, "-m", "finetuning_client.cli", *arguments[1:]]
        return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = finetuning(arguments[1:])
    text = out.getvalue()
    if target:
        Path(target.strip()).write_text(text, encoding="utf-8")
        text = ""
    if filter_:
        text = _filtered(text, filter_)
    lines = [*err.getvalue().splitlines(), *text.splitlines()]
    if len(lines) > step.most:
        lines = [*lines[: step.most], "..."]
    return "\n".join([*lines, *(["$ echo $?", str(code)] if code else [])])


def _filtered(text: str, filter_: str) -> str:
    program, count = filter_.split(" -")
    lines = text.splitlines()
    kept = lines[: int(count)] if program == "head" else lines[-int(count) :]
    return "\n".join(kept)


def _with_fixed_values(text: str, base_url: str) -> str:
    """Return a text with fixed values in place of those that differ between machines and runs."""
    text = text.replace(base_url, "http://127.0.0.1:8000/v1").replace(str(Path.cwd()), "~")
    text = re.sub(r"/\S*/config/finetuning", "~/.config/finetuning", text)
    text = re.sub(r"within \d+ s of", "within 1 s of", text)
    text = re.sub(r"(archived_at +)20\S+ \S+", r"\g<1>2026-05-05 17:10:00", text)
    text = re.sub(r"(execution_time +)\S+", r"\g<1>0.0001", text)
    text = re.sub(r"Python 3\.\d+\.\d+\S*", "Python 3.13.1", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _page(recorded: Sequence[tuple[str, str]]) -> str:
    head = (ROOT / "docs" / "cli-head.md").read_text(encoding="utf-8")
    parts = [NOTICE, head.replace("{exit_codes}", _exit_codes()).replace("{columns}", _columns())]
    left = list(recorded)
    for path, command in commands(application):
        parts += _section(path, command, left)
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in exit_codes.MEANINGS.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows])


def _kinds() -> dict[str, Columns]:
    """Return the columns of each kind of object that several commands write."""
    found = {name: value for name, value in vars(columns).items() if name.isupper() and name[0] != "_"}
    return {name.lower().replace("_", " "): value for name, value in found.items()}


def _column_names(found: Columns) -> str:
    return ", ".join(f"`{column.name}`" for column in found)


def _columns() -> str:
    rows = [f"| {kind} | {_column_names(found)} |" for kind, found in _kinds().items()]
    return "\n".join(["| objects | keys |", "|---|---|", *rows])


def _keys(command: click.Command) -> str:
    """Return the keys of the data that a command writes; empty if it writes none."""
    option = next((one for one in command.params if isinstance(one, OutputOption)), None)
    if option is None:
        return ""
    kind = next((kind for kind, found in _kinds().items() if found is option.columns), None)
    return f"those of {kind}" if kind else _column_names(option.columns) or "the fields of the object"


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its path, each group before its commands."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*path, name))


def _section(path: tuple[str, ...], command: click.Command, recorded: list[tuple[str, str]]) -> Iterator[str]:
    name = " ".join(("finetuning", *path))
    if not path:
        yield from _recordings([entry for entry in recorded if entry[0].startswith("finetuning --")])
        return
    yield f"{'#' * (len(path) + 1)} {name}\n"
    yield f"{_unwrapped(command.help or '')}\n"
    if isinstance(command, click.Group):
        return
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield f"Usage: `{usage}`\n"
    records = [parameter.get_help_record(context) for parameter in _own_parameters(command)]
    rows = [f"| `{names}` | {text} |" for names, text in filter(None, records) if text]
    if rows:
        yield "\n".join(["| option | meaning |", "|---|---|", *(_escaped(row) for row in rows), ""])
    if keys := _keys(command):
        yield f"Keys of the data: {keys}.\n"
    own = [entry for entry in recorded if entry[0].startswith(f"{name} ") or entry[0] == name]
    if own and (cats := [e for e in recorded if e[0].startswith("cat ")]) and any(" > " in e[0] for e in own):
        own += cats
    assert own, f"tools/cli_scenario.py has no line for {name}"
    yield from _recordings(own)


def _recordings(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    for line, text in entries:
        yield "\n".join(["```console", f"$ {line}", *([text] if text else []), "```", ""])


def _own_parameters(command: click.Command) -> list[click.Parameter]:
    return [parameter for parameter in command.params if parameter.expose_value]


def _escaped(row: str) -> str:
    start, names, rest = row.split("`", 2)
    return f"{start}`{names.replace('|', chr(92) + '|')}`{rest}"


def _unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; with `--check`, only report whether they are up to date, and fail if not."""
    parser = argparse.ArgumentParser(prog="tools.cli_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
    check = parser.parse_args(arguments).check
    stale = False
    for name, text in pages().items():
        path = ROOT / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif old != text:
            stale = True
            before, after = old.splitlines(), text.splitlines()
            print("\n".join(difflib.unified_diff(before, after, name, "the commands", lineterm="")))
    if stale:
        print("the pages are out of date: run `make cli-docs`", file=sys.stderr)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
