"""How a test looks at a real engine through Loadline's own eyes."""

from __future__ import annotations

from datetime import UTC, datetime

from fleet.engines import collect
from fleet.inventory import ContainerFacts, Snapshot
from fleet.transport import Endpoint, EngineClient, TlsMaterial
from tests.engines.harness import RealEngine


def endpoint_of(engine: RealEngine) -> Endpoint:
    """Its TLS address when it has one, else its socket."""
    if engine.certificates is None:
        return Endpoint(engine.url)
    folder = engine.certificates.client
    return Endpoint(
        engine.tls_url,
        TlsMaterial(
            ca=(folder / "ca.pem").read_text(),
            certificate=(folder / "cert.pem").read_text(),
            key=(folder / "key.pem").read_text(),
        ),
    )


def look(engine: RealEngine) -> Snapshot:
    with EngineClient(endpoint_of(engine)) as client:
        return collect(client, now=datetime.now(UTC))


def container(snapshot: Snapshot, name: str) -> ContainerFacts:
    return next(facts for facts in snapshot.containers if facts.name == name)
