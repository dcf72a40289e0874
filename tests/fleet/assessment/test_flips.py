"""What flips becomes a change with before, after and cause; what flips to and fro stays one and counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory import ContainerFacts
from fleet.models import Change, Finding, Host, Service
from fleet.models.answers import Answers
from fleet.silence import catch_up
from tests.builders import NOW, OWNED, container, host, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
PLAIN_API = "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."


def web(**changes: Any) -> ContainerFacts:
    return container(labels={**OWNED, "loadline.service": "checkout"}, **changes)


def told(**filters: Any) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(**filters).order_by("kind", "rule")
    return [(row.rule or "verdict", row.before, row.after) for row in rows]


def test_the_first_judgement_is_no_news() -> None:
    swept(host_row(), web(privileged=True))
    assert not Change.objects.exists()


def test_a_service_that_gets_worse_is_told_of_with_the_finding_that_did_it() -> None:
    machine = swept(host_row(), web())
    swept(machine, web(privileged=True), now=LATER)
    rows = told(service__name="checkout")
    assert ("verdict", "ready", "not-ready") in rows
    assert ("privileged-container", "pass", "fail") in rows
    change = Change.objects.get(rule="privileged-container")
    assert (change.better, change.severity, change.at, change.flips) == (False, "critical", LATER, 1)
    assert "web" in change.cause


def test_what_changed_by_a_deployment_names_the_container_that_came() -> None:
    machine = swept(host_row(), web())
    swept(machine, web(id="b" * 64, name="web-2", memory=0), now=LATER)
    assert "web-2" in Change.objects.get(rule="no-memory-limit").cause


def test_a_change_of_the_engine_is_a_change_of_the_host_and_of_what_runs_on_it() -> None:
    machine = swept(host_row(), web())
    swept(machine, seen=snapshot(web(), host=host(warnings=(PLAIN_API,))), now=LATER)
    assert ("engine-api-without-tls", "pass", "fail") in told(host=machine)
    assert ("verdict", "ready", "not-ready") in told(service__name="checkout")


def test_a_sweep_that_changes_nothing_tells_of_nothing() -> None:
    machine = swept(host_row(), web(privileged=True))
    swept(machine, web(privileged=True), now=LATER)
    assert not Change.objects.exists()


def test_flapping_is_one_change_that_counts_and_keeps_each_flip() -> None:
    machine = swept(host_row(), web())
    for number in range(1, 5):
        swept(machine, web(memory=0 if number % 2 else 1 << 29), now=LATER + number * MINUTE)
    change = Change.objects.get(rule="no-memory-limit")
    assert (change.flips, change.flapping, len(change.history)) == (4, True, 4)
    assert (change.before, change.after, change.better) == ("pass", "pass", None)
    assert (change.first_at, change.at) == (LATER + MINUTE, LATER + 4 * MINUTE)
    assert [entry[1:3] for entry in change.history[:2]] == [["pass", "fail"], ["fail", "pass"]]


def test_the_same_flip_a_day_later_is_a_change_of_its_own() -> None:
    machine = swept(host_row(), web())
    swept(machine, web(memory=0), now=LATER)
    swept(machine, web(), now=LATER + timedelta(hours=25))
    changes = Change.objects.filter(rule="no-memory-limit").order_by("at")
    assert [(row.before, row.after, row.better) for row in changes] == [("pass", "fail", False), ("fail", "pass", True)]


def test_a_finding_keeps_when_it_was_first_seen_until_its_status_turns() -> None:
    machine = swept(host_row(), web(memory=0))
    swept(machine, web(memory=0), now=LATER)
    finding = Finding.objects.get(rule="no-memory-limit")
    assert (finding.first_seen, finding.host and finding.host.answered_at) == (NOW, LATER)
    swept(machine, web(), now=LATER + MINUTE)
    assert Answers().get(rule="no-memory-limit").first_seen == LATER + MINUTE


def test_a_host_that_falls_silent_and_comes_back_is_told_of_once_each() -> None:
    machine = swept(host_row(), web())
    silent = NOW + timedelta(hours=1)
    assert catch_up(silent).silent == 1
    assert catch_up(silent + MINUTE).silent == 0
    assert ("verdict", "ready", "unknown") in told(service__name="checkout")
    assert ("verdict", "ready", "unknown") in told(host=machine)
    assert "No answer of prod-01 since 12:00 UTC" in Change.objects.get(host=machine).cause
    back = silent + timedelta(hours=24)
    swept(machine, web(), now=back)
    assert catch_up(back + MINUTE).back == 1
    verdicts = Change.objects.filter(service__name="checkout", kind="verdict").order_by("at")
    assert [(row.before, row.after) for row in verdicts] == [("ready", "unknown"), ("unknown", "ready")]
    assert Service.objects.get().verdict == "ready"


def test_what_was_unknown_anyway_is_no_change_when_its_host_falls_silent() -> None:
    swept(host_row(), web(privileged=None))
    catch_up(NOW + timedelta(hours=1))
    assert not Change.objects.filter(service__name="checkout", kind="verdict").exists()


def test_a_service_on_two_hosts_turns_unknown_with_the_first_and_is_known_again_with_the_last() -> None:
    first, second = host_row("a"), host_row("b")
    for machine in (first, second):
        swept(machine, web(), now=NOW)
    silent = NOW + timedelta(hours=1)
    swept(second, web(), now=silent - timedelta(minutes=59))
    Host.objects.filter(pk=second.pk).update(answered_at=silent)
    catch_up(silent)
    swept(second, web(), now=silent + MINUTE)
    catch_up(silent + timedelta(hours=1))
    back = silent + timedelta(hours=1, minutes=1)
    swept(second, web(), now=back)
    catch_up(back)
    change = Change.objects.get(service__name="checkout", kind="verdict")
    assert (change.before, change.after, change.flips) == ("ready", "unknown", 1)
    swept(first, web(), now=back + MINUTE)
    swept(second, web(), now=back + MINUTE)
    catch_up(back + MINUTE)
    change.refresh_from_db()
    assert (change.after, change.flips) == ("ready", 2)


def test_many_that_fall_silent_at_once_and_come_back_cost_as_many_statements_as_one() -> None:
    spent = {}
    for at, number in ((NOW, 1), (NOW + timedelta(days=2), 12)):
        machines = [host_row(f"{number}-{place}") for place in range(number)]
        names = {one.pk: {**OWNED, "loadline.service": f"of-{one.name}"} for one in machines}
        for one in machines:
            swept(one, container(id=f"{one.pk:064x}", labels=names[one.pk]), now=at)
        with CaptureQueriesContext(connection) as silenced:
            assert catch_up(at + timedelta(hours=1)).silent == number
        for one in machines:
            swept(one, container(id=f"{one.pk:064x}", labels=names[one.pk]), now=at + timedelta(hours=2))
        with CaptureQueriesContext(connection) as revived:
            assert catch_up(at + timedelta(hours=2)).back == number
        spent[number] = (len(silenced), len(revived))
        changes = Change.objects.filter(service__name__startswith=f"of-{number}-")
        assert {(row.before, row.after, row.flips) for row in changes} == {("ready", "ready", 2)}
        assert changes.count() == number
        Host.objects.filter(pk__in=names).update(enabled=False)
    assert all(many <= few for few, many in zip(spent[1], spent[12], strict=True))
