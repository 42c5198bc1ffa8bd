"""Check every response of the emulators in this process against `openapi.yaml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

try:
    from jsonschema_rs import Draft202012Validator
except ImportError:  # The environment of the oldest dependencies has only the slower validator.
    from jsonschema import Draft202012Validator  # type: ignore[assignment]

__all__ = ["Contract", "checking_responses"]

_UNDOCUMENTED_PATH: Mapping[str, Any] = {"4XX": {"$ref": "#/components/responses/ClientError"}}


class Contract:
    """The contract, read once; `check` fails for a response that it does not document."""

    def __init__(self, path: Path) -> None:
        self._document = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template)), operations)
            for template, operations in self._document["paths"].items()
        ]
        self._validators: dict[str, Any] = {}

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Fail unless this response is documented for the request; `path` is relative to the server URL."""
        # 206 is the documented 200 response, cut to the requested range.
        content = self._content(method, path, 200 if status == 206 else status)
        kind = content_type.partition(";")[0]
        assert kind in content, f"{kind} is not documented for {status} of {method} {path}"
        if kind == "application/json":
            self._validator(content[kind]["schema"]).validate(json.loads(body))

    def _content(self, method: str, path: str, status: int) -> Mapping[str, Any]:
        responses = self._document["components"]["responses"]
        documented: Mapping[str, Any] = next(
            (
                operations[method.lower()]["responses"]
                for pattern, operations in self._paths
                if pattern.fullmatch(path) and method.lower() in operations
            ),
            _UNDOCUMENTED_PATH,
        )
        found = documented.get(str(status)) or documented.get(f"{status // 100}XX")
        assert found is not None, f"{status} is not documented for {method} {path}"
        if "$ref" in found:
            found = responses[found["$ref"].rpartition("/")[2]]
        content: Mapping[str, Any] = found["content"]
        return content

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]


class _Recorder:
    """An ASGI `send` that passes a response on, and records the parts that the contract describes."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.status = 0
        self.kind = ""
        self.body = bytearray()
        self.complete = False

    async def __call__(self, message: Any) -> None:
        await self._send(message)
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            self.status = message["status"]
            self.kind = headers.get(b"content-type", b"").decode()
            assert headers[b"x-finetuning-emulator"] == b"simulated"
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
            if self.kind == "application/json":
                self.body += message.get("body", b"")


@contextmanager
def checking_responses(contract: Contract) -> Iterator[list[str]]:
    """Check every response of the emulators in this process inside the block; yield the list of violations.

    Responses are checked before the fault middleware changes them: faults break the contract on purpose.
    """
    from finetuning_emulator.http.error_envelope import ErrorEnvelope

    violations: list[str] = []
    original = ErrorEnvelope.__call__

    async def checked(self: Any, scope: Any, receive: Any, send: Any) -> None:
        recorder = _Recorder(send)
        await original(self, scope, receive, recorder)
        path = scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
        if not recorder.complete or scope["method"] == "HEAD" or not path.startswith("/v1"):
            return
        try:
            contract.check(
                scope["method"],
                path.removeprefix("/v1"),
                recorder.status,
                recorder.kind,
                bytes(recorder.body),
            )
        except Exception as error:  # noqa: BLE001 - a failed check must not stop the server
            violations.append(f"{scope['method']} {path}: {error}")

    ErrorEnvelope.__call__ = checked  # type: ignore[method-assign]
    try:
        yield violations
    finally:
        ErrorEnvelope.__call__ = original  # type: ignore[method-assign]
