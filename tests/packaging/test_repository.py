"""The tracked files name no machine and no package index."""

import re
from pathlib import Path

# Split, so that this file does not match.
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
    """Users choose and configure where packages come from."""
    assert not lines_matching(INDEX_HOSTS, repository, tracked)


def test_no_tracked_file_has_a_path_of_one_machine(repository: Path, tracked: list[str]) -> None:
    """An absolute path works only on the machine where it was written."""
    others = [path for path in tracked if not path.endswith("test_repository.py")]
    assert not lines_matching(MACHINE_PATHS, repository, others)


def test_ignored_files_are_not_tracked(tracked: list[str]) -> None:
    """Environments, caches and build results are not committed."""
    junk = re.compile(r"(^|/)(\.venv[^/]*|__pycache__|dist|build|[^/]*_cache|\.hypothesis)/|\.pyc$")
    assert not [path for path in tracked if junk.search(path)]
