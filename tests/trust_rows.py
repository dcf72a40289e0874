"""Publishers and what they prove, as rows: for tests that ask no registry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fleet.models import ImageRegistry, TrustResult, TrustRootVersion
from fleet.proving import in_force, register_registry, register_root
from fleet.proving.results import keep
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.states import State, Step, Verdict
from fleet.trust.terms import Terms
from tests.builders import DIGEST, IMAGE_ID, NOW
from tests.fleet.trust.publishers import new_key, pem

WEB = f"registry.internal/web:1.4@{DIGEST}"


def publisher(name: str = "platform", *scopes: str, now: datetime = NOW, **told: Any) -> TrustRootVersion:
    """A registered one that signs with cosign, and its registry."""
    terms = Terms(kind=Kind.COSIGN, scopes=scopes or ("registry.internal/*",), material=pem(new_key()), **told)
    if not ImageRegistry.objects.exists():
        register_registry("registry.internal", now=now)
    return register_root(name, terms, author=None, author_name="ann", now=now)


def found_out(
    state: State,
    reference: str = WEB,
    image_id: str = IMAGE_ID,
    *,
    root: str = "platform",
    now: datetime = NOW,
    **told: Any,
) -> TrustResult:
    """What looking at it came to under the version of the root that is in force."""
    by = next(one for one in in_force() if one.root.name == root)
    name = parse(reference)
    assert name is not None
    if state is State.VERIFIED:
        told = {"chain": steps(image_id, by.root.name, by.root.version), "digest": DIGEST, "signer": "5" * 64, **told}
    sentence = told.pop("sentence", f"It is {state.value}.")
    return keep(by, name, image_id, Verdict(state=state, sentence=sentence, **told), now)


def steps(image_id: str, root: str, version: int) -> tuple[Step, ...]:
    """As cosign's verifier has them for an image that lies behind an index."""
    return (
        Step("image", image_id, "what the engine says that it runs"),
        Step("manifest", "sha256:" + "4" * 64, "names that configuration"),
        Step("index", DIGEST, "lists that manifest"),
        Step("signature", "tag sha256-99999999999….sig", f"over {DIGEST[:19]}…"),
        Step("key", "5" * 16, "registered, and found good over the signature"),
        Step("root", f"{root}, version {version}", "registered by an admin"),
    )
