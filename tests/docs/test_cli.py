"""The pages about the command match its help and its output, and every example in its help is valid."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from finetuning_client.cli.application import application
from finetuning_client.cli.declarations import Command, Group
from finetuning_client.cli.invocation import Invocation
from tools import cli_docs

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {" ".join(("finetuning", *path)): command for path, command in cli_docs.commands(application)}


def test_pages_match_the_commands() -> None:
    """`make cli-docs` would change nothing."""
    for name, text in cli_docs.pages().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, name


def test_the_page_has_every_command() -> None:
    """The page has a section for each command, with recorded output."""
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    for name, command in COMMANDS.items():
        if not isinstance(command, click.Group):
            assert f"# {name}\n" in page
            assert f"$ {name}" in page


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_of_the_help_are_valid(name: str) -> None:
    """Each help text has an example, whose command and options exist."""
    command = COMMANDS[name]
    assert isinstance(command, Command | Group)
    own = [example for example in command.examples if name in example]
    assert own
    for example in command.examples:
        lexer = shlex.shlex(
            example.replace("$(", " ").replace(")", " "), posix=True, punctuation_chars="|&>;"
        )
        lexer.whitespace_split = True
        words = list(lexer)
        if "finetuning" not in words:
            continue
        words = words[words.index("finetuning") + 1 :]
        end = next((i for i, word in enumerate(words) if word and word[0] in "|&>;"), len(words))
        parse(words[:end])


def parse(words: list[str]) -> None:
    """Parse a command line without running it."""
    command: click.Command = application
    context = click.Context(command, info_name="finetuning", obj=Invocation())
    while isinstance(command, click.Group):
        # Options of a group before the command are common options, which every command also has.
        options = [word for word in words if not word.startswith("-")]
        name, found, _ = command.resolve_command(context, options)
        assert found is not None
        words.remove(str(name))
        command = found
        context = click.Context(command, info_name=name, parent=context)
    command.make_context(context.info_name, list(words), parent=context.parent)
