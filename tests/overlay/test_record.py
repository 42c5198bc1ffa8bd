"""Records: construction, comparison and display, tested on a retry policy and on effects."""

import pickle
from copy import copy

import pytest

from finetuning_client import RetryPolicy
from finetuning_client.plans.effects import Send, Work
from finetuning_client.record import Record, replace


class Point(Record):
    x: int
    y: int = 0


def test_fields_are_given_by_position_or_by_name_and_have_defaults() -> None:
    """All forms give equal records with equal hashes."""
    assert Point(1) == Point(x=1) == Point(1, 0) == Point(y=0, x=1)
    assert hash(Point(1, y=2)) == hash(Point(y=2, x=1))
    assert Point(1) != Point(2)
    assert repr(Point(1)) == "Point(x=1, y=0)"


@pytest.mark.parametrize(
    ("arguments", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"z": 1})]
)
def test_wrong_fields_are_a_type_error(arguments: tuple[int, ...], named: dict[str, int]) -> None:
    """Missing, unknown, repeated and too many fields are refused."""
    with pytest.raises(TypeError, match="Point"):
        Point(*arguments, **named)


def test_fields_of_a_policy_are_given_by_name_only() -> None:
    """`RetryPolicy(5)` does not say which field is 5."""
    with pytest.raises(TypeError, match="0 fields by position"):
        RetryPolicy(5)  # type: ignore[call-arg]


def test_records_are_immutable() -> None:
    """They can be shared between threads and clients."""
    point = Point(1)
    with pytest.raises(AttributeError, match="cannot be changed"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be changed"):
        del point.x
    assert replace(point, x=2) == Point(2)
    assert point == Point(1)


def test_records_are_copied_and_pickled() -> None:
    """A policy can be sent to another process."""
    policy = RetryPolicy(max_attempts=2)
    assert pickle.loads(pickle.dumps(policy)) == copy(policy) == policy


def test_records_match_by_position() -> None:
    """Drivers match effects in this way."""
    match Work(print):
        case Send():
            pytest.fail("matched another class")
        case Work(function):
            assert function is print
