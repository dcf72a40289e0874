"""Questions that a page waits for: whether a registry can be read, and which root keys a server shows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from fleet.models import TrustTrial
from fleet.proving import (
    ProvingError,
    begin_candidate,
    begin_registry_trial,
    confirm_candidate,
    confirmed_material,
    register_registry,
    register_root,
    run_trust_trial,
)
from fleet.trust.terms import Server
from tests.fleet.proving.scene import Scene, scene, with_notary
from tests.fleet.trust.publishers import NOW, new_key, pem, public
from tests.publishers import COSIGN, KEY, NOTARY, OTHER, WEB, candidate

pytestmark = pytest.mark.django_db


def run(trial: TrustTrial) -> TrustTrial:
    run_trust_trial(trial.pk, now=NOW)
    trial.refresh_from_db()
    return trial


def fetched(made: Scene) -> TrustTrial:
    server = Server(address=f"http://{made.host}", private=True, plain=True)
    return run(begin_candidate(made.repository, server=server, root=None, by=None, now=NOW))


def test_a_registry_is_tried_as_it_is_registered() -> None:
    with scene() as made:
        made.registered()
        trial = run(begin_registry_trial(made.host, by=None, now=NOW))
        assert trial.finished_at == NOW
        assert not trial.ok  # it has images, and no /v2/ of its own
        assert trial.steps[0][:2] == ["connection", "ok"]
        assert made.asked == ["/v2/"]


def test_a_registry_that_nobody_registered_is_not_tried() -> None:
    with pytest.raises(ProvingError, match="no registry"):
        begin_registry_trial("registry.internal", by=None, now=NOW)
    with scene() as made:
        trial = TrustTrial.objects.create(kind="registry", about=made.host, started_at=NOW)
        assert run(trial).steps == [["registry", "failed", "It is not registered any more."]]
        assert made.asked == []


def test_a_password_that_no_key_opens_is_told(settings: Any) -> None:
    register_registry("registry.internal", username="robot", password="hunter2", now=NOW)
    settings.LOADLINE_SEALING_KEYS = [Fernet.generate_key().decode()]
    (step,) = run(begin_registry_trial("registry.internal", by=None, now=NOW)).steps
    assert "no longer holds" in step[2]


def test_the_keys_that_a_server_shows_are_found_and_none_is_registered() -> None:
    with scene() as made:
        with_notary(made)
        assert made.notary is not None
        trial = fetched(made)
        (key,) = trial.found["keys"]
        assert key["fingerprint"] == public(made.notary.root_keys[0]).fingerprint
        assert (trial.ok, trial.confirmed, confirmed_material(trial)) == (True, [], "")
        assert len(made.asked) == 1


def test_a_repository_without_metadata_and_a_server_that_lies_are_said_in_words() -> None:
    with scene() as made:
        assert "no signed metadata" in fetched(made).steps[0][2]
        with_notary(made)
        assert made.notary is not None
        made.notary.files["root"] = b"{}"
        trial = fetched(made)
        assert (trial.ok, trial.found) == (False, {})
        assert "no root that one could use" in trial.steps[0][2]
        made.broken = True
        assert "503" in fetched(made).steps[0][2]


def test_of_a_root_its_own_server_is_asked_and_only_about_what_it_speaks_for() -> None:
    root = register_root("payments", NOTARY, author=None, author_name="ann", now=NOW).root
    elsewhere = Server(address="https://evil.example")
    trial = begin_candidate(WEB, server=elsewhere, root=root, by=None, now=NOW)
    assert trial.server["address"] == "https://notary.internal"
    with pytest.raises(ProvingError, match="does not speak for"):
        begin_candidate("registry.internal/other/web", server=None, root=root, by=None, now=NOW)
    cosign = register_root("house", COSIGN, author=None, author_name="ann", now=NOW).root
    with pytest.raises(ProvingError, match="no root of Notary"):
        begin_candidate(WEB, server=None, root=cosign, by=None, now=NOW)


@pytest.mark.parametrize(
    ("repository", "server", "field"),
    [
        (WEB, None, "server"),
        (WEB, Server(address="http://notary.internal"), "server"),
        (WEB, Server(address="https://notary.internal/x"), "server"),
        (WEB, Server(address="https://notary.internal", ca="nothing"), "server_ca"),
        ("web", Server(address="https://notary.internal"), "repository"),
        ("registry.internal/*", Server(address="https://notary.internal"), "repository"),
        ("registry.internal/../x", Server(address="https://notary.internal"), "repository"),
        ("registry.internal/web\n", Server(address="https://notary.internal"), "repository"),
        ("", Server(address="https://notary.internal"), "repository"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anybody_is(repository: str, server: Server | None, field: str) -> None:
    with pytest.raises(ProvingError) as refused:
        begin_candidate(repository, server=server, root=None, by=None, now=NOW)
    assert refused.value.field == field
    assert not TrustTrial.objects.exists()


def test_a_key_is_taken_over_by_the_fingerprint_that_the_publisher_told() -> None:
    for said in (public(OTHER).fingerprint, public(OTHER).fingerprint[32:]):
        trial = candidate(None, public(OTHER))
        assert confirm_candidate(trial, {public(OTHER).fingerprint: said}) == (public(OTHER).fingerprint,)
        assert confirmed_material(trial) == pem(OTHER)


def test_a_key_whose_fingerprint_is_another_stays_a_candidate() -> None:
    trial = candidate(None, public(OTHER))
    with pytest.raises(ProvingError, match="do not take it over") as refused:
        confirm_candidate(trial, {public(OTHER).fingerprint: public(KEY).fingerprint})
    assert refused.value.field == public(OTHER).fingerprint
    for said, why in (("", "at least one"), (public(OTHER).fingerprint[:32], "do not take"), ("yes", "sixteen")):
        with pytest.raises(ProvingError, match=why):
            confirm_candidate(trial, {public(OTHER).fingerprint: said})
    trial.refresh_from_db()
    assert (trial.confirmed, confirmed_material(trial)) == ([], "")


def test_a_key_that_the_server_did_not_show_cannot_be_confirmed() -> None:
    trial = candidate(None, public(OTHER))
    with pytest.raises(ProvingError, match="no such key"):
        confirm_candidate(trial, {public(KEY).fingerprint: public(KEY).fingerprint})


def test_of_several_keys_only_those_that_are_known_are_taken_over_beside_those_that_are_pinned() -> None:
    root = register_root("payments", NOTARY, author=None, author_name="ann", now=NOW).root
    third = new_key()
    trial = candidate(root, public(KEY), public(OTHER), public(third))
    confirm_candidate(trial, {public(third).fingerprint: public(third).fingerprint, public(OTHER).fingerprint: " "})
    assert confirmed_material(trial) == pem(KEY) + pem(third)


def test_a_trial_that_was_forgotten_meanwhile_is_no_error() -> None:
    run_trust_trial(uuid4(), now=NOW)
