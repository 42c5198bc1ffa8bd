"""Completion of ids in a shell: the newest ones on the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .invocation import Invocation

if TYPE_CHECKING:
    from click import Context, Parameter
    from click.shell_completion import CompletionItem


def completer(
    kind: str, *, or_path: bool = False
) -> Callable[[Context, Parameter, str], list[CompletionItem]]:
    """Return the completion of an argument that is an id, or the path of a file too."""

    def complete(context: Context, _parameter: Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from .server_ids import newest_ids

        paths = [CompletionItem(incomplete, type="file")] if or_path else []
        if or_path and not "file-".startswith(incomplete[:5]):
            return paths
        invocation = context.ensure_object(Invocation)
        try:
            ids = newest_ids(lambda: invocation.client, kind)
            found = [(i, text) for i, text in ids if i.startswith(incomplete)]
        finally:
            invocation.close()
        # In zsh a colon begins the description, unless there is none.
        return paths + [CompletionItem(name, help=None if ":" in name else text) for name, text in found]

    return complete
