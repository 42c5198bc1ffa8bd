"""`finetuning completion`: the completion script of a shell."""

from __future__ import annotations

import click

from ..declarations import command
from ..output import write_text

# The script of click splits words at colons, as bash does, and names of models contain colons.
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value prefix index
    local -a words=()
    for ((index = 0; index <= COMP_CWORD; index++)); do
        if ((index > 1)) && [[ ${COMP_WORDS[index]} == :* || ${words[-1]} == *: ]]; then
            words[-1]+=${COMP_WORDS[index]}
        else
            words+=("${COMP_WORDS[index]}")
        fi
    done
    index=$((${#words[@]} - 1))
    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$index %(complete_var)s=bash_complete "$1")
    prefix=${words[-1]%%"${words[-1]##*:}"}
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$prefix"}") ;;
        esac
    done
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@command(
    "completion",
    'eval "$(finetuning completion bash)"   # in ~/.bashrc',
    'eval "$(finetuning completion zsh)"    # in ~/.zshrc, after compinit',
    "finetuning completion fish | source    # in ~/.config/fish/config.fish",
    connects=False,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    It completes commands, options and the ids of jobs, files and models, which are read from the server.
    """
    from click.shell_completion import get_completion_class

    from ..application import COMPLETION_VARIABLE, application

    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(application, {}, "finetuning", COMPLETION_VARIABLE)
    if shell == "bash":
        write_text(_BASH % made.source_vars())
    else:
        write_text(made.source())
