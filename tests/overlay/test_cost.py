"""The cost of a job is estimated before it is created, as a range, from prices that the user can replace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, DatasetError, FineTuning, InvalidRequestError, Supervised
from finetuning_client.data import CostEstimate, check, cost
from finetuning_client.data.epochs import auto_epochs

from ..training_files import GRADER

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/data/support_triage_train.jsonl"
MODEL = "gpt-4o-mini-2024-07-18"


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A file of 40 questions for reinforcement training."""
    rows = [{"messages": [{"role": "user", "content": f"{i}?"}], "answer": str(i)} for i in range(40)]
    return write(tmp_path / "questions.jsonl", rows)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A file of 40 preference pairs."""
    return write(
        tmp_path / "pairs.jsonl",
        [
            {
                "input": {"messages": [{"role": "user", "content": f"Tell me about number {i}, please."}]},
                "preferred_output": [{"role": "assistant", "content": f"It comes after {i - 1}. " * 3}],
                "non_preferred_output": [{"role": "assistant", "content": "I would rather not."}],
            }
            for i in range(40)
        ],
    )


def test_the_example_costs_what_the_emulator_bills(fine_tuning: FineTuning) -> None:
    """The estimate is within a tenth, with the epochs that auto chooses."""
    estimate = cost(EXAMPLE, model=MODEL)
    job = fine_tuning.jobs.create(model=MODEL, training_file=EXAMPLE).wait()
    assert job.trained_tokens is not None
    assert estimate.trained_tokens == pytest.approx(job.trained_tokens, rel=0.1)
    assert estimate.low <= job.trained_tokens * 3 / 1e6 <= estimate.high
    assert estimate.epochs == job.to_dict()["hyperparameters"]["n_epochs"]


def test_pairs_are_billed_with_both_outputs(fine_tuning: FineTuning, pairs: Path) -> None:
    """The estimate and the emulator both count both outputs."""
    estimate = cost(pairs, model=MODEL, method=DPO(n_epochs=2))
    job = fine_tuning.jobs.create(model=MODEL, training_file=pairs, method=DPO(n_epochs=2)).wait()
    assert job.trained_tokens is not None
    assert estimate.low <= job.trained_tokens * 3 / 1e6 <= estimate.high
    assert (estimate.epochs, estimate.method) == (2, "dpo")


@pytest.mark.parametrize(("examples", "epochs"), [(10, 10), (33, 3), (40, 3), (8_400, 2)])
def test_auto_epochs_are_those_of_the_emulator(
    fine_tuning: FineTuning, tmp_path: Path, examples: int, epochs: int
) -> None:
    """Small files get more epochs, large files fewer."""
    rows = [{"prompt": str(i), "completion": "x"} for i in range(examples)]
    job = fine_tuning.jobs.create(model="babbage-002", training_file=write(tmp_path / "t.jsonl", rows)).wait()
    assert job.to_dict()["hyperparameters"]["n_epochs"] == auto_epochs(examples) == epochs


def test_auto_epochs_have_limits() -> None:
    """They range from 25 for a few examples down to 1."""
    assert [auto_epochs(n) for n in (0, 1, 4, 33, 34, 8_333, 8_334, 25_000, 10**7)] == [
        *(25, 25, 25, 3, 3, 3, 2, 1, 1)
    ]


def test_a_report_has_the_epochs_that_auto_chooses() -> None:
    """The statistics and the table have them."""
    report = check(EXAMPLE, model=MODEL)
    assert report.stats.auto_epochs == 3
    assert "epochs that auto chooses: 3" in report.table()


def test_an_estimate_has_its_figures_and_assumptions() -> None:
    """It has the price with date and source, the tokens with their way of counting, and the epochs."""
    estimate = cost(EXAMPLE, model=MODEL, epochs=4)
    assert estimate.low < estimate.expected < estimate.high
    assert estimate.expected == pytest.approx(estimate.tokens * 4 * 3 / 1e6)
    assert (estimate.currency, estimate.examples, estimate.epochs, estimate.hours) == ("USD", 72, 4, None)
    assert estimate.price.date
    assert estimate.price.source.startswith("https://")
    text = f"{estimate}\n{estimate.table()}"
    for part in ("USD", "x 4 epochs", "3 USD per million tokens", estimate.price.date, estimate.tokenizer):
        assert part in text
    assert len(estimate.assumptions) == 2


def test_epochs_and_method_can_be_given_in_every_form() -> None:
    """The epochs are given as a number, in a method object, or in the method of a request."""
    request = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 7}}}
    assert cost(EXAMPLE, model=MODEL, method=Supervised(n_epochs=7)).epochs == 7
    assert cost(EXAMPLE, model=MODEL, method=request).epochs == 7
    assert cost(EXAMPLE, model=MODEL, method=request, epochs=2).epochs == 2
    assert cost(EXAMPLE, model=MODEL, method=Supervised(n_epochs=7), epochs="auto").epochs == 3


def test_a_report_can_be_passed_instead_of_its_file(pairs: Path) -> None:
    """The file is not read again; a report for another method is refused."""
    report = check(pairs, method="dpo", model=MODEL)
    assert cost(report, model=MODEL, method="dpo") == cost(pairs, model=MODEL, method="dpo")
    assert cost(report.stats, model=MODEL, method="dpo") == cost(report, model=MODEL, method="dpo")
    with pytest.raises(InvalidRequestError, match="report is for dpo, not for supervised"):
        cost(report, model=MODEL)


@pytest.mark.parametrize(
    ("model", "amount"),
    [
        ("gpt-4o", 25),
        ("gpt-4o-2024-08-06", 25),
        ("gpt-4o-mini", 3),
        ("ft:gpt-4o-mini-2024-07-18:org::abc", 3),
        ("gpt-3.5-turbo-0125", 8),
        ("gpt-4.1-nano-2025-04-14", 1.5),
    ],
)
def test_prices_apply_to_versions_and_to_fine_tuned_models(model: str, amount: float) -> None:
    """Other models whose names begin alike have no price."""
    assert cost(EXAMPLE, model=model).price.amount == amount


def test_prices_can_be_replaced(tmp_path: Path) -> None:
    """New prices are numbers, a table with date and source, or a file of one; they replace all others."""
    assert cost(EXAMPLE, model="mine", prices={"mine": 2}).price.amount == 2
    table = {
        "currency": "EUR",
        "date": "2026-11-01",
        "source": "the contract",
        "models": {"mine": {"per_million_tokens": 4}},
    }
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(table))
    for prices in (table, path, str(path)):
        estimate = cost(EXAMPLE, model="mine", prices=prices)
        assert (estimate.currency, estimate.price.date, estimate.price.source) == (
            *("EUR", "2026-11-01", "the contract"),
        )
        assert "4 EUR per million tokens (as of 2026-11-01, the contract)" in str(estimate)
    with pytest.raises(InvalidRequestError, match="price of 'gpt-4o' is not known"):
        cost(EXAMPLE, model="gpt-4o", prices=table)


def test_an_unknown_model_is_a_clear_error() -> None:
    """The error says how to pass prices, and suggests a similar name."""
    with pytest.raises(InvalidRequestError, match=r"'gpt-4o-mino' is not known \(did you mean") as caught:
        cost(EXAMPLE, model="gpt-4o-mino")
    assert caught.value.field == "model"
    assert "prices={'gpt-4o-mino': 3.0}" in str(caught.value)


def test_bad_prices_are_refused(tmp_path: Path) -> None:
    """Invalid amounts, tables and files are each refused."""
    (tmp_path / "bad.json").write_text("[1]")
    bad: list[Any] = [
        {"m": "3"},
        {"m": -1},
        {"m": True},
        {"m": 10**400},
        {"m": {"per_hour": 1, "per_million_tokens": 2}},
        {"m": {}},
        {"models": 5},
        tmp_path / "bad.json",
        tmp_path / "missing.json",
        5,
    ]
    for prices in bad:
        with pytest.raises(InvalidRequestError):
            cost(EXAMPLE, model="m", prices=prices)


def test_reinforcement_is_priced_by_an_assumed_time(questions: Path) -> None:
    """The estimate is a wide range with its assumptions; `hours` narrows it down."""
    estimate = cost(questions, model="o4-mini", method="reinforcement")
    assert estimate.hours is not None
    assert estimate.hours == pytest.approx([40 * 3 * seconds / 3600 for seconds in (1, 6, 40)])
    assert [estimate.low, estimate.expected, estimate.high] == pytest.approx(
        [h * 100 for h in estimate.hours]
    )
    assert "pass hours=" in estimate.assumptions[0]
    known = cost(questions, model="o4-mini", method="reinforcement", hours=2)
    assert (known.low, known.high) == (200, 200)
    assert "200.00 USD: 2 hours at 100 USD per hour" in str(known)
    between = cost(questions, model="o4-mini", method="reinforcement", hours=(1, 3))
    assert (between.low, between.expected, between.high) == (100, 200, 300)
    more = {"grader": GRADER, "hyperparameters": {"compute_multiplier": 2}}
    request = {"type": "reinforcement", "reinforcement": more}
    assert cost(questions, model="o4-mini", method=request).high == pytest.approx(2 * estimate.high)


def test_invalid_arguments_are_refused(tmp_path: Path, pairs: Path) -> None:
    """Each error names the argument or the file."""
    refused: list[tuple[dict[str, Any], str]] = [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 1.5}, "epochs"),
        ({"method": "magic"}, "method"),
        ({"model": "o4-mini"}, "hours"),
        ({"model": "o4-mini", "hours": 0}, "hours"),
        ({"model": "o4-mini", "hours": (3, 1)}, "hours"),
        ({"model": "o4-mini", "hours": (1, 2, 3)}, "hours"),
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"prices": {5: 3.0}}, "prices"),
    ]
    for options, field in refused:
        with pytest.raises(InvalidRequestError) as caught:
            cost(EXAMPLE, **{"model": MODEL, **options})
        assert caught.value.field == field
    with pytest.raises(DatasetError, match="has no examples for supervised"):
        cost(pairs, model=MODEL)
    with pytest.raises(DatasetError, match="no such file"):
        cost(tmp_path / "missing.jsonl", model=MODEL)


def estimate_of(path: Path) -> CostEstimate:
    """Return the estimate for the default method."""
    return cost(path, model=MODEL)


def test_a_job_above_max_cost_is_refused_before_anything_is_sent(client: Any, server: Any) -> None:
    """The error has the figures; the upper end of the range counts."""
    high = estimate_of(EXAMPLE).high
    with pytest.raises(InvalidRequestError, match="max_cost: the job may cost more than") as caught:
        client.jobs.create(model=MODEL, training_file=EXAMPLE, max_cost=high * 0.99)
    assert (caught.value.field, caught.value.may_exist) == ("max_cost", False)
    for part in ("USD", "tokens x 3 epochs", "3 USD per million tokens", "nothing was sent"):
        assert part in str(caught.value)
    with pytest.raises(InvalidRequestError, match="x 50 epochs"):
        client.jobs.create(
            model=MODEL, training_file=EXAMPLE, hyperparameters={"n_epochs": 50}, max_cost=high * 2
        )
    assert server.calls == []


def test_a_job_within_max_cost_is_created(fine_tuning: FineTuning, questions: Path) -> None:
    """It is priced by token, by hour, and with prices of the user."""
    high = estimate_of(EXAMPLE).high
    assert fine_tuning.jobs.create(model=MODEL, training_file=EXAMPLE, max_cost=high).id
    method = {"type": "reinforcement", "reinforcement": {"grader": GRADER}}
    with pytest.raises(InvalidRequestError, match="hours at 100 USD per hour"):
        fine_tuning.jobs.create(model="o4-mini", training_file=questions, method=method, max_cost=5)
    prices = {"o4-mini": {"per_hour": 1}}
    job = fine_tuning.jobs.create(
        model="o4-mini", training_file=questions, method=method, max_cost=5, prices=prices
    )
    assert job.wait().status == "succeeded"


@pytest.mark.parametrize(
    ("options", "field", "message"),
    [
        ({"training_file": "file-abc", "max_cost": 5}, "max_cost", "training_file='file-abc'.*Path"),
        ({"max_cost": -1}, "max_cost", "a number"),
        ({"max_cost": True}, "max_cost", "a number"),
        ({"max_cost": float("nan")}, "max_cost", "a number"),
        ({"max_cost": "5"}, "max_cost", "a number"),
        ({"prices": {"m": 1}}, "prices", "left out when max_cost is not given"),
        ({"model": "unheard-of", "max_cost": 5}, "model", "price of 'unheard-of' is not known"),
    ],
    ids=["id", "negative", "true", "nan", "text", "prices alone", "unknown model"],
)
def test_a_limit_that_cannot_be_checked_is_refused(
    client: Any, server: Any, options: dict[str, Any], field: str, message: str
) -> None:
    """A limit is never ignored silently."""
    with pytest.raises(InvalidRequestError, match=message) as caught:
        client.jobs.create(**{"model": MODEL, "training_file": EXAMPLE, **options})
    assert (caught.value.field, server.calls) == (field, [])
