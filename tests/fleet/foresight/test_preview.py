"""What another policy would change: by itself, not together with what changes anyway."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from fleet.foresight.preview import preview_draft, preview_policy
from fleet.governance.policy import adopt, draft
from fleet.inventory import ContainerFacts
from fleet.models import PolicyVersion
from fleet.readiness.policy import Exemption, Policy, SeverityChange, Where
from fleet.readiness.vocabulary import Severity
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=10)
UNRELATED = Policy(severities={"tag-drift": (SeverityChange(severity=Severity.LOW),)})
LENIENT = Policy(severities={"no-memory-limit": (SeverityChange(severity=Severity.LOW),)})


def one(service: str, number: int, **changes: Any) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": service}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **changes)


def names(policy: Policy) -> list[str]:
    return [row["service"] for row in preview_policy(policy, now=SOON).services]


def test_a_service_whose_host_fell_silent_is_no_doing_of_an_unrelated_policy() -> None:
    swept(host_row("old"), one("archive", 1), now=NOW - timedelta(hours=2))
    swept(host_row(), one("checkout", 2))
    found = preview_policy(UNRELATED, now=SOON)
    assert (found.services, found.stale) == ([], 1)


def test_a_service_on_old_evidence_is_unknown_under_any_policy() -> None:
    swept(host_row("old"), one("archive", 1, memory=0), now=NOW - timedelta(hours=2))
    swept(host_row(), one("checkout", 2, memory=0))
    found = preview_policy(LENIENT, now=SOON)
    assert [(row["service"], row["before"], row["after"]) for row in found.services] == [
        ("checkout", "at-risk", "ready")
    ]
    assert found.stale == 1


def test_what_was_not_judged_by_the_policy_in_force_yet_is_compared_with_it_all_the_same() -> None:
    swept(host_row(), one("checkout", 1, memory=0))
    adopt(draft(LENIENT, author=None, name="root", note="", now=NOW), now=NOW)
    assert names(LENIENT) == []
    assert names(Policy()) == ["checkout"]


def test_a_policy_without_registries_is_previewed_with_those_of_the_installation(settings: Any) -> None:
    settings.LOADLINE_ALLOWED_REGISTRIES = ["ghcr.io"]
    swept(host_row(), one("checkout", 1))
    assert names(Policy()) == []


def test_those_that_get_worse_come_first() -> None:
    swept(host_row(), one("better", 1, memory=0), one("worse", 2, cap_add=("SYS_ADMIN",)))
    mixed = Policy(
        severities={"dangerous-capability": (SeverityChange(severity=Severity.CRITICAL),)},
        exemptions={"no-memory-limit": (Exemption(reason="Small.", where=Where(services=("better",))),)},
    )
    assert names(mixed) == ["worse", "better"]


def test_a_preview_says_every_second_that_it_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        swept(host_row(f"host-{number}"), container())
    version = draft(LENIENT, author=None, name="root", note="", now=NOW)
    said: list[tuple[int, str]] = []

    def look() -> datetime:
        row = PolicyVersion.objects.get(pk=version.pk)
        if row.preview_state == "running":
            said.append((row.preview["done"], row.preview["at"]))
        return NOW + timedelta(seconds=0.6) * next(ticks)

    ticks = count()
    preview_draft(version.pk, now=NOW, clock=look)
    # Asked before each of the four hosts; the first is told at once, the second only once a second is over.
    first, third = NOW.isoformat(), (NOW + timedelta(seconds=1.2)).isoformat()
    assert said == [(1, first), (1, first), (3, third)]
    assert PolicyVersion.objects.get().preview_state == "done"
