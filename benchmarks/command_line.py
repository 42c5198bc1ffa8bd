"""CPU time of starting the command `finetuning`, beyond that of a bare interpreter, in fresh processes.

It is compared with `import httpx` in an environment without click and rich, which httpx would import for
its own command line.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence

from benchmarks.comparison import Finding, at_most_times, cpu_seconds

__all__ = ["comparisons"]

_ROUNDS = 9
_BARE_HTTPX = "import sys; sys.modules['click'] = sys.modules['rich'] = None; import httpx"
_COMMAND = "import sys; from finetuning_client.cli import main; sys.exit(main(sys.argv[1:]))"


def comparisons() -> Iterator[Finding]:
    """Measure `--version` and the help of a command, compared with `import httpx`."""
    unit, version, usage = "import httpx, bare", "finetuning --version", "finetuning jobs list --help"
    programs = {
        "": ["pass"],
        unit: [_BARE_HTTPX],
        version: [_COMMAND, "--version"],
        usage: [_COMMAND, "jobs", "list", "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(_ROUNDS):
        for name, program in programs.items():
            times[name].append(_cpu(program))
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    bare = medians.pop("")
    yield Finding(
        title=f"CPU time to start the command, beyond a bare interpreter ({_ROUNDS} rounds)",
        values={name: median - bare for name, median in medians.items()},
        aims=(at_most_times(version, 1.0, unit), at_most_times(usage, 2.5, unit)),
    )


def _cpu(program: Sequence[str]) -> float:
    """Return the CPU seconds, user and system, of a fresh interpreter that runs a program."""
    before = cpu_seconds()
    subprocess.run([sys.executable, "-I", "-c", *program], check=True, stdout=subprocess.DEVNULL)
    return cpu_seconds() - before
