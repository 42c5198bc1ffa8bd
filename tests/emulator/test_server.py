"""The emulator as a server: in a thread, and as a command."""

from __future__ import annotations

import pickle
import signal
import socket
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_emulator import Emulator, StateUnavailable
from finetuning_emulator.__main__ import main

from .conftest import chat

HEADERS = {"Authorization": "Bearer sk-test"}


def client_of(emulator: Emulator) -> httpx.Client:
    """Return an HTTP client of a serving emulator."""
    return httpx.Client(base_url=emulator.base_url, headers=HEADERS, trust_env=False)


def test_a_job_at_infinite_speed_has_ended_when_it_is_first_read() -> None:
    """After upload and creation, the first read shows a job that has succeeded."""
    with Emulator(speed=float("inf")) as emulator, client_of(emulator) as client:
        form = {"files": {"file": ("a.jsonl", chat())}, "data": {"purpose": "fine-tune"}}
        file = client.post("/files", **form).json()["id"]  # type: ignore[arg-type]
        body = {"model": "gpt-4o-mini", "training_file": file}
        job = client.post("/fine_tuning/jobs", json=body).json()
        assert job["status"] == "validating_files"
        assert client.get(f"/fine_tuning/jobs/{job['id']}").json()["status"] == "succeeded"


def test_the_emulator_serves_on_loopback_only_and_stops() -> None:
    """After the block the port is closed."""
    with Emulator() as emulator:
        url = httpx.URL(emulator.base_url)
        assert (url.host, url.path) == ("127.0.0.1", "/v1")
    assert url.port is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", url.port))
    with pytest.raises(RuntimeError, match="not serving"):
        assert emulator.base_url


def test_several_emulators_run_at_once() -> None:
    """Each has its own port and state."""
    with Emulator() as one, Emulator() as other:
        assert one.base_url != other.base_url
        with client_of(one) as client:
            form = {"files": {"file": ("a.jsonl", chat())}, "data": {"purpose": "fine-tune"}}
            client.post("/files", **form)  # type: ignore[arg-type]
            assert len(client.get("/files").json()["data"]) == 1
        with client_of(other) as client:
            assert client.get("/files").json()["data"] == []


def test_an_emulator_cannot_be_pickled() -> None:
    """Another process connects to its address instead."""
    with Emulator() as emulator, pytest.raises(TypeError, match="pass its base_url instead"):
        pickle.dumps(emulator)


def test_a_port_that_is_taken_is_an_error() -> None:
    """A second server on the same port fails at once."""
    with Emulator() as emulator:
        port = httpx.URL(emulator.base_url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), Emulator(port=port):
            pass


def test_a_refused_upload_gets_its_response_and_keeps_the_connection() -> None:
    """A client that sends a large body with a bad key reads its 401, and can send another request."""
    with Emulator() as emulator, client_of(emulator) as client:
        form = {"files": {"file": ("a.jsonl", b"x" * 5_000_000)}}
        headers = {"Authorization": "Bearer sk-invalid"}
        assert client.post("/files", headers=headers, **form).status_code == 401  # type: ignore[arg-type]
        assert client.get("/files").status_code == 200


def test_an_upload_cut_short_leaves_nothing(tmp_path: Path) -> None:
    """If the client disconnects in the middle, no file and no bytes are kept."""
    state = tmp_path / "state.db"
    with Emulator(state=state) as emulator, client_of(emulator) as client:
        url = httpx.URL(emulator.base_url)
        assert url.port is not None
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(
                b"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n"
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\nx'
            )
        assert client.get("/files").json()["data"] == []
    assert list(Path(f"{state}.files").iterdir()) == []


def test_the_command_prints_its_address_and_stops_on_a_signal() -> None:
    """It prints one line to the standard output; SIGTERM ends it with 0."""
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--speed", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "simulated" in line
            url = line.split()[-1]
            assert httpx.get(f"{url}/models", headers=HEADERS, trust_env=False).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
            assert process.stdout.read() == ""
        finally:
            # Leaving the block waits for the process, which would otherwise not end after a failure.
            process.kill()


def test_the_command_stops_on_many_signals_at_once() -> None:
    """A signal that arrives while another is handled does not stop the command from ending with 0."""
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline()
            for number in [signal.SIGINT, signal.SIGTERM] * 2:
                process.send_signal(number)
            assert process.wait() == 0
        finally:
            process.kill()


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--port", "x"], ["--speed", "-1"], ["--speed", "nan"]]
)
def test_bad_arguments_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A bad option ends the command with exit code 2 and its name."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_state_that_cannot_be_used_ends_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line gives the reason, and the exit code is 1."""
    assert main(["--state", str(tmp_path / "missing" / "state.db")]) == 1
    assert "cannot keep the state" in capsys.readouterr().err


def test_a_port_that_is_taken_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """One line names the port, and the exit code is 1."""
    with Emulator() as emulator:
        port = str(httpx.URL(emulator.base_url).port)
        assert main(["--port", port]) == 1
    assert f"cannot serve on 127.0.0.1 port {port}" in capsys.readouterr().err


def test_the_ready_file_has_the_address_once_the_emulator_serves(tmp_path: Path) -> None:
    """It has only the base URL and replaces a stale file; it is deleted at the end."""
    ready = tmp_path / "ready"
    ready.write_text("http://127.0.0.1:9/v1")
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        while not ready.exists():
            assert process.poll() is None
        assert ready.read_text() == url
        assert httpx.get(f"{url}/models", headers=HEADERS, trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_ready_file_that_cannot_be_written_ends_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the file, and the exit code is 1."""
    ready = tmp_path / "missing" / "ready"
    assert main(["--port", "0", "--ready-file", str(ready)]) == 1
    assert f"cannot write the ready file {ready}" in capsys.readouterr().err


def test_an_emulator_on_a_public_address_warns() -> None:
    """The warning states the consequences; the base URL works on this machine."""
    with (
        pytest.warns(RuntimeWarning, match=r"bound to 0\.0\.0\.0: anyone"),
        Emulator(host="0.0.0.0") as emulator,
    ):
        assert emulator.base_url.startswith("http://127.0.0.1:")


def test_a_command_on_a_public_address_warns() -> None:
    """The warning is on standard error, once, before the address; a loopback address gives none."""
    for host, warnings in (("0.0.0.0", 1), ("127.0.0.1", 0)):
        command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--host", host]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            output = process.stderr.read()
            assert output.count("WARNING: the emulator is bound to") == warnings
            assert len(output.splitlines()) == warnings


def test_a_closed_emulator_cannot_be_used() -> None:
    """It cannot be started again."""
    emulator = Emulator()
    with emulator:
        pass
    with pytest.raises(StateUnavailable, match="was closed"):
        emulator.start()


@pytest.mark.parametrize("speed", [-1, float("nan"), 1e300, "60", None, True])
def test_a_bad_speed_is_refused(speed: Any) -> None:
    """It is refused before anything is served."""
    with pytest.raises(ValueError, match="the speed must be"):
        Emulator(speed=speed)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"port": 70000}, "port"),
        ({"port": "8000"}, "port"),
        ({"port": True}, "port"),
        ({"state": 5}, "state"),
        ({"state": None}, "state"),
        ({"host": ""}, "host"),
        ({"host": None}, "host"),
    ],
)
def test_a_bad_argument_is_named(arguments: dict[str, Any], name: str) -> None:
    """It is named before anything is opened."""
    with pytest.raises(ValueError, match=f"{name} must be"):
        Emulator(**arguments)


@pytest.mark.parametrize(
    "amount", [{"hours": -1}, {"hours": "x"}, {"seconds": float("nan")}, {"hours": 1e300}]
)
def test_a_bad_advance_is_refused(amount: dict[str, Any]) -> None:
    """Negative, infinite and too large amounts are refused."""
    with closing(Emulator(0)) as emulator, pytest.raises(ValueError, match="the clock cannot move by"):
        emulator.advance(**amount)


def test_an_emulator_has_a_repr(tmp_path: Path) -> None:
    """The repr has the address or the status, the speed and the state."""
    emulator = Emulator(60, tmp_path / "jobs.db")
    assert "not serving" in repr(emulator)
    with emulator:
        assert repr(emulator) == f"<Emulator {emulator.base_url}, speed=60, state='{tmp_path / 'jobs.db'}'>"
    assert "closed" in repr(emulator)
    emulator.close()
    with pytest.raises(StateUnavailable, match="was closed"):
        emulator.advance(hours=1)


def test_the_command_prints_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the version of the distribution."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"finetuning-emulator {version('finetuning-client')}\n"


@pytest.mark.parametrize("missing", ["uvicorn", "starlette", "python_multipart"])
def test_the_command_without_its_extra_says_what_to_install(missing: str) -> None:
    """The message is one line; --help and --version work without it."""
    program = f"import sys; sys.modules[{missing!r}] = None; from finetuning_emulator.__main__ import main; "
    command = [sys.executable, "-c", program + "sys.exit(main(sys.argv[1:]))", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "install finetuning-client[emulator]" in line
    assert subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0
