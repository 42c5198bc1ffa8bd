"""Finds the contract of a former time: in a git revision, or in the newest release."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tools.comparison.document import Document, DocumentError, parse

__all__ = ["contract_at", "newest_release", "why_no_release"]

_RELEASE = re.compile(r"v(\d+)\.(\d+)\.(\d+)(.*)")


def newest_release(directory: Path) -> str | None:
    """The tag of the highest version among the `v*` tags that HEAD contains, or None."""
    listed = _git(directory, "tag", "--merged", "HEAD", "--list", "v*")
    tags = [match for line in (listed or b"").decode().split() if (match := _RELEASE.fullmatch(line))]
    # A suffix marks what comes before the release of that number.
    tags.sort(key=lambda tag: (*(int(part) for part in tag.groups()[:3]), not tag[4], tag[4]))
    return tags[-1][0] if tags else None


def why_no_release(directory: Path) -> str:
    """What to tell a person when there is no release to compare with."""
    shallow = _git(directory, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return "not a git checkout, so no release is known to compare with"
    if shallow.strip() == b"true":
        return "no release in this shallow clone; `git fetch --unshallow --tags` brings them"
    return "no release yet, so there is nothing to compare with"


def contract_at(revision: str, path: Path) -> Document:
    """The contract as it was at a git revision.

    Args:
        revision: Anything that git takes for a commit.
        path: Where the contract is now; its directory is in the checkout that is asked.

    Raises:
        DocumentError: There is no such revision, or no contract in it.
    """
    commit = _git(path.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if not commit:
        raise DocumentError(f"{revision}: no such file, and no such git revision")
    text = _git(path.parent, "show", f"{commit.decode().strip()}:./{path.name}")
    if text is None:
        raise DocumentError(f"{revision}: it has no {path.name}")
    return parse(text, revision)


def _git(directory: Path, *arguments: str) -> bytes | None:
    """What git answers; None when it refuses, or is not there."""
    try:
        answer = subprocess.run(["git", *arguments], cwd=directory, check=False, capture_output=True)
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None
