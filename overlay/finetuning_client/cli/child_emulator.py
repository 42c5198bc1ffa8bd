"""A temporary emulator for one command: a child process, which always ends with this one.

The child watches its standard input, a pipe that this process holds open: it ends when the pipe closes, even
if this process is killed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..errors import ConfigurationError

_START_SECONDS = 30.0
_STOP_SECONDS = 2.0


class ChildEmulator:
    """A running emulator. Raises `ConfigurationError` if it does not start.

    Attributes:
        base_url: its URL for clients.
    """

    def __init__(self, speed: float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="finetuning-")
        ready = Path(self._folder.name, "ready")
        options = ["--port", "0", "--speed", str(speed), "--ready-file", str(ready), "--end-with-input"]
        try:
            # In its own process group, so that Ctrl-C reaches only this process, which then ends the child.
            self._process = subprocess.Popen(  # noqa: S603  this interpreter with fixed arguments
                [sys.executable, "-m", "finetuning_emulator", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self.base_url = self._started(ready)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the emulator. Does nothing if it has ended."""
        process: subprocess.Popen[bytes] | None = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stderr) if process else ():
            if pipe is not None:
                pipe.close()
        self._folder.cleanup()

    def _started(self, ready: Path) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if ready.exists():
                return ready.read_text(encoding="utf-8").strip()
            if self._process.poll() is not None:
                reason = self._process.stderr.read() if self._process.stderr else b""
                last = reason.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
                raise ConfigurationError(f"the emulator did not start: {last[0]}")
            time.sleep(0.01)
        raise ConfigurationError(f"the emulator did not start within {_START_SECONDS:g} seconds")
