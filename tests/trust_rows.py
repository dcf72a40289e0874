"""Publishers and what they prove, as rows: for tests that ask no registry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fleet.counting import count_all
from fleet.models import ImageRegistry, TrustResult, TrustRootVersion
from fleet.proving import in_force, register_registry, register_root
from fleet.proving.results import keep
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.states import Reason, State, Step, Verdict
from fleet.trust.terms import Terms
from tests.builders import DIGEST, IMAGE_ID, NOW, OWNED, container, image
from tests.fleet.trust.publishers import new_key, pem
from tests.rows import host_row, swept

#: Of which `every_state` has an image besides the verified one and the one that no root speaks for.
EVERY = [state for state in State if state not in {State.NO_POLICY, State.VERIFIED}]
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


def every_state() -> None:
    """An image of every state: `web` is verified, `of-STATE` is that, `waits` was not looked at, redis is nobody's."""
    names = {
        "web": WEB,
        "redis": "redis:7",
        "waits": "registry.internal/waits:1",
        **{state.value: f"registry.internal/of-{state.value}:1" for state in EVERY},
    }
    containers = [
        container(id=f"{number:064x}", name=service, image_reference=reference,
                  labels={**OWNED, "loadline.service": service, "loadline.team": "payments"})
        for number, (service, reference) in enumerate(names.items())
    ]  # fmt: skip
    swept(host_row(team="ops"), *containers, images=(image(),))
    publisher()
    found_out(State.VERIFIED)
    for state in EVERY:
        found_out(state, names[state.value], reason=Reason.ROLLBACK if state is State.INVALID else Reason.NONE)
    count_all(NOW)
