"""An emulator to hold: its state and its clock, served over HTTP on loopback from a thread."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp

from finetuning_emulator.addresses import base_url, is_loopback
from finetuning_emulator.app import create_app
from finetuning_emulator.clock import Clock
from finetuning_emulator.errors import StateUnavailable
from finetuning_emulator.faults import ArmedFault, Fault, FaultKind, RetryAfterForm
from finetuning_emulator.scenarios import Scenario
from finetuning_emulator.service import Service
from finetuning_emulator.serving import ServerThread, listener
from finetuning_emulator.store import Store

__all__ = ["EXPOSED", "Emulator"]

EXPOSED = (
    "the emulator is bound to {host}: anybody who reaches this machine can use it, read its files"
    " and fill its disk. It accepts almost any key."
)


class Emulator:
    """A fine-tuning API that trains nothing: its metrics are simulated.

    `speed` is how many seconds of the emulator's time pass in one real second: 60 makes minutes
    of seconds, 0 stands still until `advance`, `inf` has every job finished as soon as it is asked
    about. `state` is `":memory:"` or a path that survives restarts. `port` 0 takes a free one.
    `python_graders` allows the programs of Python graders to run, in a restricted process.

    As a context manager it serves on `base_url`. Without, `app` answers in-process over ASGI, and
    `close` puts the state away.

    Raises `StateUnavailable` when the state cannot be opened, `OSError` when the port is taken,
    `ValueError` for a speed that makes no sense.
    """

    def __init__(
        self,
        speed: float = 1.0,
        state: str | Path = ":memory:",
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        clock: Clock | None = None,
        python_graders: bool = False,
    ) -> None:
        # The clock first: a speed that it refuses must leave no state open.
        time = clock or Clock(speed)
        self._service = Service(Store(state), time, python_graders=python_graders)
        self._app = create_app(self._service)
        self._host = host
        self._port = port
        self._server: ServerThread | None = None
        self._is_closed = False

    @property
    def app(self) -> ASGIApp:
        """The emulator as an ASGI application, its paths beginning with `/v1`."""
        return self._app

    @property
    def base_url(self) -> str:
        """Where the emulator is served, for a client's `base_url`; needs `start`."""
        if self._server is None:
            raise RuntimeError("the emulator is not serving: use it as a context manager")
        return base_url(self._host, self._port)

    # What a test makes happen; docs/emulator.md tells it at length.

    def scenario(
        self,
        *,
        times: int | None = 1,
        fail_at_step: int | None = None,
        error_code: str | None = None,
        error_message: str | None = None,
        error_param: str | None = None,
        stay_queued: bool = False,
        pause_at_step: int | None = None,
        status: str | None = None,
        lose_status: str | None = None,
        slow_validation: float = 0,
        training_closed: bool = False,
    ) -> None:
        """Say what happens to the next `times` jobs that are created, or with None to all others.

        Scenarios for a number of jobs are used up in their order. What a job's own metadata asks
        for, under `emulator.fail_at_step` and so on, comes before them.

        Args:
            times: how many jobs it is for.
            fail_at_step: fail when this step (or the last) is done, 0 as soon as the job runs.
            error_code: of `job.error`; without `fail_at_step` the job fails in validation.
            error_message: of `job.error`; without `fail_at_step` likewise.
            error_param: of `job.error`.
            stay_queued: never leave the queue.
            pause_at_step: pause when this step (or the last) is done, until resumed.
            status: show this instead of each status before the end; or replace some, as in
                `"queued=pending,succeeded=done"`.
            lose_status: never show these statuses, separated by commas; the one before stays.
            slow_validation: seconds of the emulator's clock that validation takes longer.
            training_closed: refuse the job with 403 `training_not_available`.

        Raises:
            ValueError: a value that makes no sense.
        """
        scenario = Scenario(
            fail_at_step=fail_at_step,
            error_code=error_code,
            error_message=error_message,
            error_param=error_param,
            stay_queued=stay_queued,
            pause_at_step=pause_at_step,
            status=status,
            lose_status=lose_status,
            slow_validation=slow_validation,
            training_closed=training_closed,
        )
        self._service.scenarios.add(scenario.checked(), times)

    def fault(
        self,
        kind: FaultKind,
        *,
        operation: str | None = None,
        after: int = 0,
        times: int | None = 1,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        retry_after: float | None = None,
        retry_after_form: RetryAfterForm = "seconds",
        carried_out: bool = False,
        seconds: float = 1.0,
    ) -> ArmedFault:
        """Have something go wrong with requests; the result's `hits` counts how often it did.

        Args:
            kind: `error`, an error envelope with `status` (500); `rate_limit`, the same with 429;
                `html`, a page of HTML with `status` (502); `truncated`, JSON cut in the middle;
                `reset_before`, the connection reset and nothing done; `reset_within`, done, then
                reset in the middle of the answer; `reset_after`, done, then reset before it;
                `slow`, the answer's bytes spread over `seconds`.
            operation: the contract's name of the operation that it is for, such as
                `createFineTuningJob`; None for all.
            after: how many of these requests go well first.
            times: how many then go wrong; None for all.
            status: of `error` and `html`.
            code: of the error envelope.
            message: of the error envelope.
            retry_after: seconds that the answer asks to wait.
            retry_after_form: how it asks: `seconds` or a `date` in `Retry-After`, or
                `milliseconds` in `retry-after-ms`.
            carried_out: whether what is answered with `error` or `html` was done all the same.
            seconds: how long a `slow` answer takes, in real time.

        Raises:
            ValueError: a value that makes no sense.
        """
        fault = Fault(
            kind=kind,
            operation=operation,
            after=after,
            times=times,
            status=status,
            code=code,
            message=message,
            retry_after=retry_after,
            retry_after_form=retry_after_form,
            carried_out=carried_out,
            seconds=seconds,
        )
        return self._service.faults.arm(fault.checked())

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the emulator's clock forward; it does not go back."""
        milliseconds = round((hours * 3600 + minutes * 60 + seconds) * 1000)
        self._between_requests(lambda: self._service.advance(milliseconds))

    def reset(self) -> None:
        """Be as new: no files, no jobs, no models, no scenarios, no faults, and the clock restarted."""
        self._between_requests(self._service.reset)

    def _between_requests(self, what: Callable[[], None]) -> None:
        if self._server is None:
            what()
        else:
            self._server.between_requests(what)

    # Serving

    def start(self) -> Self:
        """Serve over HTTP; returns once it answers.

        Warns when others than this machine's programs can reach it.
        """
        if self._is_closed:
            raise StateUnavailable("this emulator was closed, and its state put away: make another")
        if self._server is None:
            if not is_loopback(self._host):
                warnings.warn(EXPOSED.format(host=self._host), RuntimeWarning, stacklevel=2)
            listening = listener(self._host, self._port)
            self._port = listening.getsockname()[1]
            self._server = ServerThread(self._app, listening)
        return self

    def stop(self) -> None:
        """Stop serving; the state stays open."""
        if self._server is not None:
            self._server.stop()
        self._server = None

    def close(self) -> None:
        """Stop serving and put the state away."""
        self.stop()
        self._is_closed = True
        self._service.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
