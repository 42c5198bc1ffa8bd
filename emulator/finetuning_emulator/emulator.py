"""The class `Emulator`: a state and a clock, served over HTTP from a thread."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from starlette.types import ASGIApp

from finetuning_emulator.controls.clock import Clock
from finetuning_emulator.controls.faults import ArmedFault, FaultKind, RetryAfterForm
from finetuning_emulator.errors import StateDamaged, StateUnavailable
from finetuning_emulator.http.addresses import base_url, is_loopback
from finetuning_emulator.http.app import create_app
from finetuning_emulator.http.host_check import HostCheck
from finetuning_emulator.http.server import ServerThread, open_listener
from finetuning_emulator.operations.organization import Organization
from finetuning_emulator.state.store import Store

__all__ = ["EXPOSED", "Emulator"]

EXPOSED = (
    "the emulator is bound to {host}: anyone who can reach this machine can use it, read the emulator's"
    " files and fill the disk. It accepts almost any key."
)
_CLOSED = "this emulator was closed: create another one"


class Emulator:
    """An emulator of the fine-tuning API. It trains nothing: metrics and models are simulated.

    As a context manager, or after `start`, it serves on `base_url`. Without either, `app` responds
    in-process over ASGI, and `close` closes the state.

    Args:
        speed: emulated seconds per real second: 60 turns minutes into seconds, at 0 time stands still until
            `advance`, at `inf` every job has finished before it is first read.
        state: `":memory:"`, or the path of a file that survives restarts.
        port: the port to listen on; 0 picks a free one.
        host: the address to listen on.
        clock: a clock in place of one with `speed`.
        python_graders: whether Python graders may run their programs, in a restricted process.
        allow_hosts: names that requests may have in their `Host` header, besides the address that
            the emulator listens on and `localhost`.
        load: directory of an archive, whose jobs are served as they were when they were saved.

    Raises:
        StateUnavailable: the state cannot be opened, or the archive cannot be loaded.
        ValueError: an argument is not valid.
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
        allow_hosts: Iterable[str] = (),
        load: str | Path | None = None,
    ) -> None:
        _check_arguments(state, port, host)
        if load is not None and (not isinstance(load, str | os.PathLike) or not os.fspath(load)):
            raise ValueError(f"load must be the directory of an archive or None, not {load!r}")
        # Created before the state is opened, so that a bad speed leaves nothing open.
        time = clock or Clock(speed)
        self._state = state
        self._organization = _open(state, time, python_graders, load)
        self._app = create_app(self._organization)
        self._host = host
        self._port = port
        self._allow_hosts = [allow_hosts] if isinstance(allow_hosts, str) else list(allow_hosts)
        self._server: ServerThread | None = None
        self._is_closed = False

    def __reduce__(self) -> Any:
        raise TypeError("Emulator cannot be pickled: it serves in this process; pass its base_url instead")

    def __repr__(self) -> str:
        status = "not serving" if self._server is None else self.base_url
        if self._is_closed:
            status = "closed"
        speed, state = self._organization.clock.speed, str(self._state)
        return f"<Emulator {status}, speed={speed:g}, state={state!r}>"

    @property
    def app(self) -> ASGIApp:
        """The emulator as an ASGI application; the API's paths begin with `/v1`."""
        return self._app

    @property
    def base_url(self) -> str:
        """The base URL for clients; it is available while the emulator is serving.

        Raises:
            RuntimeError: the emulator is not serving.
        """
        if self._server is None:
            raise RuntimeError("the emulator is not serving: use it as a context manager, or call start()")
        return base_url(self._host, self._port)

    # Controls for tests; docs/emulator.md describes them in full.

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
        """Set what happens to the next `times` jobs, or to all other jobs if `times` is None.

        Scenarios for a number of jobs are used in order. Options in a job's own metadata, such as
        `emulator.fail_at_step`, take precedence.

        Args:
            times: number of jobs.
            fail_at_step: fail when this step (or the last) is done; 0 means as soon as the job runs.
            error_code: code of `job.error`; without `fail_at_step` the job fails in validation.
            error_message: message of `job.error`; without `fail_at_step` the job fails in validation.
            error_param: param of `job.error`.
            stay_queued: never leave the queue.
            pause_at_step: pause when this step (or the last) is done, until resumed.
            status: status to show in place of each status before the end; or replacements such as
                `"queued=pending,succeeded=done"`.
            lose_status: statuses, separated by commas, that are never shown; the previous one stays.
            slow_validation: extra seconds of validation, by the emulator's clock.
            training_closed: refuse to create the job, with 403 `training_not_available`.

        Raises:
            ValueError: a value or a status is unknown or out of range.
        """
        options = {
            "fail_at_step": fail_at_step,
            "error_code": error_code,
            "error_message": error_message,
            "error_param": error_param,
            "stay_queued": stay_queued,
            "pause_at_step": pause_at_step,
            "status": status,
            "lose_status": lose_status,
            "slow_validation": slow_validation,
            "training_closed": training_closed,
            "times": times,
        }
        self._organization.scenarios.add(options)

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
        """Make requests fail; the result's `hits` counts the requests that failed.

        Args:
            kind: `error`, an error envelope with `status` (500); `rate_limit`, the same with 429;
                `html`, an HTML page with `status` (502); `truncated`, JSON cut in the middle;
                `reset_before`, the connection reset before the operation; `reset_within`, reset in the
                middle of the response; `reset_after`, reset after the operation, before the response;
                `slow`, the bytes of the response spread over `seconds`.
            operation: the contract's name of the operation, such as `createFineTuningJob`; None for all.
            after: number of such requests that succeed first.
            times: number of requests that fail after that; None for all.
            status: HTTP status of `error` and `html`.
            code: code of the error envelope.
            message: message of the error envelope.
            retry_after: pause in seconds that the response asks for.
            retry_after_form: `seconds` or a `date` in `Retry-After`, or `milliseconds` in
                `retry-after-ms`.
            carried_out: whether the operation is carried out before `error` or `html` is sent.
            seconds: duration of a `slow` response, in real time.

        Raises:
            ValueError: a kind, an operation or a value is unknown or out of range.
        """
        options = {
            "kind": kind,
            "operation": operation,
            "after": after,
            "times": times,
            "status": status,
            "code": code,
            "message": message,
            "retry_after": retry_after,
            "retry_after_form": retry_after_form,
            "carried_out": carried_out,
            "seconds": seconds,
        }
        return self._organization.faults.arm(options)

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the emulator's clock forward.

        Raises:
            ValueError: the amount is not a number, is negative, or is more than a million hours.
        """
        try:
            milliseconds = round((hours * 3600 + minutes * 60 + seconds) * 1000)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(
                f"the clock cannot move by {hours=}, {minutes=}, {seconds=}: give finite numbers"
            ) from None
        self._between_requests(lambda: self._organization.advance(milliseconds))

    def reset(self) -> None:
        """Reset all state: delete files, jobs, models, scenarios and faults, and restart the clock."""
        self._between_requests(self._organization.reset)

    def _between_requests(self, action: Callable[[], None]) -> None:
        if self._is_closed:
            raise StateUnavailable(_CLOSED)
        if self._server is None:
            action()
        else:
            self._server.between_requests(action)

    # Serving

    def start(self) -> Self:
        """Serve over HTTP; return once the server accepts connections.

        Warns if other machines can reach it.

        Raises:
            StateUnavailable: the emulator was closed.
            OSError: the address cannot be used, for example because the port is in use.
        """
        if self._is_closed:
            raise StateUnavailable(_CLOSED)
        if self._server is None:
            if not is_loopback(self._host):
                warnings.warn(EXPOSED.format(host=self._host), RuntimeWarning, stacklevel=2)
            listening = open_listener(self._host, self._port)
            self._port = listening.getsockname()[1]
            app = HostCheck(self._app, [self._host, *self._allow_hosts])
            self._server = ServerThread(app, listening)
        return self

    def stop(self) -> None:
        """Stop serving; the state stays open."""
        if self._server is not None:
            self._server.stop()
        self._server = None

    def close(self) -> None:
        """Stop serving and close the state."""
        self.stop()
        if not self._is_closed:
            self._is_closed = True
            self._organization.close()

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


def _check_arguments(state: object, port: object, host: object) -> None:
    is_path = isinstance(state, str | os.PathLike)
    if not is_path:
        raise ValueError(f"state must be a path or ':memory:', not {state!r}")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise ValueError(f"port must be a number from 0 to 65535, not {port!r}")
    if not isinstance(host, str) or not host:
        raise ValueError(f"host must be an address such as '127.0.0.1', not {host!r}")


def _open(state: str | Path, clock: Clock, python_graders: bool, archive: str | Path | None) -> Organization:
    store = Store(state)
    try:
        organization = Organization(store, clock, python_graders=python_graders)
        if archive is not None:
            organization.load(archive)
    except StateUnavailable:
        store.close()
        raise
    except (StateDamaged, ArithmeticError, TypeError, ValueError) as error:
        # The stored position of the clock is read here; nothing else can be wrong at this point.
        store.close()
        raise StateUnavailable(f"cannot keep the state in {state}: it is damaged: {error}") from error
    return organization
