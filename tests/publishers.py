"""Publishers and a registry as admins registered them, with one of everything that their pages show."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from fleet.models import TrustDraft, TrustMemory, TrustRoot, TrustTrial
from fleet.models.trust_trial import CANDIDATE, REGISTRY
from fleet.proving import draft_root, edit_root, preview_root, register_registry, register_root
from fleet.trust.keys import PublicKey
from fleet.trust.roots import Kind
from fleet.trust.terms import Server, Terms
from fleet.trust.tuf.memory import Memory, Remembered, Target
from tests.builders import NOW
from tests.fleet.trust.publishers import new_key, pem, public

HOST = "registry.internal"
WEB = f"{HOST}/payments/web"
KEY, OTHER = new_key(), new_key()
COSIGN = Terms(kind=Kind.COSIGN, scopes=(f"{HOST}/*",), material=pem(KEY))
NOTARY = Terms(
    kind=Kind.NOTARY,
    scopes=(f"{HOST}/payments/*",),
    material=pem(KEY),
    server=Server(address="https://notary.internal", private=True),
)


def shown_key(key: PublicKey) -> dict[str, str]:
    """As a candidate that was fetched has it."""
    return {"kind": key.kind, "fingerprint": key.fingerprint, "spki": base64.b64encode(key.spki).decode()}


def publishers(*, trial: UUID | None = None, author: str = "ann", now: datetime = NOW) -> TrustRoot:
    """`payments` of Notary with two versions, what is remembered, a draft and a candidate; `house` of cosign; and
    their registry with a password and a try. `trial` is the key of the draft and the candidate.
    """
    register_root("payments", NOTARY, author=None, author_name=author, now=now)
    more = replace(NOTARY, scopes=(*NOTARY.scopes, f"{HOST}/ledger/web"))
    root = edit_root("payments", more, author=None, author_name=author, now=now).root
    register_root("house", COSIGN, author=None, author_name=author, now=now)
    remember(root, now=now)
    draft = draft_root(
        "payments", replace(more, material=pem(OTHER)), root=root, author=None, author_name=author, now=now
    )
    preview_root(draft.pk, now=now)
    found = candidate(root, now=now)
    register_registry(HOST, private=True, username="robot", password="hunter2", realms=("auth.internal",), now=now)
    steps = [
        ["connection", "ok", "It answers."],
        ["registry", "ok", "It is a registry."],
        ["sign-in", "failed", author],
    ]
    TrustTrial.objects.create(kind=REGISTRY, about=HOST, started_at=now, finished_at=now, ok=False, steps=steps)
    if trial:
        TrustDraft.objects.filter(pk=draft.pk).update(id=trial)
        TrustTrial.objects.filter(pk=found.pk).update(id=trial)
    return root


def remember(root: TrustRoot, repository: str = WEB, *, now: datetime = NOW) -> TrustMemory:
    memory = Memory(
        root=b"{}",
        pins=(public(KEY).fingerprint,),
        roles={"root": Remembered(2, "a" * 64), "targets": Remembered(7, "b" * 64)},
        targets={"1.0": Target(f"sha256:{'c' * 64}", 528, "targets")},
        valid_until=now + timedelta(days=14),
    )
    return TrustMemory.objects.create(root=root, repository=repository, document=memory.to_plain(), changed_at=now)


def candidate(root: TrustRoot | None, *keys: PublicKey, now: datetime = NOW) -> TrustTrial:
    """The server showed a key that is pinned and one that is not, or those that are given."""
    shown = keys or (public(KEY), public(OTHER))
    return TrustTrial.objects.create(
        kind=CANDIDATE,
        root=root,
        about=WEB,
        server={"address": "https://notary.internal", "private": True, "plain": False, "ca": ""},
        started_at=now,
        finished_at=now,
        ok=True,
        steps=[["root", "ok", "It shows version 3 of the root."]],
        found={
            "version": 3,
            "expires": (now + timedelta(days=900)).isoformat(),
            "threshold": 1,
            "keys": [shown_key(one) for one in shown],
        },
    )
