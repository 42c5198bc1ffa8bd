"""The body of a request to create a job: read strictly, refused with the field's name."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from finetuning_emulator.errors import Refusal, missing_parameter
from finetuning_emulator.grading import Grader, UnsoundGrader, read_grader

__all__ = ["Integration", "JobRequest", "decoded_json", "job_request", "sound_grader"]

_Auto = Literal["auto"]
_Epochs = _Auto | Annotated[int, Meta(ge=1, le=50)]
_BatchSize = _Auto | Annotated[int, Meta(ge=1, le=256)]
_Positive = _Auto | Annotated[float, Meta(gt=0)]
_Count = _Auto | Annotated[int, Meta(ge=1)]
_MetadataKey = Annotated[str, Meta(max_length=64)]
_MetadataValue = Annotated[str, Meta(max_length=512)]

_T = TypeVar("_T")


class _Body(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class _Hyperparameters(_Body):
    n_epochs: _Epochs = "auto"
    batch_size: _BatchSize = "auto"
    learning_rate_multiplier: _Positive = "auto"


class _DpoHyperparameters(_Hyperparameters):
    beta: _Auto | Annotated[float, Meta(gt=0, le=2)] = "auto"


class _ReinforcementHyperparameters(_Hyperparameters):
    compute_multiplier: _Auto | Annotated[float, Meta(gt=0.00001, le=10)] = "auto"
    eval_interval: _Count = "auto"
    eval_samples: _Count = "auto"
    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"


class _Supervised(_Body):
    hyperparameters: _Hyperparameters | None = None


class _Dpo(_Body):
    hyperparameters: _DpoHyperparameters | None = None


class _Reinforcement(_Body):
    grader: dict[str, Any]
    hyperparameters: _ReinforcementHyperparameters | None = None


class _Method(_Body):
    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: _Supervised | None = None
    dpo: _Dpo | None = None
    reinforcement: _Reinforcement | None = None


class _Wandb(_Body):
    project: str
    name: str | None = None
    entity: str | None = None
    tags: list[str] = []


class Integration(_Body):
    """A service that the metrics would be sent to; the emulator only repeats it."""

    type: Literal["wandb"]
    wandb: _Wandb


class JobRequest(_Body):
    """A job as it was asked for; only limits that need no other knowledge are checked."""

    model: Annotated[str, Meta(min_length=1, max_length=256)]
    training_file: Annotated[str, Meta(min_length=1, max_length=256)]
    validation_file: str | None = None
    method: _Method | None = None
    hyperparameters: _Hyperparameters | None = None
    suffix: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2147483647)] | None = None
    integrations: Annotated[list[Integration], Meta(max_length=5)] | None = None
    metadata: Annotated[dict[_MetadataKey, _MetadataValue], Meta(max_length=16)] | None = None

    @property
    def kind(self) -> Literal["supervised", "dpo", "reinforcement"]:
        """The method's type; supervised when none was named."""
        return "supervised" if self.method is None else self.method.type

    @property
    def grader(self) -> dict[str, Any] | None:
        """The grader of a reinforcement job."""
        if self.method is None or self.method.reinforcement is None:
            return None
        return self.method.reinforcement.grader

    def asked(self) -> dict[str, Any]:
        """The method's own hyperparameters, wherever the request put them; "auto" where not."""
        chosen = None if self.method is None else getattr(self.method, self.kind)
        found = None if chosen is None else chosen.hyperparameters
        if found is None and self.kind == "supervised":
            found = self.hyperparameters
        return msgspec.structs.asdict(found or _ALL_AUTO[self.kind])


_ALL_AUTO = {
    "supervised": _Hyperparameters(),
    "dpo": _DpoHyperparameters(),
    "reinforcement": _ReinforcementHyperparameters(),
}


def job_request(body: bytes) -> JobRequest:
    """Read the body of a request to create a job, or refuse it."""
    request = decoded_json(body, JobRequest)
    if request.kind == "reinforcement":
        if request.grader is None:
            raise missing_parameter("method.reinforcement.grader")
        sound_grader(request.grader, "method.reinforcement.grader")
    return request


def sound_grader(grader: dict[str, Any], inside: str) -> Grader:
    """Read a grader that is at this place of a body, or refuse it."""
    try:
        return read_grader(grader)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), inside) from None
    except UnsoundGrader as error:
        place = inside + error.place
        raise Refusal(
            400, f"Invalid value for '{place}': {error}.", param=place, code="invalid_grader"
        ) from None


def decoded_json(body: bytes, shape: type[_T], *, inside: str = "") -> _T:
    """Read a JSON body, or what is inside one, of this shape.

    The refusal names the first field that is wrong.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), inside) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Refusal(
            400, "We could not parse the JSON body of your request: it is not valid JSON."
        ) from None


def _refusal(complaint: str, inside: str = "") -> Refusal:
    text, _, place = complaint.partition(" - at ")
    path = inside + re.sub(r"^key in |\[\.\.\.\]|\$", "", place.replace("`", ""))
    path = path.removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", text):
        return missing_parameter(_dotted(path, missing[1]))
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", text):
        name = _dotted(path, unknown[1])
        return Refusal(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    text = text.replace("`", "")
    if not path:
        return Refusal(400, f"Invalid request body: {text}.", code="invalid_type")
    code = "invalid_type" if ", got " in text else "invalid_value"
    return Refusal(400, f"Invalid value for '{path}': {text}.", param=path, code=code)


def _dotted(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
