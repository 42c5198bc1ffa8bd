"""The tracked files hold nothing that ties them to one machine or one package index."""

import re
from pathlib import Path

# Written in pieces, so that this file does not find itself.
INDEX_HOSTS = re.compile("pypi" + r"\.org|python" + r"hosted\.org|anaconda" + r"\.org")
MACHINE_PATHS = re.compile(r"(?<![\w.~/-])/(?:root|work|Users|home/[a-z]|tmp|opt)/")


def lines_matching(pattern: re.Pattern[str], root: Path, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        numbered = enumerate(text.splitlines(), start=1)
        found += [f"{path}:{number}: {line}" for number, line in numbered if pattern.search(line)]
    return found


def test_no_tracked_file_names_a_package_index(repository: Path, tracked: list[str]) -> None:
    """Where packages come from is the user's choice and configuration."""
    assert not lines_matching(INDEX_HOSTS, repository, tracked)


def test_no_tracked_file_names_a_path_of_one_machine(repository: Path, tracked: list[str]) -> None:
    """An absolute path works on the machine it was written on, and nowhere else."""
    others = [path for path in tracked if not path.endswith("test_repository.py")]
    assert not lines_matching(MACHINE_PATHS, repository, others)


def test_what_git_should_ignore_is_not_tracked(tracked: list[str]) -> None:
    """Environments, caches and built files stay out."""
    junk = re.compile(r"(^|/)(\.venv[^/]*|__pycache__|dist|build|[^/]*_cache|\.hypothesis)/|\.pyc$")
    assert not [path for path in tracked if junk.search(path)]
