"""Job files: a job in YAML or JSON, from which `finetuning jobs create -f` creates it.

The fields are those of the request, and `docs/job-file.schema.json` is their JSON schema. Some are easier to
write: `training_file` and `validation_file` may be paths, relative to the job file; and a `method` may have
its hyperparameters beside its `type`:

    model: gpt-4o-mini-2024-07-18
    training_file: train.jsonl
    method: {type: supervised, n_epochs: 3}

The fields that only the server sets (`id`, `status`, ...) are ignored, so that the output of
`finetuning jobs show --output yaml` is a job file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidRequestError
from ..identifiers import TOKEN_KEY
from ..methods.json_conversion import KINDS
from ..misspellings import near_name
from ..operation_settings import Settings
from ..schemas import field_names
from .input_file import read_text_file, shown_path
from .output import row, yaml_text

_REQUEST = "CreateFineTuningJobRequest"
_FILES = ("training_file", "validation_file")
_TEXTS = ("model", "suffix", *_FILES)
_ORDER = ("model", *_FILES, "method", "hyperparameters", "suffix", "seed", "integrations", "metadata")
_SETTINGS = tuple(sorted({name for kind in KINDS.values() for name in field_names(kind.settings)}))


class JobFile:
    """The content of a job file, and where it was read.

    Attributes:
        values: the fields, as they are written.
        body: the body of the request, once `create_arguments` was called.
        name: the file, for errors.
        folder: what paths are relative to.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        name: str = "",
        folder: Path | None = None,
        lines: Mapping[str, int] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.values: dict[str, Any] = dict(values)
        self.body: dict[str, Any] = {}
        self._settings = settings or Settings()
        self.name = name
        self.folder = folder or Path()
        self._lines = lines or {}

    @classmethod
    def read(cls, path: str, settings: Settings) -> JobFile:
        """Read a job file; `-` is the standard input. Raises `InvalidRequestError` with the line at fault."""
        from .yaml_lines import UnreadableYaml, read_yaml

        text, name = read_text_file(path), shown_path(path)
        try:
            found = read_yaml(text)
        except UnreadableYaml as error:
            raise InvalidRequestError(f"{name}:{error.line}: {error}", field="file") from error
        if not isinstance(found.value, dict):
            raise InvalidRequestError(
                f"{name}:1: a job file must have fields, such as model: and training_file:", field="file"
            )
        folder = None if path == "-" else Path(path).parent
        file = cls(
            found.value,
            name=name,
            folder=folder,
            lines=found.lines,
            settings=settings,
        )
        file.require_known_fields()
        return file

    def change(self, path: str, text: str) -> None:
        """Set a field by its path, such as `method.n_epochs`; `null` removes it."""
        from .yaml_lines import read_scalar

        names = path.split(".")
        is_text = path in _TEXTS or names[0] == "metadata"
        value = text if is_text and text != "null" else read_scalar(text)
        target = self.values
        if names[0] == "metadata":
            names = ["metadata", path.partition(".")[2]] if "." in path else names
        for name in names[:-1]:
            inner = target.get(name)
            if isinstance(inner, str) and name == "method":
                inner = {"type": inner}
            target[name] = dict(inner) if isinstance(inner, Mapping) else {}
            target = target[name]
        if value is None:
            target.pop(names[-1], None)
        else:
            target[names[-1]] = value
        self._lines = {at: line for at, line in self._lines.items() if not at.startswith(names[0])}
        self.require_known_fields()

    def require_known_fields(self) -> None:
        """Raise `InvalidRequestError` for an unknown field, with the nearest that is known."""
        ignored = set(field_names("FineTuningJob"))
        self._require(self.values, "", (*field_names(_REQUEST), "extra"), ignored)
        if self._settings.limits == "none":
            # The server may accept other settings.
            return
        method = self.values.get("method")
        if isinstance(method, Mapping):
            kind = KINDS.get(str(method.get("type", "supervised")))
            if kind is not None and not isinstance(method.get(kind.type), Mapping):
                own = (*field_names(kind.settings), *field_names(kind.schema))
                self._require(method, "method", ("type", *own), ())
            elif kind is not None:
                self._require_known_in(method, kind)
        older = self.values.get("hyperparameters")
        if isinstance(older, Mapping):
            self._require(older, "hyperparameters", field_names(KINDS["supervised"].settings), ())

    def _require_known_in(self, method: Mapping[str, Any], kind: Any) -> None:
        """Check a method in the form of the API."""
        self._require(method, "method", ("type", *KINDS), ())
        inner = method[kind.type]
        self._require(inner, f"method.{kind.type}", field_names(kind.schema), ())
        found = inner.get("hyperparameters")
        if isinstance(found, Mapping):
            at = f"method.{kind.type}.hyperparameters"
            self._require(found, at, field_names(kind.settings), ())

    def _require(
        self, values: Mapping[str, Any], at: str, known: Sequence[str], ignored: Collection[str]
    ) -> None:
        for name in values:
            if name in known or name in ignored:
                continue
            path = f"{at}.{name}" if at else str(name)
            near = near_name(str(name), known)
            if not at and (near is None or name in _SETTINGS):
                # Settings of the training are in the method.
                inner = near_name(str(name), _SETTINGS)
                near = f"method.{inner}" if inner else near
            hint = f"did you mean {near!r}?" if near else f"the fields are {', '.join(known)}"
            raise InvalidRequestError(
                f"{self._place(path)}unknown field {path!r}: {hint}", field=path, value=values[name]
            )

    def create_arguments(self) -> dict[str, Any]:
        """Return the arguments of `client.jobs.create`. Raises `InvalidRequestError`, with the line."""
        from ..plans.job_creation import job_body

        arguments: dict[str, Any] = {
            name: self.values.get(name) for name in field_names(_REQUEST) if name in self.values
        }
        arguments = {name: value for name, value in arguments.items() if value is not None}
        extra = self.values.get("extra")
        for name in ("model", "training_file"):
            if not arguments.get(name) and not (extra and name == "training_file"):
                where = "--model NAME" if name == "model" else "FILE, a path or the id of a file"
                raise InvalidRequestError(f"{self._place(name)}{name} is required: give {where}", field=name)
        for name in _FILES:
            if isinstance(arguments.get(name), str):
                arguments[name] = self._file(name, arguments[name])
        if "method" in arguments:
            arguments["method"] = self._method(arguments["method"], arguments)
            if "id" in self.values:
                # The older form of the same settings, which servers show beside the method.
                arguments.pop("hyperparameters", None)
        if isinstance(metadata := arguments.get("metadata"), Mapping):
            arguments["metadata"] = {k: v for k, v in metadata.items() if k != TOKEN_KEY}
            if not arguments["metadata"]:
                del arguments["metadata"]
        try:
            self.body = job_body({**arguments, "extra": extra}, self._settings)
        except InvalidRequestError as error:
            raise self._located(error) from error
        return {**arguments, "extra": extra} if extra else arguments

    def _file(self, name: str, value: str) -> str | Path:
        """Return a path if the value is one, else the id of a file."""
        path = self.folder / value
        if path.exists():
            return path
        if re.search(r"[/\\.]", value):
            raise InvalidRequestError(f"{self._place(name)}{path}: no such file", field=name, value=value)
        return value

    def _method(self, value: Any, arguments: dict[str, Any]) -> Any:
        """Return a method in the form of the API."""
        if isinstance(value, str):
            value = {"type": value}
        if not isinstance(value, Mapping):
            return value
        value = {"type": "supervised", **value}
        kind = KINDS.get(str(value["type"]))
        if kind is None or isinstance(value.get(kind.type), Mapping):
            return value
        settings = set(field_names(kind.settings))
        chosen = dict(arguments.pop("hyperparameters", None) or {}) if kind.type == "supervised" else {}
        chosen |= {name: item for name, item in value.items() if name in settings and item is not None}
        given = value.get("hyperparameters")
        chosen |= given if isinstance(given, Mapping) else {}
        inner = {n: v for n, v in value.items() if n not in settings and n not in ("type", "hyperparameters")}
        if chosen:
            inner["hyperparameters"] = chosen
        return {"type": kind.type, kind.type: inner}

    def _place(self, path: str) -> str:
        """Return the file and line of a field, for the beginning of a message."""
        line = self._line(path)
        if not self.name:
            return ""
        return f"{self.name}:{line}: " if line else f"{self.name}: "

    def _line(self, path: str) -> int | None:
        """Return the line of a field, by the path in the file or in the request."""
        for candidate in _shorter(path):
            if candidate in self._lines:
                return self._lines[candidate]
        return None

    def _located(self, error: InvalidRequestError) -> InvalidRequestError:
        field = error.field or ""
        facts = {"field": error.field, "limit": error.limit, "value": error.value}
        return InvalidRequestError(f"{self._place(field)}{error}", **facts)


def _shorter(path: str) -> Iterator[str]:
    """Yield a path of the request, its short form in a file, and the paths of what contains it."""
    parts = path.split(".")
    while parts:
        yield ".".join(parts)
        if parts[0] == "method":
            yield ".".join(part for part in parts if part not in KINDS and part != "hyperparameters")
        parts.pop()


def values_of(job: Any) -> dict[str, Any]:
    """Return the fields of a job file from which the job can be created again."""
    from ..plans.job_template import arguments_like

    found = arguments_like(job, {})
    if found["method"]:
        found["method"] = _flat(found["method"])
    return ordered({name: value for name, value in found.items() if value is not None})


def ordered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a job in the order in which people read them."""
    names = [*(name for name in _ORDER if name in fields), *(name for name in fields if name not in _ORDER)]
    return {name: fields[name] for name in names}


def _flat(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return a method with its settings beside the type."""
    kind = KINDS.get(str(method.get("type")))
    inner = method.get(kind.type) if kind else None
    if kind is None or not isinstance(inner, Mapping):
        return dict(method)
    settings = inner.get("hyperparameters")
    flat = {name: value for name, value in inner.items() if name != "hyperparameters"}
    flat |= settings if isinstance(settings, Mapping) else {}
    return {"type": kind.type, **{name: value for name, value in flat.items() if value is not None}}


def job_file_text(job: Any) -> str:
    """Return a job as the text of a job file, followed by the fields that a creation ignores."""
    from .columns import JOBS

    settable = field_names(_REQUEST)
    ignored = [column for column in JOBS if column.name in set(field_names("FineTuningJob")) - set(settable)]
    comment = "# Set by the server, and ignored by `finetuning jobs create -f`:"
    return "\n".join([yaml_text(values_of(job)), comment, yaml_text(row(job, ignored))])
