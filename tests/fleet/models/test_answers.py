from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from pytest_django import DjangoDbBlocker

from fleet.assessment import Case, assess_host
from fleet.assessment.members import Cluster
from fleet.assessment.services import gather
from fleet.governance.policy import in_force
from fleet.models import AnswerSheet, Container, Finding, Host, Service
from fleet.models.answers import Answers
from fleet.readiness.findings import Finding as Judgement
from tests.builders import NOW, OWNED, bind_mount, container, image, network, volume, volume_mount
from tests.rows import host_row, shared_rows, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with shared_rows(django_db_blocker, fleet):
        yield


def fleet() -> None:
    for place, environment in enumerate(("production", "production", "test")):
        swept(
            host_row(f"host-{place}", environment=environment, team="platform" if place else ""),
            *(
                container(
                    id=f"{100 * place + n:064x}",
                    name=f"web-{place}-{n}",
                    labels={**OWNED, "loadline.service": f"shop-{n % 3}", "loadline.team": f"team-{n % 2}"},
                    privileged=n == 1,
                    memory=(n % 2) << 28,
                    image_reference=f"registry.internal/web:{n}",
                    mounts=(volume_mount("data"), bind_mount("/etc")) if n == 2 else (),
                )
                for n in range(5)
            ),
            images=(image(),),
            networks=(network(),),
            volumes=(volume(name="data"),),
        )


def judged() -> list[tuple[str, str, Judgement]]:
    """Kind and name of each subject with what rules say of it, straight from them."""
    found = []
    for host in Host.objects.select_related("environment"):
        case = Case.load(host, now=NOW)
        for row in case.rows(everything=True):
            found += [(row.kind.value, f"{row.name} on {host.name}", one) for one in case.judged(row).findings]
    services = list(Service.objects.order_by("pk"))
    for members in gather(services, Cluster.load(services, now=NOW, policy=in_force())):
        found += [("service", f"{members.service.name} on ", one) for one in members.case.findings()]
    return found


def named(one: Finding) -> str:
    return f"{one.subject_name} on {one.host.name if one.host else ''}"


def test_everything_that_rules_say_is_read_as_they_said_it() -> None:
    def told(one: Finding | Judgement, kind: str, name: str) -> str:
        said = (
            one.rule,
            str(one.pillar),
            str(one.severity),
            str(one.status),
            one.core_gate,
            json.dumps(dict(one.evidence), sort_keys=True),
        )
        return repr((kind, name, *said, one.reason, one.blind, one.cis and list(one.cis)))

    stored = [told(one, one.subject_kind, named(one)) for one in Answers().with_subjects()]
    assert sorted(stored) == sorted(told(one, kind, name) for kind, name, one in judged())
    assert {one.status for one in Finding.objects.all()} == {"fail", "unknown"}


def test_counts_are_those_of_what_rules_say() -> None:
    said = Counter((one.rule, str(one.status)) for _, _, one in judged())
    assert Answers().counts_by_rule() == said
    by_status = Counter(status for _, status in said.elements())
    assert Answers().counts_by_status() == by_status
    facets: Counter[tuple[str, str]] = Counter()
    for rule, _, status, _, number in Answers().facets():
        facets[rule, status] += number
    assert facets == said
    assert Answers().count() == said.total()
    assert {environment for *_, environment, _ in Answers().facets()} == {"", "production", "test"}


CHOICES: dict[str, tuple[Callable[[Answers], Answers], Callable[[Finding], bool]]] = {
    "status": (lambda a: a.filter(status="pass"), lambda one: one.status == "pass"),
    "status as pages tell it": (lambda a: a.with_status("fail"), lambda one: one.status == "fail"),
    "rule": (lambda a: a.filter(rule="no-memory-limit"), lambda one: one.rule == "no-memory-limit"),
    "rules": (
        lambda a: a.filter(rule__in=["tag-drift", "latest-tag"]), lambda one: one.rule in {"tag-drift", "latest-tag"}
    ),
    "pillar and severity": (
        lambda a: a.filter(pillar="network", severity="high"),
        lambda one: (one.pillar, one.severity) == ("network", "high"),
    ),
    "rank": (lambda a: a.filter(severity_rank=0), lambda one: one.severity == "critical"),
    "host": (lambda a: a.filter(host__name="host-1"), lambda one: bool(one.host and one.host.name == "host-1")),
    "kind": (lambda a: a.filter(subject_kind="volume"), lambda one: one.subject_kind == "volume"),
    "service and rule": (
        lambda a: a.filter(Q(service__name="shop-1"), rule="privileged-container"),
        lambda one: bool(one.service and one.service.name == "shop-1" and one.rule == "privileged-container"),
    ),
    "team": (
        lambda a: a.of_team("platform"),
        lambda one: (
            one.service.team == "platform" if one.service else bool(one.host and one.host.team == "platform")
        ),
    ),
    "either": (
        lambda a: a.filter(status="pass").either(
            Q(subject_name__icontains="web-1"),
            rules=Q(rule="host-network"),
            named=lambda one: one.rule == "host-network",
        ),
        lambda one: one.status == "pass" and ("web-1" in one.subject_name or one.rule == "host-network"),
    ),
    "cis": (lambda a: a.of_cis("5.4", ["privileged-container"]), lambda one: one.rule == "privileged-container"),
    "nothing": (lambda a: a.none(), lambda _: False),
    "a rule that there is not": (lambda a: a.filter(rule="long-gone"), lambda _: False),
}  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_leaves_the_same_in_every_way_of_reading(choice: str) -> None:
    narrow, wanted = CHOICES[choice]
    expected = sorted((named(one), one.rule) for one in Answers().with_subjects() if wanted(one))
    chosen = narrow(Answers().with_subjects())
    assert sorted((named(one), one.rule) for one in chosen) == expected
    assert chosen.count() == len(expected) == chosen.counts_by_status().total()
    assert chosen.count_up_to(3) == min(3, len(expected))
    for order in ((), ("severity_rank", "rule"), ("-first_seen",), ("pk",)):
        ordered = chosen.order_by(*order)
        windows = [one for start in range(0, len(expected) + 7, 7) for one in ordered[start : start + 7]]
        assert sorted((named(one), one.rule) for one in windows) == expected


def test_a_window_knows_how_many_it_has() -> None:
    everything = Answers().count()
    assert Answers()[everything - 3 : everything + 5].count() == 3 == len(Answers()[everything - 3 : everything + 5])
    assert Answers()[: everything + 5].count() == everything


def test_few_are_sorted_by_what_is_asked() -> None:
    names = [one.subject_name for one in Answers().filter(status="pass").order_by("-subject_name", "rule")]
    assert names == sorted(names, reverse=True)
    ranks = [one.severity_rank for one in Answers().filter(status="pass").order_by("severity_rank")[10:90]]
    assert ranks == sorted(ranks)
    services = [one.service.name for one in Answers().with_subjects().order_by("service__name") if one.service]
    assert services[-1] == "shop-2"


def test_many_are_read_in_the_order_of_their_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.models.answers._FEW", 2)
    chosen = Answers().filter(status="pass").order_by("severity_rank")
    paged = [(one.subject_pk, one.rule) for start in range(0, chosen.count(), 13) for one in chosen[start : start + 13]]
    assert paged == [(one.subject_pk, one.rule) for one in chosen]
    assert len(set(paged)) > 13


def test_reading_costs_the_same_few_queries_however_many_there_are(django_assert_num_queries: QueryCount) -> None:
    list(Answers())  # patterns are read once by a process
    one = Container.objects.filter(name="web-0-0")
    for chosen in (one, Container.objects.filter(name__startswith="web-0")):
        with django_assert_num_queries(3):
            assert len(list(Answers().about(chosen))) > 40


def test_what_is_alike_shares_a_pattern_and_a_sheet_says_only_what_is_its_own() -> None:
    sheets = {one.subject_name: one for one in AnswerSheet.objects.filter(subject_kind="container")}
    assert sheets["web-0-0"].pattern == sheets["web-1-0"].pattern == sheets["web-0-4"].pattern
    assert "registry.internal/web:4" in sheets["web-0-4"].own
    assert len(sheets["web-0-4"].own) < 300


def test_since_when_it_has_been_so_is_known_through_a_failure_and_back() -> None:
    def since(minute: int, **changes: Any) -> Finding:
        facts = container(id="f" * 64, name="one", **changes)
        swept(Host.objects.get(name="single"), facts, now=NOW + timedelta(minutes=minute))
        return Answers().get(rule="no-memory-limit", subject_name="one")

    host_row("single")
    first = since(0, memory=1 << 28)
    assert (first.status, first.first_seen) == ("pass", NOW)
    other = since(1, memory=1 << 29)
    assert (other.status, other.first_seen, other.evidence) != (first.status, first.first_seen, first.evidence)
    assert other.first_seen == NOW
    assert since(2, memory=0).first_seen == NOW + timedelta(minutes=2)
    again = since(3, memory=1 << 28)
    assert (again.status, again.first_seen) == ("pass", NOW + timedelta(minutes=3))
    assert Answers().get(rule="host-network", subject_name="one").first_seen == NOW


def test_sheets_go_with_what_they_are_about() -> None:
    Host.objects.get(name="host-0").delete()
    Service.objects.get(name="shop-1").delete()
    left = AnswerSheet.objects.filter(subject_kind__in=["container", "service"]).values_list("subject_name", flat=True)
    assert {name[:5] for name in left if name.startswith("web")} == {"web-1", "web-2"}
    assert "shop-1" not in set(left)


def test_passes_that_an_earlier_version_kept_as_rows_move_onto_the_sheet_with_their_since() -> None:
    machine = swept(host_row("old"), container(id="e" * 64, name="old"))
    mine, early = {"subject_name": "old", "subject_kind": "container"}, NOW - timedelta(days=9)
    for one in Answers().filter(**mine, status="pass"):
        one.first_seen = early
        one.save()
    AnswerSheet.objects.filter(**mine).delete()
    Host.objects.filter(pk=machine.pk).update(judged_on={})
    Container.objects.filter(name="old").update(findings_hash="as it was", judged_key="")
    assess_host(machine.pk, now=NOW + timedelta(minutes=1))
    assert not Finding.objects.filter(**mine, status="pass").exists()
    moved = list(Answers().filter(**mine, status="pass"))
    assert {one.first_seen for one in moved} == {early}
    assert len(moved) > 20


@pytest.mark.parametrize("order", [("severity_rank", "rule"), ("-severity_rank", "-rule")])
def test_windows_of_every_status_leave_nothing_out_and_repeat_nothing(order: tuple[str, ...]) -> None:
    every = Answers().order_by(*order)
    rows = [one.pk for one in every.rows]
    assert len(rows) > 20
    seen = [one.pk for start in range(0, len(rows), 7) for one in every[start : start + 7] if one.pk]
    assert seen == rows


@pytest.mark.parametrize("team", ["team-0", "platform", "", "nobody"])
def test_those_of_a_team_are_counted_as_they_are_read(team: str) -> None:
    for status in ("fail", "pass"):
        mine = Answers().of_team(team).with_status(status)
        number = len(list(mine))
        assert mine[:1000].count() == number == mine.count()
        assert mine[:2].count() == min(number, 2)


def test_what_stands_on_a_sheet_has_every_field_of_a_row() -> None:
    settled = next(one for one in Answers() if one.pk is None)
    known = Finding(**{name: getattr(settled, name) for name in ("rule", "status", "subject_pk", "first_seen")})
    for field in Finding._meta.concrete_fields:
        assert field.attname in settled.__dict__, field.attname
    for name in ("pk", "blind", "cis", "fingerprint", "waiver_id"):
        assert getattr(settled, name) == getattr(known, name)
    assert settled._state.adding == known._state.adding
