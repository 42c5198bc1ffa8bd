"""Both clients refuse a certificate that cannot be trusted, and the error says what to do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from finetuning_client import AsyncFineTuning, ConnectionFailed, FineTuning, RetryPolicy

from .tls import CERTIFICATES, Authority, serving_tls

_REASONS = {
    "self-signed": r"certificate.*self[- ]signed.*SSL_CERT_FILE",
    "expired": r"certificate has expired.*SSL_CERT_FILE",
    "of another host": r"IP address mismatch.*SSL_CERT_FILE",
    "of an unknown authority": r"certificate.*SSL_CERT_FILE",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that the clients trust only if they are configured to."""
    return Authority(tmp_path_factory.mktemp("certificates"))


def _retrieve(kind: str, base_url: str) -> Any:
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "base_url": base_url,
        "retry": RetryPolicy(max_attempts=3, initial_delay=0.01),
        "timeout": 5,
    }
    if kind == "sync":
        with FineTuning(**options) as client:
            return client.jobs.retrieve("ftjob-1")

    async def retrieve() -> Any:
        async with AsyncFineTuning(**options) as client:
            return await client.jobs.retrieve("ftjob-1")

    return asyncio.run(retrieve())


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("certificate", [*CERTIFICATES, "of an unknown authority"])
def test_certificate_is_verified(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, kind: str, certificate: str
) -> None:
    """No request is sent to a server whose certificate is refused."""
    if certificate != "of an unknown authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    path = authority.certificate("good" if certificate not in CERTIFICATES else certificate)
    with serving_tls(path) as base_url:
        if certificate == "good":
            assert _retrieve(kind, base_url).id == "ftjob-1"
            return
        with pytest.raises(ConnectionFailed, match=_REASONS[certificate]) as e:
            _retrieve(kind, base_url)
    assert (e.value.delivered, e.value.attempts) == (False, 3)
