"""A root certificate of a swarm that ends when a test wants it to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.engines.harness import RealEngine
from tests.engines.looking import look


def renew_root(engine: RealEngine, folder: Path, *, lasting: timedelta) -> None:
    """Give the swarm a root certificate that is good for so long, and wait until it has taken it.

    The engine refuses one that ends within 365 days.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lasting)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, plainly = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "ca.pem").write_bytes(certificate.public_bytes(encoding))
    (folder / "ca.key").write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plainly)
    )
    engine.docker(
        *("swarm", "ca", "--rotate", "--detach"), "--ca-cert", f"{folder}/ca.pem", "--ca-key", f"{folder}/ca.key"
    )
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        swarm = look(engine).host.swarm
        ends = swarm.root_certificate_expires if swarm and not swarm.root_rotation_in_progress else None
        if ends and ends < now + lasting + timedelta(days=1):
            return
        time.sleep(0.2)
    raise TimeoutError("the swarm did not take its new root certificate")
