"""Cost of checking a file of conversations, compared with a loop of `json.loads` over its lines."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison import Aim, Comparison, Finding, at_most_times
from finetuning_client.data import check

__all__ = ["comparisons"]

_SIZE = 512 * 1024 * 1024
_ROUNDS = 3
_MEMORY = 200 * 1024 * 1024
_HASH = 16
_WORDS = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an"
    " they which one you were all her she there would their we him been has when who will no more if out so"
    " up said what its about than into them can only other time new some could these two may first then do"
).split()
# Peak memory of the process; the value from `getrusage` is inherited from the parent.
_PROGRAM = """
import re, sys
from pathlib import Path
from finetuning_client.data import check
check(sys.argv[1])
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def comparisons() -> Iterator[Comparison | Finding]:
    """Measure checks of a file of 512 MB: errors, duplicates and tokens; then with all warnings."""
    with tempfile.TemporaryDirectory() as folder:
        path, validation = Path(folder, "train.jsonl"), Path(folder, "valid.jsonl")
        examples = _write(path, _SIZE, seed=1)
        _write(validation, _SIZE // 100, seed=2)
        yield Comparison(
            title=f"check a file of {examples:,} conversations, {_SIZE >> 20} MiB",
            rivals={
                "json.loads": lambda: _loads(path),
                "check": lambda: _check(path),
                "check, all warnings": lambda: _check(path, validation),
            },
            rounds=_ROUNDS,
            clock=time.process_time,
            aims=(
                at_most_times("check", 1.1, "json.loads"),
                at_most_times("check, all warnings", 1.6, "json.loads"),
            ),
        )
        # Other systems do not report peak memory.
        if sys.platform.startswith("linux"):
            yield _memory(path, examples)


def _write(path: Path, size: int, seed: int) -> int:
    """Write conversations until the file is large enough; return their number."""
    chosen = random.Random(seed)  # noqa: S311  not a secret
    examples = written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        while written < size:
            turns = [("user", 40), ("assistant", 60)] * chosen.choice([1, 1, 2])
            texts = [(role, " ".join(chosen.choices(_WORDS, k=length))) for role, length in turns]
            messages = [{"role": role, "content": f"{text}.\n\nWhy?"} for role, text in texts]
            line = json.dumps({"messages": [{"role": "system", "content": "Be brief."}, *messages]}) + "\n"
            written += file.write(line)
            examples += 1
    return examples


def _loads(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def _check(path: Path, validation: Path | None = None) -> None:
    report = check(path, model="gpt-4o-mini-2024-07-18", validation=validation)
    assert report.ok, report.table()


def _memory(path: Path, examples: int) -> Finding:
    """Return the peak memory of a process that checks the file, and of one that checks a single example."""
    small = path.with_name("small.jsonl")
    _write(small, 1, seed=3)
    peaks = {}
    for name, file in {"one example": small, "the whole file": path}.items():
        result = subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(file)], check=True, capture_output=True, text=True
        )
        peaks[name] = float(result.stdout) / 1024
    most = (_MEMORY + _HASH * examples) / 1024 / 1024
    first, whole = peaks
    return Finding(
        title="memory for a check",
        values=peaks,
        unit="MiB",
        aims=(
            Aim(
                f"at most {most:.0f} MiB more than one example: 200 plus 16 bytes per example",
                lambda values: values[whole] - values[first] <= most,
            ),
        ),
    )
