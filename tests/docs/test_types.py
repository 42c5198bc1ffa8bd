"""Type checkers accept every Python block of the README and the guide unchanged."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/guide.md")
PATHS = [str(ROOT / name) for name in ("generated", "overlay", "emulator", "testing")]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module for each block, named after its page and line."""
    folder = tmp_path_factory.mktemp("blocks")
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, found.start()) + 1
            name = f"{Path(page).stem.lower()}_line_{line}.py"
            (folder / name).write_text(found[1], encoding="utf-8")
    return folder


def test_mypy_accepts_every_block(blocks: Path) -> None:
    """mypy runs with its default settings for code without annotations."""
    options = ["--check-untyped-defs", "--no-error-summary", "--no-incremental", "--python-version", "3.11"]
    (blocks / "mypy.ini").write_text(f"[mypy]\nmypy_path = {':'.join(PATHS)}\n", encoding="utf-8")
    program = [sys.executable, "-m", "mypy", *options, *(p.name for p in sorted(blocks.glob("*.py")))]
    run = subprocess.run(program, cwd=blocks, capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("", 0)


def test_pyright_accepts_every_block(blocks: Path) -> None:
    """Pyright runs in its standard mode."""
    config = f'{{"typeCheckingMode": "standard", "pythonVersion": "3.11", "extraPaths": {PATHS}}}'
    (blocks / "pyrightconfig.json").write_text(config.replace("'", '"'), encoding="utf-8")
    program = [str(Path(sys.executable).with_name("basedpyright")), "--pythonpath", sys.executable]
    run = subprocess.run(program, cwd=blocks, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
