"""The audit of waivers: each once, why it covers nothing any more, and at a cost that does not grow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.governance.auditing import Uncovered, announce, audit, uncovered_by
from fleet.governance.waivers import approve, request, target_of
from fleet.inventory import ContainerFacts
from fleet.models import Finding, Waiver
from tests.builders import NOW, OWNED, container, volume, volume_mount
from tests.fleet.governance.test_waivers import ANNA, ASK, BERT, LATER, raise_to, waived, web
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

AFTER = LATER + timedelta(minutes=1)


def test_an_audit_holds_each_waiver_once() -> None:
    machine = swept(host_row(), web(memory=0, cap_add=("SYS_ADMIN",)))
    ends = {"no-memory-limit": 7, "dangerous-capability": 30}
    for rule, days in ends.items():
        waived(rule, BERT, ask=replace(ASK, until=(NOW + timedelta(days=days)).date()))
    swept(machine, web(memory=0, cap_add=("SYS_ADMIN",)), now=LATER)
    found = audit(LATER)
    assert [waiver.rule for waiver in found.expiring] == ["no-memory-limit"]
    assert [waiver.rule for waiver in found.in_use] == ["dangerous-capability"]
    assert [waiver.rule for waiver in announce(LATER)] == ["no-memory-limit"]
    swept(machine, web(), now=LATER + timedelta(minutes=1))
    found = audit(LATER)
    assert {waiver.rule for waiver in found.unused} == set(ends)
    assert not announce(LATER)


def test_what_has_become_graver_is_listed_apart_with_the_severity_of_now() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    raise_to("critical")
    swept(machine, web(memory=0), now=LATER)
    found = audit(LATER)
    assert [waiver.pk for waiver in found.outgrown] == [made.pk]
    assert uncovered_by(made) == Uncovered(graver=1, severity="critical")


def test_one_value_of_two_that_changed_is_told_beside_what_it_still_covers() -> None:
    replicas = [web(id=f"{n:064x}", name=f"checkout-{n}", cap_add=("SYS_ADMIN",)) for n in range(2)]
    machine = swept(host_row(environment="staging"), *replicas)
    made = waived("dangerous-capability", BERT, ask=replace(ASK, until=(NOW + timedelta(days=30)).date()))
    swept(machine, replicas[0], replace(replicas[1], cap_add=("SYS_MODULE",)), now=LATER)
    found = audit(LATER)
    assert [waiver.pk for waiver in found.in_use] == [made.pk]
    assert (found.covered[made.pk], uncovered_by(made)) == (1, Uncovered(other_values=1))


def test_before_the_next_sweep_it_is_neither_lapsed_nor_unused() -> None:
    swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    found = audit(NOW)
    assert [waiver.pk for waiver in found.coming] == [made.pk]
    assert uncovered_by(made).coming == 1


def test_what_fails_elsewhere_is_not_its_business() -> None:
    machine = swept(host_row(), web(memory=0))
    swept(host_row("stage-01", environment="staging"), web(memory=0))
    made = waived("no-memory-limit", BERT)
    swept(machine, web(), now=LATER)
    assert [waiver.pk for waiver in audit(LATER).unused] == [made.pk]


def test_a_volume_of_the_same_name_on_another_host_is_another_one() -> None:
    for name in ("a", "b"):
        bound = volume(name="data", options={"type": "none", "o": "bind", "device": "/srv/data"})
        swept(host_row(name), web(mounts=(volume_mount("data"),)), volumes=(bound,))
    finding = Finding.objects.failing().filter(subject_kind="volume", host__name="a").earliest("pk")
    made = approve(request(target_of(finding), ASK, person=ANNA, now=NOW), person=BERT, now=NOW)
    assert uncovered_by(made) == Uncovered(coming=1)


def test_its_cost_does_not_grow_with_the_waivers() -> None:
    def cost(number: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert len(audit(LATER).coming) == number
        return len(asked)

    def thing(number: int) -> ContainerFacts:
        labels = {**OWNED, "loadline.service": f"s{number}"}
        return container(id=f"{number:064x}", name=f"s{number}", labels=labels, memory=0)

    swept(host_row(), *(thing(number) for number in range(12)))
    rows = list(Finding.objects.with_subjects().failing().filter(rule="no-memory-limit"))
    for finding in rows[:1]:
        approve(request(target_of(finding), ASK, person=ANNA, now=NOW), person=BERT, now=NOW)
    one = cost(1)
    for finding in rows[1:]:
        approve(request(target_of(finding), ASK, person=ANNA, now=NOW), person=BERT, now=NOW)
    assert (cost(12), Waiver.objects.count()) == (one, 12)
