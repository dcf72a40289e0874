"""Folders of certificates for engines that ask for mutual TLS, made by tests/certificates.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Authority, Issued, make_ca
from tests.certificates import issue as issue_one


@dataclass(frozen=True)
class Certificates:
    """Folders with ca.pem, cert.pem and key.pem: one for the engine, one for who calls it."""

    server: Path
    client: Path


def issue(folder: Path, *, addresses: tuple[str, ...]) -> Certificates:
    """Writes a fresh authority's certificates for an engine at these addresses (names or IP addresses)."""
    ca = make_ca()
    first, *others = addresses
    sides = Certificates(folder / "server", folder / "client")
    _write(sides.server, ca, issue_one(ca, first, also=tuple(others)))
    _write(sides.client, ca, issue_one(ca, "client", client=True))
    return sides


def _write(side: Path, ca: Authority, issued: Issued) -> None:
    side.mkdir(parents=True)
    for name, text in (("ca.pem", ca.pem), ("cert.pem", issued.certificate), ("key.pem", issued.key)):
        (side / name).write_text(text)
    (side / "key.pem").chmod(0o600)
