"""Forgetting what was seen of a repository: on purpose, with a reason, and never silently."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from msgspec.structs import replace

from fleet.models import TrustMemory, TrustResult
from fleet.proving import ProvingError, forget_memory, register_root
from fleet.proving.keeping import held, store
from fleet.trust.states import Reason, State
from tests.fleet.proving.scene import scene, with_notary
from tests.fleet.trust.publishers import NOW
from tests.publishers import NOTARY, WEB, remember

pytestmark = pytest.mark.django_db


def test_what_went_and_why_stands_in_the_audit_trail() -> None:
    root = register_root("payments", NOTARY, author=None, author_name="ann", now=NOW).root
    remember(root)
    remember(root, f"{WEB}-other")
    went = forget_memory("payments", WEB, reason="They lost\n their key; Ann called.", now=NOW)
    assert went == "root 2, targets 7; 1 tag"
    assert [one.repository for one in TrustMemory.objects.all()] == [f"{WEB}-other"]
    line = LogEntry.objects.get_for_object(root).first()
    assert line is not None
    assert line.changes == {f"memory of {WEB}": [went, "forgotten: They lost their key; Ann called."]}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "-----BEGIN PRIVATE KEY-----", "a\x00b"])
def test_without_a_reason_nothing_is_forgotten(reason: str) -> None:
    root = register_root("payments", NOTARY, author=None, author_name="ann", now=NOW).root
    remember(root)
    with pytest.raises(ProvingError) as refused:
        forget_memory("payments", WEB, reason=reason, now=NOW)
    assert refused.value.field == "reason"
    assert TrustMemory.objects.exists()


def test_what_is_not_remembered_cannot_be_forgotten() -> None:
    register_root("payments", NOTARY, author=None, author_name="ann", now=NOW)
    for root, repository in (("payments", WEB), ("nobody", WEB)):
        with pytest.raises(ProvingError):
            forget_memory(root, repository, reason="why", now=NOW)


def test_a_rollback_is_an_alarm_until_it_is_forgotten_and_then_what_is_shown_counts() -> None:
    """What the page says that one gives up."""
    with scene() as made:
        made.registered()
        with_notary(made)
        made.root(terms=made.notary_terms())
        assert made.notary is not None
        before = dict(made.notary.files)
        made.notary.version = 2
        made.notary.publish(root=False)
        assert made.verify().verdict.state is State.VERIFIED
        made.notary.files = before  # the older set, still within its time
        later = NOW + timedelta(hours=2)
        verdict = made.verify(now=later).verdict
        assert (verdict.state, verdict.reason) == (State.INVALID, Reason.ROLLBACK)
        forget_memory("team", made.repository, reason="begun anew", now=later)
        assert {row.due_at for row in TrustResult.objects.all()} == {later}
        assert made.verify(now=later).verdict.state is State.VERIFIED


def test_somebody_who_was_reading_meanwhile_brings_nothing_back() -> None:
    """They may store only on top of what they read, and that is gone."""
    root = register_root("payments", replace(NOTARY), author=None, author_name="ann", now=NOW).root
    remember(root)
    read = held(root.pk, WEB)
    forget_memory("payments", WEB, reason="begun anew", now=NOW)
    assert read.memory is not None
    assert not store(root.pk, WEB, read.memory, after=read, now=NOW)
    assert held(root.pk, WEB).memory is None
