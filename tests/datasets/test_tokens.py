"""Token counts: estimates are near recorded counts, and tiktoken counts where it needs no network."""

from __future__ import annotations

import hashlib
import inspect
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from finetuning_client.data import check, tokens
from finetuning_client.data.tokens import ESTIMATE_ERROR, estimator

from .examples import CHAT, lines, several

# Texts with their numbers of tokens, counted once with the public vocabularies.
RECORDED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("token_counts.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vocabulary", ["o200k_base", "cl100k_base"])
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["name"])
def test_the_estimate_is_near_the_count(recorded: dict[str, Any], vocabulary: str) -> None:
    """In every script, in code and in data, the error is within the documented bound."""
    estimated = estimator(vocabulary)(recorded["text"])
    assert estimated == pytest.approx(recorded[vocabulary], rel=ESTIMATE_ERROR)


def test_the_estimate_of_mixed_texts_is_nearer() -> None:
    """The errors of different texts partly cancel out."""
    for vocabulary in ("o200k_base", "cl100k_base"):
        estimated = sum(estimator(vocabulary)(recorded["text"]) for recorded in RECORDED)
        assert estimated == pytest.approx(sum(recorded[vocabulary] for recorded in RECORDED), rel=0.08)


def test_long_texts_are_estimated_from_parts_of_them() -> None:
    """The estimate reads parts of a long text, even if they start within a multi-byte character."""
    for text in (recorded["text"] for recorded in RECORDED):
        if "==" not in text:
            whole = estimator("o200k_base")(text) * 400
            assert estimator("o200k_base")(text * 400) == pytest.approx(whole, rel=0.1)


def test_a_model_has_its_vocabulary() -> None:
    """Older models take more tokens for the same Hindi text."""
    hindi = next(recorded["text"] for recorded in RECORDED if recorded["name"] == "Hindi")
    content = lines(
        [{"messages": [{"role": "user", "content": hindi}, {"role": "assistant", "content": "x"}]}]
    )
    new, old = (check(content, model=model).stats for model in ("gpt-4o-mini", "gpt-3.5-turbo"))
    assert old.tokens > 2 * new.tokens
    assert new.tokenizer == old.tokenizer == "estimate"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache of tiktoken and no network: a connection fails the test."""

    def refuse(*_: Any) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._encoding.cache_clear()
    return tmp_path


@pytest.mark.parametrize("name", tokens._CACHED_AS)
def test_a_vocabulary_is_never_fetched(offline: Path, name: str) -> None:
    """If its file is missing, or has other content, tokens are estimated."""
    assert tokens.tiktoken_counter(name) is None
    (offline / tokens._CACHED_AS[name]).write_bytes(b"half of it")
    tokens._encoding.cache_clear()
    assert tokens.tiktoken_counter(name) is None
    assert (offline / tokens._CACHED_AS[name]).exists()
    assert check(lines(several(CHAT))).stats.tokenizer == "estimate"


def test_the_vocabularies_are_those_that_tiktoken_requests() -> None:
    """The digests and URLs are those in tiktoken's own table."""
    public = pytest.importorskip("tiktoken_ext.openai_public")
    source = inspect.getsource(public)
    for name, digest in tokens._DIGESTS.items():
        assert digest in source
        address = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        assert address in source
        assert hashlib.sha1(address.encode()).hexdigest() == tokens._CACHED_AS[name]


def test_tiktoken_counts_if_its_vocabulary_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statistics name the vocabulary, and the range is narrow."""

    class Encoding:
        """An encoding with a token for each word."""

        def encode_ordinary(self, text: str) -> list[str]:
            """Return the words."""
            return text.split()

    monkeypatch.setattr(tokens, "_encoding", lambda _: Encoding())
    stats = check(lines(several(CHAT)), model="gpt-4o-mini").stats
    assert stats.tokenizer == "o200k_base"
    assert stats.tokens == 12 * (3 + 3 * 4 + 2 + 6 + 3)
    assert stats.tokens_high - stats.tokens_low < 0.03 * stats.tokens
