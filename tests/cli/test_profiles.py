"""Profiles: named servers, the source of their API keys, and the checks of the doctor."""

from __future__ import annotations

import json
import stat
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from finetuning_client.cli import diagnosis
from finetuning_emulator import Emulator

from .conftest import CommandLine


@pytest.fixture(autouse=True)
def _no_variables(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")


def config() -> Path:
    """Return the path of the configuration file."""
    return Path("config/finetuning/config.toml")


def test_profile_is_made_used_and_deleted(cli: CommandLine, emulator: Emulator) -> None:
    """A profile sets the base URL and the key; the default profile needs no option."""
    cli.ok("profiles", "set", "local", "--base-url", emulator.base_url, "--key", "none")
    cli.ok("jobs", "list", "--profile", "local", "-o", "json")
    cli.ok("--profile", "local", "jobs", "list", "-o", "json")
    assert "set OPENAI_API_KEY" in cli.fails(3, "jobs", "list")
    cli.ok("profiles", "set", "local", "--default", "--status-alias", "done=succeeded", "--limits", "none")
    cli.ok("jobs", "list", "-o", "json")
    (shown,) = json.loads(cli.ok("profiles", "list", "-o", "json"))
    assert shown["statuses"] == {"done": "succeeded"}
    assert (shown["default"], shown["limits"], shown["key"]) == (True, "none", "none")
    assert "add --yes" in cli.fails(13, "profiles", "delete", "local")
    cli.ok("profiles", "delete", "local", "--yes")
    assert json.loads(cli.ok("profiles", "list", "-o", "json")) == []


def test_key_is_read_from_the_environment(
    cli: CommandLine, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`env:NAME` reads the key from a variable, which must be set."""
    cli.ok("profiles", "set", "work", "--base-url", emulator.base_url, "--key", "env:WORK_KEY", "--default")
    assert "$WORK_KEY, which is not set" in cli.fails(3, "jobs", "list")
    monkeypatch.setenv("WORK_KEY", "sk-work")
    cli.ok("jobs", "list", "-o", "json")


def test_profile_for_azure_has_its_own_url_and_key(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint of a resource gives the base URL and the header; its key is in another variable."""
    endpoint = "https://mine.openai.azure.com"
    cli.ok(
        "profiles", "set", "azure", "--azure-endpoint", endpoint, "--training-type", "Standard", "--default"
    )
    assert "set AZURE_OPENAI_API_KEY" in cli.fails(3, "jobs", "list")
    create = ("jobs", "create", "train.jsonl", "--model", "gpt-4o-mini", "--dry-run")
    assert json.loads(cli.ok(*create, "-o", "json"))["trainingType"] == "Standard"
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    seen: list[httpx.Request] = []

    def send(_: object, request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"object": "list", "data": [], "has_more": False}, request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    cli.ok("jobs", "list", "-o", "json")
    assert str(seen[0].url).startswith(f"{endpoint}/openai/v1/fine_tuning/jobs")
    assert seen[0].headers["api-key"] == "azure-key"
    assert f"{endpoint}/openai/v1 (profile 'azure')" in cli.run("doctor").out
    line = cli.fails(3, "profiles", "set", "azure", "--base-url", "http://127.0.0.1:1/v1")
    assert "azure_endpoint already implies base_url" in line
    assert "needs azure_endpoint" in cli.fails(3, "profiles", "set", "other", "--training-type", "Standard")


def test_key_is_stored_in_the_keyring(
    cli: CommandLine, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is stored in the keyring, not in the file."""
    kept: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.__dict__["set_password"] = lambda service, user, key: kept.__setitem__((service, user), key)
    module.__dict__["get_password"] = lambda service, user: kept.get((service, user))
    monkeypatch.setitem(sys.modules, "keyring", module)
    cli.ok(
        "profiles", "set", "work", "--base-url", emulator.base_url, "--key", "keyring", stdin="sk-secret\n"
    )
    assert kept == {("finetuning-client", "work"): "sk-secret"}
    assert "sk-secret" not in config().read_text(encoding="utf-8")
    cli.ok("--profile", "work", "jobs", "list", "-o", "json")
    kept.clear()
    assert "the keyring has no key" in cli.fails(3, "--profile", "work", "jobs", "list")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install keyring" in cli.fails(3, "--profile", "work", "jobs", "list")


def test_key_is_stored_in_plain_text_only_on_request(cli: CommandLine, emulator: Emulator) -> None:
    """`plain` must be given explicitly, the file is private, and the key is never shown."""
    assert "env:NAME, keyring, none or plain" in cli.fails(2, "profiles", "set", "x", "--key", "sk-secret")
    cli.ok("profiles", "set", "work", "--base-url", emulator.base_url, "--key", "plain", stdin="sk-secret\n")
    assert 'key = "plain:sk-secret"' in config().read_text(encoding="utf-8")
    assert stat.S_IMODE(config().stat().st_mode) == 0o600
    for output in ("table", "json", "csv"):
        assert "sk-secret" not in cli.ok("profiles", "show", "work", "-o", output)
    report = cli.run("doctor", "--profile", "work")
    assert report.code == 0
    assert "has a key in plain text" in report.out


def test_file_edited_by_hand_keeps_its_comments(cli: CommandLine) -> None:
    """Changing one profile leaves the rest of the file unchanged."""
    config().parent.mkdir(parents=True)
    text = '# mine\ndefault = "a"\n\n[profiles.a]\nkey = "none"\n\n# the other\n[profiles.b]\nkey = "env:B"\n'
    config().write_text(text, encoding="utf-8")
    cli.ok("profiles", "set", "a", "--base-url", "http://127.0.0.1:1/v1")
    changed = config().read_text(encoding="utf-8")
    assert "# mine" in changed and "# the other\n[profiles.b]" in changed
    assert 'base_url = "http://127.0.0.1:1/v1"' in changed
    cli.ok("profiles", "delete", "a", "--yes")
    assert config().read_text(encoding="utf-8").count("[profiles.") == 1
    assert "default" not in config().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[profiles.a\n", "config.toml:1: "),
        ("[profiles.a]\nkey =", "config.toml:2: Invalid value: correct the file"),
        ('[profiles.a]\n\nbase_ulr = "x"\n', "toml:3: profile 'a': unknown field 'base_ulr': did you mean"),
        ('[profiles.a]\nstatuses = "x"\n', "toml:2: profile 'a': statuses must be a table such as"),
        ('[profile.a]\nkey = "none"\n', "toml:1: unknown key 'profile': did you mean 'profiles'?"),
        ('defualt = "a"\n', "toml:1: unknown key 'defualt': did you mean 'default'?"),
        ('[profiles.a]\nbase_url = "ftp://x"\nkey = "none"\n', "profile 'a': base_url 'ftp://x' must begin"),
        ('[profiles.a]\napi_key = "x"\n', "unknown field 'api_key': did you mean 'key'?"),
        ('[profiles.a]\nbase_ulr = "x"\n', "did you mean 'base_url'?"),
        ("[profiles.a]\ntimeout = true\n", "timeout must be a number of seconds"),
        ('[profiles.b]\nkey = "none"\n', "did you mean"),
        ('[profiles.a]\nkey = "sk-abc"\n', "key must be env:NAME, keyring, none or plain:KEY"),
        (
            '[profiles.a]\nbase_url = "http://127.0.0.1:1/v1"\nkey = "none"\nlimits = "few"\n',
            "limits must be",
        ),
    ],
)
def test_mistakes_in_the_file_are_named(cli: CommandLine, text: str, message: str) -> None:
    """A mistake is named with its line, and nothing is sent."""
    config().parent.mkdir(parents=True)
    config().write_text(text.replace("[profiles.b]", "[profiles.aa]"), encoding="utf-8")
    line = cli.fails(3, "jobs", "list", "--profile", "a")
    assert message in line or "there is no profile 'a'" in line
    assert "sk-abc" not in line


@pytest.mark.off_contract
def test_declared_status_of_a_profile_ends_waiting(cli: CommandLine) -> None:
    """A status that a profile defines as final ends waiting."""
    with Emulator(speed=float("inf")) as odd:
        cli.ok("profiles", "set", "odd", "--base-url", odd.base_url, "--key", "none", "--default")
        cli.ok("profiles", "set", "odd", "--status-alias", "vollendet=succeeded")
        odd.scenario(status="succeeded=vollendet")
        made = cli.ok("jobs", "create", "train.jsonl", "--model", "gpt-4o-mini-2024-07-18", "-q").strip()
        out = cli.ok("jobs", "wait", made, "--timeout", "20", "-o", "json")
        assert json.loads(out)["status"] == "vollendet"


def test_doctor_finds_a_missing_version(
    cli: CommandLine, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor notices a base URL without `/v1`, and names the right one."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    result = cli.run("doctor", "--base-url", emulator.base_url.removesuffix("/v1"), "-o", "json")
    assert result.code == 1
    checks = {check["check"]: check for check in json.loads(result.out)}
    assert checks["base URL"]["status"] == "warning"
    assert checks["connection"]["status"] == "failed"
    assert checks["connection"]["advice"] == f"use {emulator.base_url} as the base URL"


def test_doctor_passes_all_checks(
    cli: CommandLine, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All checks pass, and the exit code is 0."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    checks = json.loads(cli.ok("doctor", "--base-url", emulator.base_url, "-o", "json"))
    assert {check["status"] for check in checks} == {"ok"}
    assert {"version", "packages", "profile", "key", "base URL", "connection", "clock"} == {
        check["check"] for check in checks
    }


@pytest.mark.parametrize(
    ("key", "base_url", "check"),
    [
        (None, None, "key"),
        ("sk-invalid", None, "connection"),
        ("sk-a b\n", None, "key"),
        ("sk-any", "http://127.0.0.1:1/v1", "connection"),
        ("sk-any", "not a url", "base URL"),
    ],
)
def test_doctor_names_the_failed_check(
    cli: CommandLine,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    key: str | None,
    base_url: str | None,
    check: str,
) -> None:
    """A failed check is named with advice, and the exit code is 1."""
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    result = cli.run("doctor", "--base-url", base_url or emulator.base_url, "-o", "json")
    assert result.code == 1
    failed = [found for found in json.loads(result.out) if found["status"] == "failed"]
    assert check in [found["check"] for found in failed]
    assert all(found["advice"] for found in failed)


@pytest.mark.parametrize(
    ("missing", "status", "advice"),
    [
        ("rich", "failed", 'pip install "finetuning-client[cli]"'),
        ("uvicorn", "ok", 'to use --emulate, run pip install "finetuning-client[emulator]"'),
    ],
)
def test_doctor_shows_how_to_install_missing_packages(
    cli: CommandLine,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    missing: str,
    status: str,
    advice: str,
) -> None:
    """The command line to run has quotes that every shell accepts."""
    monkeypatch.setattr(diagnosis, "find_spec", lambda name: None if name == missing else find_spec(name))
    result = cli.run("doctor", "--base-url", emulator.base_url, "-o", "json")
    (found,) = (check for check in json.loads(result.out) if check["check"] == "packages")
    assert (found["status"], found["advice"]) == (status, advice)
