"""Text metrics: known values, and properties of all metrics."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_emulator.grading.similarity import METRICS

FOX = ("The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog")
PARTY = (
    "It is a guide to action which ensures that the military always obeys the commands of the party",
    "It is a guide to action that ensures that the military will forever heed Party commands",
)


@pytest.mark.parametrize(
    ("metric", "pair", "value"),
    [
        # As documented by the package rouge-score.
        ("rouge_1", FOX, 0.7058823529411765),
        ("rouge_l", FOX, 0.5882352941176471),
        # As documented by NLTK.
        ("gleu", PARTY, 0.4393939393939394),
        # Longest common subsequences of 14, and 4, of 14 + 15, and 6 + 7, characters.
        ("fuzzy_match", ("this is a test", "this is a test!"), 28 / 29),
        ("fuzzy_match", ("kitten", "sitting"), 8 / 13),
        # 12 of 18 and 16 words in 4 runs.
        ("meteor", PARTY, 5 / 6.75 * (1 - 0.5 * (4 / 12) ** 3)),
        # 3 of 4 words, 1 of 3 pairs, no triple and no quadruple; the text is not short.
        ("bleu", ("a b x c", "a b c"), (3 / 4 * 2 / 4 * 1 / 3 * 1 / 2) ** 0.25),
        ("bleu", ("a b", "a b c d"), math.exp(-1)),
        ("cosine", ("a a b", "a b b"), 4 / 5),
        ("rouge_2", ("a b c", "a b d"), 1 / 2),
        ("rouge_3", ("a b c d", "x a b c"), 1 / 2),
    ],
)
def test_metrics_have_known_values(metric: str, pair: tuple[str, str], value: float) -> None:
    """The values are from reference implementations, or computed by hand."""
    assert METRICS[metric](*pair) == pytest.approx(value)


@pytest.mark.parametrize("metric", METRICS)
@given(text=st.text(alphabet="ab .é語", max_size=40), other=st.text(alphabet="ab .é語", max_size=40))
def test_a_metric_is_between_0_and_1_and_highest_for_equal_texts(metric: str, text: str, other: str) -> None:
    """It is from 0 to 1, is 1 for equal texts (METEOR: nearly), and is deterministic."""
    value = METRICS[metric](text, other)
    assert 0 <= value <= 1
    assert METRICS[metric](text, other) == value
    same = METRICS[metric](text, text)
    assert same >= value - 1e-9
    assert same == pytest.approx(1) or (metric == "meteor" and same >= 0.5)


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_in_common_is_0(metric: str) -> None:
    """Texts without a common word or character have the value 0."""
    assert METRICS[metric]("alpha beta", "gyzzy xow") == pytest.approx(0, abs=0.2)
    assert METRICS[metric]("aaa aaa", "bbb.bbb") == 0
    assert METRICS[metric]("aaa", "") == 0
    assert METRICS[metric]("", "aaa") == 0
