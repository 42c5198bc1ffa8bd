"""CPU time of starting in a bare environment: a whole process, less a bare interpreter."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import finetuning_api
from benchmarks.bare_environment import make_environment
from benchmarks.comparison import Aim, Comparison, Finding, at_most_times
from benchmarks.job_server import JOB, certificate, serve_job

__all__ = ["comparisons"]

_ROUNDS = 15
_BARE = "bare interpreter"
_ENDPOINT = "finetuning_api.api.fine_tuning.retrieve_fine_tuning_job"
# Any request loads httpx too. So this measures what an endpoint needs besides: its client and its models.
_IN_USE = f"import {_ENDPOINT}, finetuning_api.client, finetuning_api.models.fine_tuning_job"


def comparisons() -> Iterator[Comparison | Finding]:
    """Measure a client, one endpoint and a first request, compared with peers, and the size of the code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = make_environment(folder)
        process = partial(_process, python, None)
        ours = 'FineTuning(api_key="x")', 'AsyncFineTuning(api_key="x")'
        endpoint, peer = "finetuning_api, one endpoint in use", "httpx.Client()"
        yield Comparison(
            title="start, with only the packages that users have",
            rivals={
                _BARE: process("pass"),
                **{call: process(f"import finetuning_client; finetuning_client.{call}") for call in ours},
                endpoint: process(_IN_USE),
                peer: process("import httpx; httpx.Client()"),
            },
            rounds=_ROUNDS,
            aims=(
                *(at_most_times(call, 1.35, peer, over=_BARE) for call in ours),
                at_most_times(endpoint, 1.2, peer, over=_BARE),
            ),
        )
        files = certificate(folder)
        process = partial(_process, python, files[0])
        with serve_job(*files) as base_url:
            call = f'FineTuning(api_key="x", base_url="{base_url}").jobs.retrieve("{JOB}")'
            get = f'httpx.Client().get("{base_url}/fine_tuning/jobs/{JOB}").json()'
            first = "finetuning_client", "httpx"
            yield Comparison(
                title="import, client and first retrieve over TLS",
                rivals={
                    _BARE: process("pass"),
                    first[0]: process(f"from finetuning_client import FineTuning; {call}"),
                    first[1]: process(f"import httpx; {get}"),
                },
                rounds=_ROUNDS,
                aims=(at_most_times(first[0], 1.4, first[1], over=_BARE),),
            )
    yield _size()


def _size() -> Finding:
    files = list(Path(finetuning_api.__path__[0]).rglob("*.py"))
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    return Finding(
        title="the size of the generated library",
        values={"files": len(files), "lines": lines},
        unit="",
        aims=(
            Aim("at most 125 files", lambda size: size["files"] <= 125),
            Aim("at most 5,500 lines", lambda size: size["lines"] <= 5_500),
        ),
    )


def _process(python: str, certificates: Path | None, program: str) -> Callable[[], object]:
    trusted = {"SSL_CERT_FILE": str(certificates)} if certificates else {}
    command = [python, "-I", "-c", program]
    return partial(subprocess.run, command, check=True, env={**os.environ, **trusted})
