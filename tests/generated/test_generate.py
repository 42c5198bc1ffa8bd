"""The program that writes the generated library gives the same bytes everywhere, completely or not at all."""

import ast
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from .conftest import SMALL

Generate = Callable[..., tuple[int, dict[str, bytes]]]


def contents(package: Path) -> dict[str, bytes]:
    return {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def generate(generator: ModuleType, tmp_path: Path) -> Generate:
    """A function that generates from the text of a contract; returns the exit code and the package."""

    def run(text: str, *options: str) -> tuple[int, dict[str, bytes]]:
        contract, output = tmp_path / "openapi.yaml", tmp_path / "package"
        contract.write_text(text, encoding="utf-8")
        code = generator.main(["--contract", str(contract), "--output", str(output), *options])
        return code, contents(output)

    return run


@pytest.fixture
def made(ours: ModuleType, tmp_path: Path) -> dict[str, bytes]:
    """The package of the small contract, made by an earlier run."""
    shutil.copytree(ours.__path__[0], tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    return contents(tmp_path / "package")


@pytest.fixture
def small() -> str:
    """The text of the small contract."""
    return SMALL.read_text(encoding="utf-8")


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, tuple[list[str], list[str]]]:
    """Return the lines that are only in `before` and only in `after`, by file."""
    found = {}
    for name in sorted({*before, *after}):
        old, new = (side.get(name, b"").decode().splitlines() for side in (before, after))
        if old != new:
            found[name] = [line for line in old if line not in new], [line for line in new if line not in old]
    return found


@pytest.mark.parametrize("seed", ["0", "1"])
def test_output_is_the_committed_package(
    repository: Path, tmp_path: Path, seed: str, generator: ModuleType
) -> None:
    """The order of sets, the directory and PATH do not change the output."""
    output = tmp_path / f"seed {seed}" / "finetuning_api"
    command = [sys.executable, "-m", "tools.generate", "--output", str(output)]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(repository),
        "PATH": os.defpath,
    }
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    assert contents(output) == contents(repository / "generated" / "finetuning_api")


def test_output_has_no_trace_of_its_environment(repository: Path, tmp_path: Path) -> None:
    """There are no carriage returns or absolute paths, and every file ends in one newline."""
    for name, content in contents(repository / "generated" / "finetuning_api").items():
        assert b"\r" not in content
        assert str(repository).encode() not in content
        assert not content or (content.endswith(b"\n") and not content.endswith(b"\n\n")), name


def test_description_changes_only_its_docstrings(
    generate: Generate, made: dict[str, bytes], small: str
) -> None:
    """A changed description changes only the docstrings made from it."""
    _, after = generate(small.replace("Most animals to list.", "At most so many."))
    assert changed(made, after) == {
        "api/animals/list_animals.py": (
            ["        limit: Most animals to list. Default: 20."] * 2,
            ["        limit: At most so many. Default: 20."] * 2,
        )
    }
    _, after = generate(small.replace("    Refusal:\n", "    Refusal:\n      description: Why not.\n"))
    assert changed(made, after) == {"models/refusal.py": (['    """Refusal"""'], ['    """Why not."""'])}


def test_any_description_gives_valid_code(generate: Generate, small: str, tmp_path: Path) -> None:
    """Quotes, backslashes, templates and control characters in a description stay text."""
    odd = (
        '"""Says: \\N{x} \\" \'\'\' {{ 1/0 }} {% if %} {#\x07 \\u12 https://a-b.example/'
        + "long" * 50
        + '\n\nend"'
    )
    contract: dict[str, Any] = yaml.safe_load(small)
    schemas = contract["components"]["schemas"]
    schemas["Refusal"]["description"] = schemas["Mood"]["description"] = odd
    schemas["Refusal"]["properties"]["message"]["description"] = odd
    listing = contract["paths"]["/animals"]["get"]
    listing["summary"] = listing["description"] = listing["parameters"][0]["description"] = odd
    code, _ = generate(yaml.safe_dump(contract, allow_unicode=False))
    assert code == 0
    for name in ("models/refusal.py", "models/mood.py", "api/animals/list_animals.py"):
        source = (tmp_path / "package" / name).read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(source)
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert any("Says: \\N{x}" in str(text) and 'end"' in str(text) for text in texts)


def test_field_changes_only_its_model(generate: Generate, made: dict[str, bytes], small: str) -> None:
    """A new field changes only its model and the schemas."""
    _, after = generate(
        small.replace("        bars:\n", "        size:\n          type: integer\n        bars:\n")
    )
    difference = changed(made, after)
    assert set(difference) == {"models/cage.py", "schemas.json"}
    assert difference["models/cage.py"] == (
        [],
        ["    size: int | Unset = UNSET", '        self.size = src["size"]'],
    )


def test_field_of_the_real_contract_changes_only_its_model(repository: Path, generate: Generate) -> None:
    """A new field of the real contract changes only its model too."""
    contract: dict[str, Any] = yaml.safe_load((repository / "openapi.yaml").read_text(encoding="utf-8"))
    contract["components"]["schemas"]["FineTuningJob"]["properties"]["priority"] = {
        "type": "integer",
        "description": "How urgent.",
    }
    code, after = generate(yaml.safe_dump(contract, sort_keys=False, allow_unicode=True))
    difference = changed(contents(repository / "generated" / "finetuning_api"), after)
    assert code == 0
    assert set(difference) == {"models/fine_tuning_job.py", "schemas.json"}
    assert difference["models/fine_tuning_job.py"] == (
        [],
        [
            "        priority: How urgent.",
            "    priority: int | Unset = UNSET",
            '        self.priority = src["priority"]',
        ],
    )


def test_stale_files_are_deleted(
    generate: Generate, made: dict[str, bytes], small: str, tmp_path: Path
) -> None:
    """A file in the package that the contract no longer gives is deleted."""
    (tmp_path / "package" / "models" / "stale.py").touch()
    _, after = generate(small)
    assert after == made
    assert sorted(path.name for path in (tmp_path / ".build").iterdir()) == [".gitignore", "lock"]


def test_check_shows_the_difference(
    generate: Generate, made: dict[str, bytes], small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check prints nothing if there is no difference; otherwise it shows it, fails and changes nothing."""
    assert generate(small, "--check") == (0, made)
    assert capsys.readouterr().out == ""

    edited = small.replace("enum: [calm, angry]", "enum: [calm, angry, sleepy]")
    assert generate(edited, "--check") == (1, made)
    out = capsys.readouterr().out
    assert '+    SLEEPY = "sleepy"' in out
    assert "--- package/models/mood.py" in out


# (text in the small contract, its replacement, the message, the beginning of the line that it names)
BROKEN = [
    ("schemas/Cage'", "schemas/Cave'", "does not exist here", "- $ref: '#/components/schemas/Cave'"),
    ("retrieveAnimal", "listAnimals", "duplicate operationId 'listAnimals', first on line 11", "operationId"),
    ("[calm, angry]", "[calm, angry", "expected ',' or ']'", "Labels:"),
    ("[calm, angry]", "[calm, 1]", "all strings or all integers", "enum:"),
    ("[calm, angry]", "[so-so, so so]", "would both be SO_SO in Python", "enum:"),
    ("const: pond", "const: cage", "cannot be told apart", "anyOf:"),
    ("type: number", "type: numeral", "must be one of string, integer", "type: numeral"),
    ("default: 20", "multipleof: 20", "did you mean `multipleOf`?", "multipleof"),
    ("summary: List animals.", "servers: []", "`servers` is not supported in an operation", "servers:"),
    ("multipart/form-data", "application/xml", "application/xml cannot be written", "application/xml"),
    ("    Keeper:", "    Any:", "'Any' is a name that the generated code uses itself", "Any:"),
    ("    Keeper:", "    Pond:", "duplicate key 'Pond'", "Pond:"),
    ("required: true", "required: perhaps", "must be true or false", "required: perhaps"),
]


@pytest.mark.parametrize(("part", "replacement", "message", "at"), BROKEN)
def test_contract_that_cannot_be_generated_is_refused(
    part: str,
    replacement: str,
    message: str,
    at: str,
    generate: Generate,
    made: dict[str, bytes],
    small: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reason has the line in the contract, and the package is unchanged."""
    broken = small.replace(part, replacement, 1)
    assert broken != small
    assert generate(broken) == (1, made)
    (message_line,) = capsys.readouterr().err.splitlines()
    assert message in message_line
    line = int(message_line.removeprefix("openapi.yaml:").partition(":")[0])
    assert broken.splitlines()[line - 1].strip().startswith(at)


@pytest.mark.parametrize(
    ("text", "message"), [("", "not a mapping"), ("[1]", "not a mapping"), ("a: \x00", "a")]
)
def test_file_that_is_not_a_contract_is_refused(
    text: str, message: str, generate: Generate, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty file, a list and binary content give one line each."""
    assert generate(text) == (1, {})
    message_line = capsys.readouterr().err
    assert message_line.startswith("openapi.yaml:")
    assert message in message_line


def test_missing_contract_is_named(generator: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing contract is named."""
    assert generator.main(["--contract", str(tmp_path / "no.yaml"), "--output", str(tmp_path / "x")]) == 1
    assert "no.yaml: cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("tool", ["openapi-python-client", "ruff"])
def test_other_versions_are_refused(
    tool: str,
    generator: ModuleType,
    generate: Generate,
    small: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another version of the generator or the formatter would give other bytes."""
    monkeypatch.setitem(generator.PINNED, tool, "0.0.1")
    assert generate(small) == (1, {})
    assert f"the templates need {tool} 0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize("hook", ["no-such-program .", "false"])
def test_hook_that_fails_is_fatal(
    hook: str,
    generator: ModuleType,
    generate: Generate,
    small: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without its hooks the output would not be the same everywhere."""
    (tmp_path / "templates").symlink_to(generator.ROOT / "templates")
    (tmp_path / "generator-config.yaml").write_text(f"post_hooks: ['{hook}']\n")
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    assert generate(small) == (1, {})
    assert hook.split(maxsplit=1)[0] in capsys.readouterr().err
