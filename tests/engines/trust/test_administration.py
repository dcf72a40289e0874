"""What admins try and fetch, against the real docker-registry and what the real `notary` client published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from fleet.models import TrustTrial
from fleet.proving import (
    Prover,
    begin_candidate,
    begin_registry_trial,
    confirm_candidate,
    confirmed_material,
    register_registry,
    register_root,
    run_trust_trial,
)
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.states import State
from fleet.trust.terms import Server, Terms
from fleet.trust.tuf.chain import role_of
from fleet.trust.tuf.envelope import Document
from tests.engines.trust.lone_registry import lone_registry
from tests.engines.trust.metadata_store import metadata_store
from tests.engines.trust.oracle import NotaryClient
from tests.fleet.trust.publishers import PATH, MemoryRegistry, push_image

pytestmark = pytest.mark.django_db
#: A test vector of bcrypt, as `htpasswd -B` writes one.
PASSWORD, HASHED = "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


def run(trial: TrustTrial) -> TrustTrial:
    run_trust_trial(trial.pk, now=timezone.now())
    trial.refresh_from_db()
    return trial


def tried(host: str, **told: Any) -> dict[str, tuple[str, str]]:
    register_registry(host, plain=True, private=True, now=timezone.now(), **told)
    trial = run(begin_registry_trial(host, by=None, now=timezone.now()))
    return {name: (outcome, sentence) for name, outcome, sentence in trial.steps}


def test_an_open_registry_lets_everybody_in(tmp_path: Path) -> None:
    with lone_registry(tmp_path) as registry:
        steps = tried(registry.host)
        assert {name: outcome for name, (outcome, _) in steps.items()} == {
            "connection": "ok", "registry": "ok", "sign-in": "ok",
        }  # fmt: skip
        assert tried(registry.host, username="robot", password=PASSWORD)["sign-in"][0] == "warning"


def test_a_registry_with_a_password_says_whether_it_takes_ours(tmp_path: Path) -> None:
    passwords = tmp_path / "htpasswd"
    passwords.write_text(f"robot:{HASHED}\n")
    with lone_registry(tmp_path, more=f"auth: {{htpasswd: {{realm: it, path: {passwords}}}}}\n") as registry:
        assert "wants to know who asks" in tried(registry.host)["registry"][1]
        assert tried(registry.host)["sign-in"][0] == "failed"
        assert tried(registry.host, username="robot", password=PASSWORD)["sign-in"] == (
            "ok", "It lets us in as robot.",
        )  # fmt: skip
        outcome, sentence = tried(registry.host, username="robot", password="another")["sign-in"]
        assert (outcome, "another" in sentence, "not the ones it knows" in sentence) == ("failed", False, True)


def test_a_key_that_a_server_shows_verifies_nothing_until_somebody_who_knew_it_registers_it(tmp_path: Path) -> None:
    with lone_registry(tmp_path) as registry, metadata_store() as store:
        gun = f"{registry.host}/{PATH}"
        memory = MemoryRegistry()
        image = push_image(memory, "1.0")
        registry.push(memory)
        client = NotaryClient(store, tmp_path / "client")
        client.do("init", gun)
        client.do("addhash", gun, "1.0", str(image.size), "--sha256", image.digest.removeprefix("sha256:"), "-p")
        register_registry(registry.host, plain=True, private=True, now=timezone.now())
        server = Server(address=store.address, private=True, plain=True)
        trial = run(begin_candidate(gun, server=server, root=None, by=None, now=timezone.now()))
        (pinned,) = role_of(Document.read(store.repository(gun).files["root"], "Root"), "root").keys.values()
        assert [one["fingerprint"] for one in trial.found["keys"]] == [pinned.fingerprint]
        assert state_of(f"{gun}:1.0") is State.NO_POLICY
        confirm_candidate(trial, {pinned.fingerprint: pinned.fingerprint[32:]})
        terms = Terms(kind=Kind.NOTARY, scopes=(gun,), material=confirmed_material(trial), server=server)
        register_root("team", terms, author=None, author_name="ann", now=timezone.now())
        assert state_of(f"{gun}:1.0") is State.VERIFIED


def state_of(image: str) -> State:
    name = parse(image)
    assert name is not None
    with Prover(timezone.now()) as prover:
        return prover.verify_name(name, timezone.now()).verdict.state
