"""Models read any data, keep all of it, and compare by value."""

import copy
import json
import pickle
from typing import Any, cast

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_api import models
from finetuning_api.errors import ApiClientError, NotAMapping
from finetuning_api.types import UNSET, ApiObject, OpenStrEnum

from .reference import expected, schemas, shape

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
CLASSES = sorted(name for name, schema in schemas().items() if schema.get("properties"))
ENUMS = sorted(name for name, schema in schemas().items() if "enum" in schema)


def documented(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Values that the schema allows, according to types, constants and enum values."""
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | st.text(max_size=5)
    members = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if members:
        return st.one_of([documented(member, depth) for member in members])
    kinds = schema.get("type", [])
    return st.one_of(
        [of_type(kind, schema, depth) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    )


def of_type(kind: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if kind == "array":
        return st.lists(anything(schema.get("items", {}), depth - 1), max_size=2) if depth else st.just([])
    if kind == "object":
        return objects(schema, depth - 1) if depth else st.just({})
    scalars: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=5),
        "integer": st.integers(),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return scalars[kind]


def anything(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Mostly values that the schema allows, sometimes any other JSON."""
    asked = documented(schema, depth) if schema else JSON
    return st.integers(0, 4).flatmap(lambda draw: JSON if draw == 0 else asked)


def objects(schema: dict[str, Any], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any of the fields, and sometimes with unknown ones."""
    fields = schema.get("properties", {})
    known = st.fixed_dictionaries({}, optional={key: anything(inner, depth) for key, inner in fields.items()})
    more = schema.get("additionalProperties")
    value = anything(more, depth) if isinstance(more, dict) else JSON
    unknown = st.dictionaries(st.text(max_size=5), value, max_size=2)
    # Known fields come last, so that they replace unknown ones of the same name.
    return st.tuples(unknown, known).map(lambda pair: pair[0] | pair[1])


def exactly(value: Any) -> str:
    """Return a form in which 1, 1.0 and True differ, and so do strings and members of string enums."""
    if type(value) is dict:
        return "{" + ",".join(f"{key!r}:{exactly(item)}" for key, item in sorted(value.items())) + "}"
    if type(value) is list:
        return "[" + ",".join(map(exactly, value)) + "]"
    return f"{type(value).__name__} {value!r}"


@pytest.mark.parametrize("name", CLASSES)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reading_agrees_with_the_reference(name: str, data: st.DataObject) -> None:
    """Any object is read as by the plain reference, and written unchanged."""
    source = data.draw(objects(schemas()[name], depth=3))
    before = exactly(source)
    model = getattr(models, name)
    read = model.from_dict(source)

    assert shape(read) == expected({"$ref": f"#/{name}"}, source)
    assert exactly(read.to_dict()) == exactly(source) == before

    again = model.from_dict(msgspec.json.decode(json.dumps(source)))
    assert again == read == pickle.loads(pickle.dumps(read)) == copy.deepcopy(read)
    repr(read)


@pytest.mark.parametrize("name", CLASSES)
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(value=JSON.filter(lambda value: not isinstance(value, dict)))
def test_value_that_is_not_a_mapping_is_refused(name: str, value: Any) -> None:
    """A value that is not a mapping raises the documented error, which is also a TypeError."""
    with pytest.raises(NotAMapping, match=name) as raised:
        getattr(models, name).from_dict(value)
    assert isinstance(raised.value, TypeError)
    assert isinstance(raised.value, ApiClientError)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_any_mapping_is_read() -> None:
    """Any mapping is read, not only a dict."""
    from types import MappingProxyType

    job = models.FineTuningJob.from_dict(MappingProxyType({"id": "ftjob-1", "odd": 1}))
    assert (job.id, job["odd"]) == ("ftjob-1", 1)


def test_model_is_independent_of_its_source() -> None:
    """Later changes of the source do not change the model."""
    source = {"id": "ftjob-1", "odd": 1}
    job = models.FineTuningJob.from_dict(source)
    source["id"] = "ftjob-2"
    source["odd"] = 2
    assert job.to_dict() == {"id": "ftjob-1", "odd": 1}


def test_unknown_fields_are_items() -> None:
    """Fields that the contract does not document are read, written and deleted like items."""
    job = models.FineTuningJob.from_dict({"id": "ftjob-1", "user_provided_suffix": "x"})
    assert job.additional_properties == {"user_provided_suffix": "x"}
    assert "user_provided_suffix" in job
    assert "id" not in job
    job["more"] = [1]
    assert job.additional_keys == ["user_provided_suffix", "more"]
    del job["user_provided_suffix"]
    assert job.to_dict() == {"id": "ftjob-1", "more": [1]}
    with pytest.raises(KeyError):
        job["user_provided_suffix"]


def test_reading_unknown_fields_changes_nothing() -> None:
    """Reading the unknown fields of a model does not make it differ from another."""
    first, second = (models.FineTuningJob.from_dict({"id": "a"}) for _ in range(2))
    assert first.additional_properties == {}
    assert first == second


def test_items_do_not_replace_known_fields() -> None:
    """Setting a known field as an item has no effect; the value of the field is written."""
    job = models.FineTuningJob.from_dict({"id": "a", "x": 1})
    job["id"] = "b"
    assert job.to_dict() == {"id": "a", "x": 1}


def test_unknown_fields_count_in_comparison() -> None:
    """Models that differ only in their unknown fields are not equal."""
    first = models.FineTuningJob.from_dict({"id": "a", "x": 1})
    assert first != models.FineTuningJob.from_dict({"id": "a", "x": 2})
    assert first != models.FineTuningJob.from_dict({"id": "a"})


def test_repr_has_only_set_fields() -> None:
    """The repr has neither unset fields nor the slot of unknown ones."""
    job = models.FineTuningJob.from_dict({"id": "a", "status": "running", "x": 1})
    status = "<FineTuningJobStatus.RUNNING: 'running'>"
    assert repr(job) == f"FineTuningJob(id='a', status={status}, additional_properties={{'x': 1}})"


def test_model_built_by_hand_is_written_as_plain_json() -> None:
    """Models, enum values, tuples and maps become plain JSON; unset fields are left out, also in maps."""
    purpose = models.FilePurpose.FINE_TUNE
    request = models.RunGraderRequest(
        grader=models.GraderMulti(
            name="m",
            graders={"a": models.GraderPython(name="p", source="def grade(): ...")},
            calculate_output="a",
        ),
        model_sample="x",
        item={"purpose": purpose, "left out": UNSET, "pair": (1, purpose)},
    )
    assert exactly(request.to_dict()) == exactly(
        {
            "grader": {
                "type": "multi",
                "name": "m",
                "graders": {"a": {"type": "python", "name": "p", "source": "def grade(): ..."}},
                "calculate_output": "a",
            },
            "model_sample": "x",
            "item": {"purpose": "fine-tune", "pair": [1, "fine-tune"]},
        }
    )


def test_written_data_is_independent_of_the_model() -> None:
    """Changing the result of `to_dict` does not change the model."""
    job = models.FineTuningJob.from_dict({"metadata": {"a": "b"}, "result_files": ["f"], "x": {"y": []}})
    written = job.to_dict()
    written["metadata"]["a"] = "c"
    written["result_files"].append("g")
    written["x"]["y"].append(1)
    assert job.to_dict() == {"metadata": {"a": "b"}, "result_files": ["f"], "x": {"y": []}}


def test_models_are_slotted(all_models: dict[str, type[ApiObject]]) -> None:
    """No model has a `__dict__`, which would cost memory for 100,000 events; a mistyped field is an error."""
    for name, model in all_models.items():
        read = model.from_dict({})
        assert attrs.has(model)
        assert not hasattr(read, "__dict__"), name
        with pytest.raises(AttributeError):
            setattr(read, "no_such_field", 1)  # noqa: B010


@pytest.mark.parametrize("name", ENUMS)
def test_enums_are_open(name: str) -> None:
    """Each documented value is a member; any other string is a value of the enum, but not a member."""
    enum: type[OpenStrEnum] = getattr(models, name)
    assert [member.value for member in enum] == schemas()[name]["enum"]
    assert all(member.is_known for member in enum)
    # The name of a member is not a value.
    for text in ("never seen", "", next(iter(enum)).name):
        odd = enum(text)
        assert odd == text
        assert str(odd) == f"{odd}" == text
        assert hash(odd) == hash(text)
        assert isinstance(odd, enum)
        assert not odd.is_known
        assert odd == copy.copy(odd) == copy.deepcopy(odd) == pickle.loads(pickle.dumps(odd))
        assert type(pickle.loads(pickle.dumps(odd))) is enum
        assert not any(odd is member for member in enum)
        assert json.dumps(odd) == json.dumps(text)
    with pytest.raises(ValueError, match="5"):
        enum(cast("str", 5))


def test_unset_is_a_singleton() -> None:
    """Copies and pickles of `UNSET` are `UNSET`."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET
    assert copy.deepcopy([UNSET])[0] is copy.copy(UNSET) is UNSET
    assert not UNSET
