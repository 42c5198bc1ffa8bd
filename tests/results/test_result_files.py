"""Unusual result files are read, or refused with a message that names the place."""

from __future__ import annotations

import pytest

from finetuning_client.results import Metrics
from finetuning_client.results.metrics import UnreadableMetrics, merged, read_metrics


@pytest.mark.parametrize(
    ("step", "shown"),
    [("-1", "-1"), ("1.5", "1.5"), ("nan", "nan"), ("inf", "inf"), ("one", "one"), ("1e300", "1e300")],
)
def test_a_step_that_is_not_a_whole_number_is_refused(step: str, shown: str) -> None:
    """The error names the row and the step."""
    with pytest.raises(UnreadableMetrics, match=rf"row 2 .* has the step '{shown}': steps are whole numbers"):
        read_metrics(f"step,train_loss\n1,2\n{step},1\n".encode())


@pytest.mark.parametrize("step", ["3.0", "3e0", " 3 ", "+3", '"3"'])
def test_whole_steps_are_read_in_any_notation(step: str) -> None:
    """Programs that write tables may write whole numbers as floats."""
    assert read_metrics(f"step,train_loss\n{step},1\n".encode())[0].step == 3


def test_the_last_values_of_a_repeated_step_count() -> None:
    """A step is repeated after an interruption; values that only the first row has are kept."""
    rows = read_metrics(b"step,train_loss,valid_loss\n2,9,\n1,3,\n2,8,7\n2,5,\n")
    assert [(row.step, row.train_loss, row.valid_loss) for row in merged(rows)] == [(1, 3, None), (2, 5, 7)]


def test_odd_columns_are_kept_and_repeated_ones_count_once() -> None:
    """They have no name, the name of another column, or are beyond the header."""
    content = b"step,train_loss,,train_loss,train_mean_token_accuracy,train_accuracy\n1,2,x,3,0.5,0.25,9\n"
    [row] = read_metrics(content)
    assert (row.train_loss, row.train_accuracy) == (2, 0.5)
    assert row.other == {"": "x", "train_loss": 3.0, "train_accuracy": 0.25}
    assert Metrics([row]).to_dicts()[0]["train_loss"] == 2


def test_accuracy_in_preference_training_is_that_of_rewards() -> None:
    """A column named as a reward accuracy takes precedence."""
    plain = b"step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,2,0.5,3,0.25\n"
    [row] = read_metrics(plain, "dpo")
    assert (row.train_reward_accuracy, row.valid_reward_accuracy) == (0.5, 0.25)
    assert (row.train_accuracy, row.valid_mean_token_accuracy) == (None, None)
    [row] = read_metrics(b"step,train_accuracy,train_reward_accuracy\n1,0.5,0.75\n", "dpo")
    assert (row.train_accuracy, row.train_reward_accuracy) == (0.5, 0.75)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("train_mean_reward", "mean_reward"),
        ("mean_reward", "train_mean_reward"),
        ("train_reward_mean", "train_mean_reward"),
        ("valid_reward_mean", "valid_mean_reward"),
        ("full_validation_mean_reward", "full_valid_mean_reward"),
        ("reward_margin", "train_reward_margin"),
        ("train_reward_accuracy", "reward_accuracy"),
        ("train_reward_margin", "reward_margin"),
    ],
)
def test_rewards_are_read_under_the_names_of_several_providers(name: str, attribute: str) -> None:
    """Rewards are read under the names that OpenAI and Azure use."""
    [row] = read_metrics(f"step,{name}\n1,0.5\n".encode())
    assert getattr(row, attribute) == 0.5


def test_a_large_file_is_read_completely() -> None:
    """It has a tenth of the size in the benchmark, so that the test is fast."""
    lines = "".join(f"{step},{1 / step},0.5,,\n" for step in range(1, 30_001))
    header = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n"
    rows = read_metrics((header + lines).encode())
    assert len(rows) == 30_000 and rows[-1].train_loss == 1 / 30_000
