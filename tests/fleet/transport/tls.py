"""TLS servers for tests: the context of one side from PEM texts."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from fleet.transport import TlsMaterial
from tests.certificates import Authority, Issued


def server_context(own: Issued, *, clients: Authority | None = None, newest: str = "TLSv1_3") -> ssl.SSLContext:
    """A server that shows this certificate and, with `clients`, asks for one of theirs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion[newest]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pair.pem"
        path.write_text(own.certificate + own.key)
        context.load_cert_chain(path)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    return context


def material(ca: Authority | None, pair: Issued | None = None) -> TlsMaterial:
    return TlsMaterial(ca=ca.pem if ca else None, certificate=pair and pair.certificate, key=pair and pair.key)
