"""Statements about images, as BuildKit, cosign and ORAS lay them beside one in a registry."""

from __future__ import annotations

import json
from typing import Any

from fleet.trust.dsse import pae
from tests.fleet.trust.publishers import (
    INDEX,
    OCI,
    PATH,
    Image,
    MemoryRegistry,
    Private,
    b64,
    cosign_bundle,
    der_signature,
    push_image,
    sha256,
    statement,
)

SPDX = "https://spdx.dev/Document"
SLSA = "https://slsa.dev/provenance/v1"
_IN_TOTO = "application/vnd.in-toto+json"


def built(registry: MemoryRegistry, tag: str, *predicates: str, about: str | None = None) -> Image:
    """`docker buildx build --sbom=true --provenance=true`: one platform, and its statements, in an index."""
    image = push_image(registry, tag)
    body = registry.manifests[PATH, image.digest]
    layers = []
    for kind in predicates:
        blob = statement(image.digest, predicate=kind)
        layers.append(
            {
                "mediaType": _IN_TOTO,
                "digest": registry.push_blob(blob),
                "size": len(blob),
                "annotations": {"in-toto.io/predicate-type": kind},
            }
        )
    config = registry.push_blob(b'{"architecture":"unknown","os":"unknown","config":{}}')
    attestation = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 53},
        "layers": layers,
    }
    holder = registry.push(attestation)
    entries = [
        {
            "mediaType": OCI,
            "digest": image.digest,
            "size": len(body),
            "platform": {"architecture": "amd64", "os": "linux"},
        },
        {
            "mediaType": OCI,
            "digest": holder,
            "size": len(json.dumps(attestation)),
            "annotations": {
                "vnd.docker.reference.digest": about or image.digest,
                "vnd.docker.reference.type": "attestation-manifest",
            },
            "platform": {"architecture": "unknown", "os": "unknown"},
        },
    ]  # fmt: skip
    top = registry.push({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, tag=tag)
    return Image(image.id, top, len(registry.manifests[PATH, top]), image.digest)


def envelope(key: Private, payload: bytes, *, kind: str = _IN_TOTO) -> bytes:
    signed = {"keyid": "", "sig": b64(der_signature(key, pae(kind, payload)))}
    return json.dumps({"payloadType": kind, "payload": b64(payload), "signatures": [signed]}).encode()


def attested(registry: MemoryRegistry, digest: str, *bodies: bytes) -> None:
    """`cosign attest` up to version 2: envelopes under the tag `sha256-….att`."""
    layers = [
        {
            "mediaType": "application/vnd.dsse.envelope.v1+json",
            "digest": registry.push_blob(body),
            "size": len(body),
            "annotations": {"dev.cosignproject.cosign/signature": "", "predicateType": "https://example.org/whatever"},
        }
        for body in bodies
    ]
    document = {"schemaVersion": 2, "mediaType": OCI, "config": {"digest": sha256(b"{}")}, "layers": layers}
    registry.push(document, tag=f"{digest.replace(':', '-')}.att")


def attested_by_bundle(registry: MemoryRegistry, digest: str, key: Private, predicate: str, **told: Any) -> None:
    """`cosign attest` since version 3."""
    cosign_bundle(registry, digest, key, statement(digest, predicate=predicate), **told)


def attached(registry: MemoryRegistry, digest: str, kind: str, *, subject: str | None = None) -> None:
    """`oras attach`, or `cosign attach`: a list of parts as it is, that refers to the image."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "artifactType": kind,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2},
        "layers": [{"mediaType": kind, "digest": registry.push_blob(b"{}"), "size": 2}],
        "subject": {"mediaType": OCI, "digest": subject or digest, "size": 1},
    }
    registry.refer(document, digest)
