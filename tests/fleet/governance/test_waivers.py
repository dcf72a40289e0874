"""Waivers: who may ask and approve, for how long, for what value, and what an audit finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from fleet.governance.auditing import audit
from fleet.governance.policy import adopt, draft
from fleet.governance.waivers import (
    Ask,
    Person,
    WaiverError,
    approve,
    longest,
    reject,
    request,
    target_of,
    withdraw,
)
from fleet.inventory import ContainerFacts
from fleet.models import Finding, Host, Service, Waiver
from fleet.models.answers import Answers
from fleet.readiness.policy import Policy, SeverityChange
from fleet.readiness.vocabulary import Severity
from tests.builders import NOW, OWNED, container, host, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

ASK = Ask(
    reason="The vendor mends it in the next release.",
    control="Only the gateway reaches it, and it is watched.",
    ticket="https://tickets.internal/42",
    until=(NOW + timedelta(days=7)).date(),
)
ANNA, BERT, CARLA = Person("anna"), Person("bert"), Person("carla")
LATER = NOW + timedelta(minutes=1)
PLAIN_API = "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."


def web(**changes: Any) -> ContainerFacts:
    return container(**{"labels": {**OWNED, "loadline.service": "checkout"}, **changes})


def failing(rule: str) -> Finding:
    return Finding.objects.with_subjects().filter(rule=rule, status="fail").earliest("pk")


def waived(rule: str, *people: Person, ask: Ask = ASK) -> Waiver:
    """Asked for by Anna, approved by these."""
    made = request(target_of(failing(rule)), ask, person=ANNA, now=NOW)
    for person in people:
        made = approve(made, person=person, now=NOW)
    return made


def verdict() -> str:
    return Service.objects.with_verdict_now(LATER).get(name="checkout").verdict_now


def covering(rule: str) -> Waiver | None:
    return Finding.objects.get(rule=rule, status="fail").waiver


def test_a_waiver_that_nobody_else_approved_covers_nothing() -> None:
    machine = swept(host_row(), web(memory=0))
    assert waived("no-memory-limit").state == "requested"
    swept(machine, web(memory=0), now=LATER)
    assert covering("no-memory-limit") is None
    assert verdict() == "at-risk"


def test_once_approved_the_finding_stays_and_no_longer_holds_the_service_back() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    swept(machine, web(memory=0), now=LATER)
    assert (made.state, covering("no-memory-limit"), verdict()) == ("active", made, "ready")


@pytest.mark.parametrize("rule", ["no-memory-limit", "privileged-container"])
def test_nobody_approves_what_they_asked_for(rule: str) -> None:
    swept(host_row(environment="staging"), web(memory=0, privileged=True))
    made = waived(rule)
    with pytest.raises(WaiverError, match="somebody else has to approve"):
        approve(made, person=ANNA, now=NOW)


def test_an_account_that_was_renamed_is_still_who_asked() -> None:
    swept(host_row(), web(memory=0))
    user = User.objects.create_user("anna")
    made = request(target_of(failing("no-memory-limit")), ASK, person=Person("anna", user), now=NOW)
    user.username = "annabel"
    user.save()
    with pytest.raises(WaiverError, match="somebody else"):
        approve(made, person=Person("annabel", user), now=NOW)


def test_a_critical_failure_takes_two_others_and_is_at_risk_at_best() -> None:
    machine = swept(host_row(environment="staging"), web(privileged=True))
    made = waived("privileged-container", BERT)
    assert made.state == "requested"
    with pytest.raises(WaiverError, match="approved it already"):
        approve(made, person=BERT, now=NOW)
    assert approve(made, person=CARLA, now=NOW).state == "active"
    swept(machine, web(privileged=True), now=LATER)
    finding = Finding.objects.get(rule="privileged-container")
    assert (finding.status, finding.severity, finding.waiver) == ("fail", "critical", made)
    assert verdict() == "at-risk"


def test_what_may_never_be_accepted_in_production_is_refused_there() -> None:
    swept(host_row(), seen=snapshot(web(), host=host(warnings=(PLAIN_API,))))
    with pytest.raises(WaiverError, match="cannot be accepted in production, only mended"):
        request(target_of(failing("engine-api-without-tls")), ASK, person=ANNA, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"control": " "}, "control"),
        ({"ticket": "JIRA-42"}, "ticket"),
        ({"ticket": "javascript:alert(1)"}, "ticket"),
        ({"until": (NOW - timedelta(days=1)).date()}, "until"),
        ({"until": (NOW + timedelta(days=3650)).date()}, "until"),
    ],
)
def test_an_incomplete_request_names_the_field_and_is_not_kept(changes: dict[str, Any], field: str) -> None:
    swept(host_row(), web(memory=0))
    with pytest.raises(WaiverError) as raised:
        request(target_of(failing("no-memory-limit")), replace(ASK, **changes), person=ANNA, now=NOW)
    assert raised.value.field == field
    assert not Waiver.objects.exists()


def test_the_graver_the_finding_the_sooner_it_ends() -> None:
    days = [longest(severity) for severity in ("critical", "high", "medium", "low")]
    assert days == sorted(days)
    assert days[0] < days[-1]


def test_the_longest_a_severity_allows_is_allowed_to_the_day() -> None:
    swept(host_row(), web(memory=0))
    days = longest(failing("no-memory-limit").severity)
    last = (NOW + timedelta(days=days)).date()
    with pytest.raises(WaiverError, match=last.isoformat()):
        waived("no-memory-limit", ask=replace(ASK, until=last + timedelta(days=1)))
    assert waived("no-memory-limit", ask=replace(ASK, until=last)).state == "requested"


def test_the_same_thing_is_not_asked_for_twice() -> None:
    swept(host_row(), web(memory=0))
    waived("no-memory-limit")
    with pytest.raises(WaiverError, match="already"):
        waived("no-memory-limit")


def test_only_what_fails_can_be_accepted() -> None:
    swept(host_row(), web())
    with pytest.raises(WaiverError, match="does not fail"):
        target_of(Answers().get(rule="no-memory-limit", status="pass"))


def test_it_covers_every_replica_of_the_service_and_nothing_else() -> None:
    replicas = [web(id=f"{n:064x}", name=f"checkout-{n}", memory=0) for n in range(2)]
    other = container(id="f" * 64, name="toy", labels={**OWNED, "loadline.service": "toy"}, memory=0)
    machine = swept(host_row(), *replicas, other)
    elsewhere = swept(host_row("stage-01", environment="staging"), web(memory=0))
    made = waived("no-memory-limit", BERT)
    swept(machine, *replicas, other, now=LATER)
    swept(elsewhere, web(memory=0), now=LATER)
    rows = Finding.objects.failing().filter(rule="no-memory-limit").order_by("host__name", "subject_name")
    covered = [(row.subject_name, row.waiver == made) for row in rows]
    assert covered == [("checkout-0", True), ("checkout-1", True), ("toy", False), ("web", False)]


def test_another_value_is_not_what_was_accepted() -> None:
    machine = swept(host_row(environment="staging"), web(cap_add=("SYS_ADMIN",)))
    rule = "dangerous-capability"
    made = waived(rule, BERT)
    swept(machine, web(cap_add=("SYS_ADMIN",)), now=LATER)
    assert covering(rule) == made
    swept(machine, web(cap_add=("SYS_ADMIN", "SYS_MODULE")), now=LATER + timedelta(minutes=1))
    assert covering(rule) is None
    assert [waiver.pk for waiver in audit(LATER).lapsed] == [made.pk]


def raise_to(severity: str, rule: str = "no-memory-limit") -> None:
    """A policy that gives the rule that severity everywhere, in force."""
    changed = Policy(severities={rule: (SeverityChange(severity=Severity(severity)),)})
    adopt(draft(changed, author=None, name="root", note="", now=NOW), now=NOW)


def test_what_became_graver_since_is_not_what_was_accepted() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    assert (made.severity, made.approvals_needed) == ("high", 1)
    swept(machine, web(memory=0), now=LATER)
    assert covering("no-memory-limit") == made
    raise_to("critical")
    swept(machine, web(memory=0), now=LATER + timedelta(minutes=1))
    assert covering("no-memory-limit") is None
    assert Service.objects.get(name="checkout").verdict == "not-ready"


def test_what_became_milder_since_stays_accepted() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    raise_to("medium")
    swept(machine, web(memory=0), now=LATER)
    assert covering("no-memory-limit") == made


def test_approving_late_approves_the_severity_that_was_asked_for() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit")
    raise_to("critical")
    swept(machine, web(memory=0), now=LATER)
    assert approve(made, person=BERT, now=LATER).state == "active"
    swept(machine, web(memory=0), now=LATER + timedelta(minutes=1))
    assert covering("no-memory-limit") is None


def test_withdrawn_and_asked_for_anew_a_graver_one_takes_the_people_it_takes() -> None:
    machine = swept(host_row(environment="staging"), web(memory=0))
    made = waived("no-memory-limit", BERT)
    raise_to("critical")
    swept(machine, web(memory=0), now=LATER)
    withdraw(made, person=ANNA, now=LATER)
    again = request(target_of(failing("no-memory-limit")), ASK, person=ANNA, now=LATER)
    assert (again.severity, again.approvals_needed) == ("critical", 2)


def test_it_ends_with_its_last_day_without_anything_else_changing() -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", BERT)
    swept(machine, web(memory=0), now=LATER)
    assert verdict() == "ready"
    swept(machine, web(memory=0), now=made.expires_at - timedelta(minutes=1))
    assert covering("no-memory-limit") == made
    swept(machine, web(memory=0), now=made.expires_at)
    assert covering("no-memory-limit") is None
    assert Service.objects.get(name="checkout").verdict == "at-risk"
    assert [waiver.pk for waiver in audit(made.expires_at).expired] == [made.pk]


@pytest.mark.parametrize("state", ["requested", "active"])
def test_withdrawn_it_covers_nothing_any_more(state: str) -> None:
    machine = swept(host_row(), web(memory=0))
    made = waived("no-memory-limit", *([BERT] if state == "active" else []))
    assert made.state == state
    withdraw(made, person=ANNA, now=LATER)
    swept(machine, web(memory=0), now=LATER)
    assert covering("no-memory-limit") is None
    with pytest.raises(WaiverError, match="withdrawn already"):
        withdraw(made, person=BERT, now=LATER)


def test_rejected_it_cannot_be_approved() -> None:
    swept(host_row(), web(memory=0))
    made = waived("no-memory-limit")
    with pytest.raises(WaiverError, match="withdraw it instead"):
        reject(made, person=ANNA, note="", now=NOW)
    reject(made, person=BERT, note="Mend it.", now=NOW)
    with pytest.raises(WaiverError, match="cannot be approved any more"):
        approve(made, person=CARLA, now=NOW)
    made.refresh_from_db()
    assert (made.ended_by, made.ended_note) == ("bert", "Mend it.")


def test_a_request_whose_last_day_passed_cannot_be_approved() -> None:
    swept(host_row(), web(memory=0))
    made = waived("no-memory-limit")
    with pytest.raises(WaiverError, match="asked for again"):
        approve(made, person=BERT, now=made.expires_at)


def test_a_waiver_never_turns_an_unknown_green() -> None:
    machine = swept(host_row(), web(memory=0))
    waived("no-memory-limit", BERT)
    swept(machine, web(memory=0, privileged=None), now=LATER)
    assert covering("no-memory-limit") is not None
    assert verdict() == "unknown"


def test_a_host_is_waived_for_itself_and_for_every_service_on_it() -> None:
    seen = snapshot(web(), host=host(live_restore=False))
    machine = swept(host_row(), seen=seen)
    finding = Finding.objects.failing().filter(subject_kind="host").earliest("pk")
    made = request(target_of(finding), ASK, person=ANNA, now=NOW)
    assert (made.kind, made.host, made.about) == ("host", Host.objects.get(), "host prod-01")
    approve(made, person=BERT, now=NOW)
    swept(machine, seen=seen, now=LATER)
    assert Finding.objects.get(pk=finding.pk).waiver == made
