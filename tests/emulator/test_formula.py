"""Formulas of multi graders allow only arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_emulator.grading.formula import FormulaError, parse_formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3 - abs(-4)", 5),
        ("7 - 3 - 2", 2),
        ("8 / 4 / 2", 1),
        ("2 ^ 3 ^ 2", 512),
        ("2 ** -1", 0.5),
        ("-2 ^ 2", -4),
        ("--1", 1),
        ("1e3 + .5", 1000.5),
        ("min(a, b) + max(1, 2, b)", 2.25),
        ("floor(1.5) + ceil(1.5)", 3),
        ("sqrt(16) + log(exp(1))", 5),
        ("0.7 * a + 0.3 * b", 0.7 * 0.25 + 0.3 * 0.5),
        ("größe_1", 9),
    ],
)
def test_a_formula_has_its_arithmetic_value(text: str, value: float) -> None:
    """Precedence, functions and names follow the rules of arithmetic."""
    assert parse_formula(text).value({"a": 0.25, "b": 0.5, "größe_1": 9}) == pytest.approx(value)


def test_a_formula_lists_its_names() -> None:
    """The names in a formula tell which graders it needs."""
    assert parse_formula("a * b + max(c, 1)").names == {"a", "b", "c"}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1 +", "(1", "1)", "1 2", "a b", "a.b", "a[0]", "'x'", "import os", "eval(1)"),
        *("min()", "min(1)", "abs(1, 2)", "1 if a else 2", "a == b", "$"),
        *("(" * 61 + "1" + ")" * 61, "-" * 5000 + "1"),
    ],
)
def test_other_syntax_is_an_error(text: str) -> None:
    """Python syntax other than arithmetic is refused."""
    with pytest.raises(FormulaError):
        parse_formula(text)


@pytest.mark.parametrize(
    "text", ["1 / 0", "10 ^ 400", "log(0)", "sqrt(-1)", "(-8) ^ 0.5", "1e999", "exp(1000)"]
)
def test_a_value_that_is_not_finite_is_an_error(text: str) -> None:
    """Division by zero, overflow and complex values are errors."""
    with pytest.raises((ArithmeticError, ValueError)):
        parse_formula(text).value({})


@given(st.text(alphabet="0123456789.+-*/^(), abemin", max_size=60))
def test_any_text_is_a_number_or_an_error(text: str) -> None:
    """Parsing and evaluation give a finite number or one of three errors."""
    try:
        value = parse_formula(text).value(dict.fromkeys(parse_formula(text).names, 0.5))
    except (FormulaError, ArithmeticError, ValueError):
        return
    assert math.isfinite(value)
