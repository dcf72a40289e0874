"""What a run asks, of whom, what it finds out, and what is kept of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.models import TrustContent, TrustMemory, TrustResult
from fleet.proving import Prover, Shown, edit_root, enable_root, in_force, register_registry, remove_registry, shown
from fleet.proving.keeping import Held, held, store
from fleet.trust.ageing import SKEW
from fleet.trust.names import parse
from fleet.trust.roots import Kind
from fleet.trust.states import Reason, State
from fleet.trust.subject import subject_of
from tests.fleet.proving.scene import Scene, scene, with_notary
from tests.fleet.trust.publishers import NOW, PATH, cosign_bundle, new_key, pem, statement
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, Sigstore, list_by_tag, refer_bundle

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> Iterator[Scene]:
    with scene() as one:
        one.sign()
        yield one


@pytest.fixture
def ready(made: Scene) -> Scene:
    """With its registry and its publisher registered."""
    made.registered()
    made.root()
    return made


def said(made: Scene, now: datetime = NOW) -> Shown:
    return shown(parse(f"{made.repository}:1.0"), made.image.id, in_force(), now)


def test_what_its_publisher_signed_is_verified_and_kept_with_its_chain(ready: Scene) -> None:
    proof = ready.verify()
    assert (proof.verdict.state, proof.root) == (State.VERIFIED, "team")
    row = TrustResult.objects.get()
    assert (row.state, row.repository, row.tag, row.image_id) == ("verified", ready.repository, "1.0", ready.image.id)
    assert row.verified_before == [ready.image.digest]
    assert [step[0] for step in row.chain] == ["image", "manifest", "signature", "key", "root"]
    assert said(ready).state is State.VERIFIED


def test_nobody_is_asked_about_a_name_without_a_root(made: Scene) -> None:
    made.registered()
    assert made.verify().verdict.state is State.NO_POLICY
    assert made.asked == []
    assert not TrustResult.objects.exists()


def test_nobody_is_asked_about_a_registry_that_nobody_registered(made: Scene) -> None:
    made.root()
    verdict = made.verify().verdict
    assert verdict.state is State.UNREACHABLE
    assert "is not registered" in verdict.sentence
    assert made.asked == []


def test_nobody_is_asked_about_what_was_started_by_an_id_or_under_a_root_that_is_off(ready: Scene) -> None:
    by_id = subject_of(reference=ready.image.id, image_id=ready.image.id)
    assert ready.verify(by_id).verdict.state is State.NO_POLICY
    enable_root("team", enabled=False)
    assert ready.verify().verdict.state is State.NO_POLICY
    assert ready.asked == []


def test_an_unsigned_and_a_foreign_signature_are_not_verified(ready: Scene) -> None:
    ready.take_signature_away()
    assert ready.verify().verdict.state is State.UNSIGNED
    ready.sign(key=new_key())
    assert ready.verify().verdict.state is State.UNKNOWN_PUBLISHER


def test_a_signature_that_is_not_there_any_more_is_withheld(ready: Scene) -> None:
    ready.verify()
    ready.take_signature_away()
    verdict = ready.verify(now=NOW + HOUR).verdict
    assert (verdict.state, verdict.reason) == (State.INVALID, Reason.WITHHELD)
    assert said(ready).state is State.INVALID


def test_the_root_that_fits_closest_speaks_and_of_several_the_best_counts(ready: Scene) -> None:
    other = ready.terms(material=pem(new_key()))
    ready.root("other", other)
    proof = ready.verify()
    assert (proof.verdict.state, proof.root) == (State.VERIFIED, "team")
    ready.root("closer", ready.terms(material=pem(new_key()), scopes=(f"{ready.host}/{PATH}",)))
    proof = ready.verify()
    assert (proof.verdict.state, proof.root) == (State.UNKNOWN_PUBLISHER, "closer")
    assert said(ready).root == "closer"


def test_what_was_found_out_under_an_older_version_is_not_said_any_more(ready: Scene) -> None:
    with Prover(NOW) as prover:  # the root is edited while the task runs
        edit_root("team", ready.terms(material=pem(new_key())), author=None, author_name="ann", now=NOW)
        assert prover.verify(ready.running(), NOW).verdict.good
    assert TrustResult.objects.get().state == "verified"
    assert (said(ready).state, said(ready).result) == (State.UNREACHABLE, None)
    ready.verify()
    assert said(ready).state is State.UNKNOWN_PUBLISHER


def test_a_registry_that_is_away_leaves_what_was_known_with_its_date_until_it_is_too_old(ready: Scene) -> None:
    ready.verify()
    ready.broken = True
    assert ready.verify(now=NOW + HOUR).verdict.state is State.UNREACHABLE
    row = TrustResult.objects.get()
    assert (row.state, row.checked_at, row.failures) == ("verified", NOW, 1)
    assert "503" in row.obstacle
    known = said(ready, NOW + HOUR)
    assert (known.state, known.fresh) == (State.VERIFIED, False)
    later = said(ready, NOW + 48 * HOUR)
    assert later.state is State.UNREACHABLE
    assert "was verified" in later.sentence
    ready.broken = False
    ready.verify(now=NOW + 2 * HOUR)
    assert (said(ready, NOW + 2 * HOUR).fresh, TrustResult.objects.get().failures) == (True, 0)


def test_each_try_that_comes_to_nothing_waits_longer(ready: Scene) -> None:
    ready.broken = True
    waits = []
    for _ in range(4):
        ready.verify()
        waits.append(TrustResult.objects.get().due_at - NOW)
    assert waits == sorted(waits)
    assert waits[3] > 7 * waits[0]
    register_registry(ready.host, plain=True, private=True, now=NOW)
    assert TrustResult.objects.get().due_at == NOW


def test_a_removed_registry_is_asked_nothing(ready: Scene) -> None:
    remove_registry(ready.host)
    assert ready.verify().verdict.state is State.UNREACHABLE
    assert ready.asked == []


def test_what_a_digest_stands_for_is_read_once(ready: Scene) -> None:
    ready.verify()
    before = len(ready.asked)
    ready.verify()
    again = ready.asked[before:]
    assert f"/v2/{PATH}/manifests/{ready.image.digest}" not in again
    assert not any("/blobs/" in path for path in again)
    assert TrustContent.objects.filter(pk=ready.image.digest).exists()


def test_the_signed_tags_of_a_repository_are_read_once_in_a_run_and_cost_one_request_when_nothing_changed(
    made: Scene,
) -> None:
    with_notary(made)
    made.registered()
    made.root(terms=made.notary_terms())
    assert made.verify().verdict.good
    row = TrustMemory.objects.get()
    assert (row.repository, row.revision) == (made.repository, 1)
    before = len(made.asked)
    with Prover(NOW + HOUR) as prover:
        for _ in range(3):
            assert prover.verify(made.running(), NOW + HOUR).verdict.good
    assert made.asked[before:] == [f"/v2/{made.repository}/_trust/tuf/timestamp.json"]
    assert TrustMemory.objects.get().revision == 1


def test_an_older_set_of_metadata_is_a_rollback_in_a_later_run_and_under_a_new_version(made: Scene) -> None:
    with_notary(made)
    made.registered()
    made.root(terms=made.notary_terms())
    assert made.notary is not None
    old = dict(made.notary.files)
    made.notary.version = 2
    made.notary.publish()
    assert made.verify().verdict.good
    made.notary.files = old
    assert made.verify().verdict.reason is Reason.ROLLBACK
    terms = made.notary_terms(scopes=(f"{made.repository}",))
    edit_root("team", terms, author=None, author_name="ann", now=NOW)
    assert made.verify().verdict.reason is Reason.ROLLBACK


def test_a_tag_that_is_signed_for_a_newer_image_says_that_the_older_one_was_verified(made: Scene) -> None:
    with_notary(made)
    made.registered()
    made.root(terms=made.notary_terms())
    assert made.verify().verdict.good
    newer = made.push("1.0", content="newer")
    assert made.notary is not None
    made.notary.targets, made.notary.version = {"1.0": (newer.digest, newer.size)}, 2
    made.notary.publish()
    assert made.verify().verdict.state is State.SUPERSEDED
    assert said(made).state is State.SUPERSEDED


def test_what_is_remembered_is_stored_only_on_top_of_what_it_was_proven_from(made: Scene) -> None:
    with_notary(made)
    made.registered()
    version = made.root(terms=made.notary_terms())
    made.verify()
    now = held(version.root_id, made.repository)
    assert now.memory is not None
    assert not store(version.root_id, made.repository, now.memory, after=Held(None, 0), now=NOW)
    assert store(version.root_id, made.repository, now.memory, after=now, now=NOW)
    assert not store(version.root_id, made.repository, now.memory, after=now, now=NOW)
    assert held(version.root_id, made.repository) == Held(now.memory, 2)


def sign_without_key(made: Scene) -> None:
    """With its Sigstore and its registry registered."""
    made.registered()
    sigstore = Sigstore()
    who = ((ISSUER, IDENTITY),)
    made.root(terms=made.terms(kind=Kind.COSIGN_KEYLESS, material=sigstore.pinned(), identities=who))
    refer_bundle(made.registry, made.image.digest, sigstore.sign(statement(made.image.digest)))
    list_by_tag(made.registry, made.image.digest)


def test_without_a_key_it_costs_little_and_nothing_but_the_list_of_tags_is_asked_again(made: Scene) -> None:
    sign_without_key(made)
    assert made.verify().verdict.good
    # The manifest; what refers to it, which this registry tells by a tag alone; and the bundle in its manifest.
    referring = [f"referrers/{made.image.digest}", "tags/list", f"manifests/{made.image.digest.replace(':', '-')}"]
    asked = [path.removeprefix(f"/v2/{PATH}/") for path in made.asked]
    assert [one.partition("?")[0] for one in asked[1:4]] == referring
    assert len(asked) == 6
    with Prover(NOW + HOUR) as prover:
        assert prover.verify(made.running(), NOW + HOUR, again=True).verdict.good
    assert [path.partition("?")[0] for path in made.asked[6:]] == [f"/v2/{PATH}/tags/list"]
    row = TrustResult.objects.get()
    assert (row.state, row.signer, row.valid_until) == ("verified", f"{IDENTITY}, by {ISSUER}", None)


@pytest.mark.parametrize(("others", "again"), [(False, ["sha256-HEX.sig", "HEX"]), (True, ["HEX"])])
def test_what_a_registry_keeps_behind_its_endpoint_costs_a_request_for_each_image(
    made: Scene, others: bool, again: list[str]
) -> None:
    """As there is no list of it for a repository. Where the list of tags shows other signatures, one; else two, as the
    tag of the older form is asked for as well.
    """
    made.take_signature_away()
    made.refers = True
    made.registered()
    made.root()
    cosign_bundle(made.registry, made.image.digest, made.key, statement(made.image.digest))
    if others:
        made.sign(made.push("2.0"))
    assert made.verify().verdict.good
    before = len(made.asked)
    with Prover(NOW + HOUR) as prover:
        assert prover.verify(made.running(), NOW + HOUR, again=True).verdict.good
    asked = [path.rpartition("/")[2].partition("?")[0] for path in made.asked[before:]]
    assert [one.replace(made.image.digest[7:], "HEX").removeprefix("sha256:") for one in asked] == ["list", *again]


def test_what_could_not_be_verified_for_want_of_the_package_is_once_it_is_there(
    made: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_without_key(made)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "sigstore", None)
        assert made.verify().verdict.state is State.UNSUPPORTED
    row = TrustResult.objects.get()
    assert "requirements-keyless.txt" in row.sentence
    assert row.due_at <= NOW + HOUR
    assert made.verify(now=NOW + HOUR).verdict.good


def test_a_mistake_in_a_verifier_is_no_verdict(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("mistake")

    monkeypatch.setattr("fleet.proving.prover.before", fails)
    assert ready.verify().verdict.state is State.UNREACHABLE


def test_what_strangers_wrote_is_stored_whatever_is_in_it(made: Scene) -> None:
    """PostgreSQL takes no NUL, and nobody takes half a pair of surrogates."""
    with_notary(made)
    made.registered()
    made.root(terms=made.notary_terms())
    assert made.notary is not None
    made.notary.targets = {"1.0\x00": (made.image.digest, made.image.size)}
    made.notary.version = 2
    made.notary.publish()
    assert made.verify().verdict.state is State.OTHER_TAG
    row = TrustResult.objects.get()
    assert row.sentence == "The publisher signed this image as 1.0, not as 1.0, by which it runs."
    assert TrustMemory.objects.get().document["targets"] == {}


def test_a_state_began_when_it_was_first_found_out_however_often_it_was_looked_at_since(ready: Scene) -> None:
    def times() -> tuple[datetime | None, datetime]:
        row = TrustResult.objects.get()
        return row.since, row.checked_at

    ready.verify()
    ready.verify(now=NOW + HOUR)
    assert times() == (NOW, NOW + HOUR)
    ready.broken = True
    ready.verify(now=NOW + 2 * HOUR)
    assert times() == (NOW, NOW + HOUR)
    ready.broken = False
    ready.take_signature_away()
    ready.verify(now=NOW + 3 * HOUR)
    assert times() == (NOW + 3 * HOUR, NOW + 3 * HOUR)


def test_a_state_of_before_that_was_kept_began_when_it_was_last_found_out(ready: Scene) -> None:
    ready.verify()
    TrustResult.objects.update(since=None)
    ready.verify(now=NOW + HOUR)
    assert TrustResult.objects.get().since == NOW


def test_what_a_wrong_clock_dated_becomes_no_verdict_when_that_day_comes(ready: Scene) -> None:
    ahead = NOW + 100 * HOUR
    ready.verify(now=ahead)
    assert said(ready, ahead).state is State.VERIFIED
    now = said(ready)
    assert (now.state, now.until) == (State.UNREACHABLE, ahead - SKEW)
    ready.broken = True
    ready.verify()
    assert said(ready, ahead).state is State.UNREACHABLE
    ready.broken = False
    ready.verify()
    assert said(ready).state is State.VERIFIED
    assert TrustResult.objects.get().since == NOW


def test_a_verdict_that_only_stood_does_not_undo_what_somebody_else_found_meanwhile(ready: Scene) -> None:
    """The list of tags is asked for, and before it is there another worker finds the image forged."""
    ready.verify()
    with Prover(NOW + HOUR) as slow:
        standing = slow._standing

        def meanwhile(*asked: Any) -> Any:
            row = standing(*asked)
            ready.sign(key=new_key())
            assert ready.verify(now=NOW + HOUR).verdict.state is State.UNKNOWN_PUBLISHER
            return row

        slow._standing = meanwhile  # type: ignore[method-assign]
        slow.verify(ready.running(), NOW + HOUR, again=True)
    row = TrustResult.objects.get()
    assert (row.state, row.untold) == ("unknown-publisher", True)
