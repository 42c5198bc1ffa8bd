"""`finetuning completion`: the completion script of a shell."""

from __future__ import annotations

import click

from ..command import command


@command(
    "completion",
    'eval "$(finetuning completion bash)"   # in ~/.bashrc',
    'eval "$(finetuning completion zsh)"    # in ~/.zshrc, after compinit',
    "finetuning completion fish | source    # in ~/.config/fish/config.fish",
    connects=False,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands, options and the ids of jobs, files and models, which are read from the server.
    """
    from click.shell_completion import get_completion_class

    from ..application import COMPLETION_VARIABLE, application

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(application, {}, "finetuning", COMPLETION_VARIABLE).source())
