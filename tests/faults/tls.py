"""TLS servers whose certificates are good, self-signed, expired, or for another host."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["CERTIFICATES", "Authority", "serving_tls"]

CERTIFICATES = ("good", "self-signed", "expired", "of another host")
"""The kinds of certificates that a server may have."""

_JOB = b'{"id": "ftjob-1", "object": "fine_tuning.job", "status": "running", "model": "m", "created_at": 1}'
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_JOB)
) + _JOB


@dataclass
class Authority:
    """A certificate authority, which writes server certificates into a directory.

    Attributes:
        directory: where the files are written.
    """

    directory: Path

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of a test")
        certificate = self._sign(self._name, self._key, is_authority=True)
        self.path = self.directory / "authority.pem"
        self.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def certificate(self, kind: str) -> Path:
        """Write a certificate of a kind with its key into one file, and return its path."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if kind == "self-signed" else self._key
        made = self._sign(
            _name("server"),
            key,
            signer=signer,
            days=-1 if kind == "expired" else 10,
            host="other.test" if kind == "of another host" else "127.0.0.1",
        )
        path = self.directory / f"{kind}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return path

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        signer: ec.EllipticCurvePrivateKey | None = None,
        days: int = 10,
        host: str = "",
        is_authority: bool = False,
    ) -> x509.Certificate:
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if signer is key else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - datetime.timedelta(days=20))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if host:
            names: list[x509.GeneralName] = [x509.DNSName(host)]
            with suppress(ValueError):
                names = [x509.IPAddress(ipaddress.ip_address(host))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(signer or self._key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@contextmanager
def serving_tls(certificate: Path) -> Iterator[str]:
    """Serve a job over TLS with a certificate, and yield the base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            # A client that refuses the certificate ends the handshake.
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as sock:
                sock.recv(65_536)
                sock.sendall(_RESPONSE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
