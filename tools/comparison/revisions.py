"""Earlier versions of files: of a git revision, the newest release, or the first commit of the contract."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

from tools.openapi import DocumentError

__all__ = ["directory_at", "first_commit", "newest_release", "text_at", "why_no_base"]

_RELEASE = re.compile(r"v(\d+)\.(\d+)\.(\d+)(.*)")


def newest_release(directory: Path) -> str | None:
    """Return the tag of the highest version among the `v*` tags that HEAD contains, or None."""
    listed = _git(directory, "tag", "--merged", "HEAD", "--list", "v*")
    tags = [match for line in (listed or b"").decode().split() if (match := _RELEASE.fullmatch(line))]
    # A suffix marks a pre-release of that version.
    tags.sort(key=lambda tag: (*(int(part) for part in tag.groups()[:3]), not tag[4], tag[4]))
    return tags[-1][0] if tags else None


def first_commit(path: Path) -> str | None:
    """Return the commit that added a file; None in a shallow clone, or if it is the only commit.

    Without a release, this is where the contract begins.
    """
    if _git(path.parent, "rev-parse", "--is-shallow-repository") != b"false\n":
        return None
    listed = _git(path.parent, "log", "--format=%h", "--", path.name)
    commits = (listed or b"").decode().split()
    return commits[-1] if commits else None


def why_no_base(directory: Path) -> str:
    """Return the message for a person if there is nothing to compare with."""
    shallow = _git(directory, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return "not a git checkout, so there is nothing to compare with"
    if shallow.strip() == b"true":
        return "no release in this shallow clone: run `git fetch --unshallow --tags`"
    return "not committed yet, so there is nothing to compare with"


def text_at(revision: str, path: Path) -> bytes:
    """Return a file as it was at a git revision.

    Args:
        revision: Anything that git accepts as a commit.
        path: The current path of the file; its directory is in the checkout.

    Raises:
        DocumentError: There is no such revision, or no such file in it.
    """
    commit = _git(path.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if not commit:
        raise DocumentError(f"{revision}: no such file or git revision")
    text = _git(path.parent, "show", f"{commit.decode().strip()}:./{path.name}")
    if text is None:
        raise DocumentError(f"{revision}: it has no {path.name}")
    return text


def directory_at(revision: str, root: Path, inner: Path, destination: Path) -> bool:
    """Unpack a directory as it was at a git revision; return False if the revision does not have it.

    Args:
        revision: Anything that git accepts as a commit.
        root: A directory in the checkout.
        inner: The directory, relative to the root.
        destination: The directory in which to unpack it, by its relative path.
    """
    packed = _git(root, "archive", "--format=tar", revision, "--", inner.as_posix())
    if packed is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        # Python before 3.11.4 has no filters; the archive can be trusted, since it is of this checkout.
        if hasattr(tarfile, "data_filter"):
            archive.extractall(destination, filter="data")
        else:
            archive.extractall(destination)  # noqa: S202
    return True


def _git(directory: Path, *arguments: str) -> bytes | None:
    """Return the output of git; None if it fails, or is not installed."""
    try:
        done = subprocess.run(["git", *arguments], cwd=directory, check=False, capture_output=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
