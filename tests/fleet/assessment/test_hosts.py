from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from fleet.assessment import assess_host
from fleet.inventory import Gap, PublishedPort, TaskFacts
from fleet.models import AnswerSheet, Container, Finding, Service
from fleet.models.answers import Answers
from tests.builders import NOW, container, snapshot, volume, volume_mount
from tests.rows import host_row, swept
from tests.statements import statements

pytestmark = pytest.mark.django_db

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY")


def test_a_privileged_container_makes_its_service_not_ready() -> None:
    swept(host_row(), container(privileged=True))
    finding = Finding.objects.get(rule="privileged-container")
    assert (finding.status, finding.severity, finding.subject_name) == ("fail", "critical", "web")
    assert finding.evidence == {"HostConfig.Privileged": True}
    assert Container.objects.get().verdict == "not-ready"
    service = Service.objects.get()
    assert (service.verdict, service.verdict_hardening, service.stage) == ("not-ready", "not-ready", "production")


def test_a_mended_container_turns_ready_and_its_finding_passes_since_now() -> None:
    host = swept(host_row(), container(privileged=True))
    later = NOW + timedelta(minutes=1)
    swept(host, container(privileged=False), now=later)
    finding = Answers().get(rule="privileged-container")
    assert (finding.status, finding.first_seen) == ("pass", later)
    assert Container.objects.get().verdict == "ready"


def test_an_unchanged_finding_keeps_its_first_seen() -> None:
    host = swept(host_row(), container(privileged=True))
    swept(host, container(privileged=True, memory=1), now=NOW + timedelta(minutes=1))
    assert Finding.objects.get(rule="privileged-container").first_seen == NOW


def test_an_unchanged_host_is_not_judged_again() -> None:
    host = swept(host_row(), container())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assessed = assess_host(host.pk, now=NOW + timedelta(seconds=30))
    assert assessed.judged == 0
    assert not [sql for sql in statements(queries) if sql.startswith(WRITES)]


def test_a_changed_policy_judges_again(settings: LazySettings) -> None:
    settings.LOADLINE_ALLOWED_REGISTRIES = ("registry.internal",)
    host = swept(host_row(), container())
    settings.LOADLINE_ALLOWED_REGISTRIES = ("elsewhere.example",)
    assess_host(host.pk, now=NOW)
    assert Finding.objects.get(rule="registry-not-allowed").status == "fail"


def test_a_new_day_is_judged_again_and_writes_what_differs_only() -> None:
    host = swept(host_row(), container())
    assess_host(host.pk, now=NOW + timedelta(hours=1))  # by now it has been watched long enough to count restarts
    with CaptureQueriesContext(connection) as queries:
        assess_host(host.pk, now=NOW + timedelta(days=1))
    written = [sql for sql in statements(queries) if sql.startswith(WRITES)]
    assert [sql.split("=")[0] for sql in written] == ['UPDATE "fleet_host" SET "judged_on" ']
    with CaptureQueriesContext(connection) as queries:
        assess_host(host.pk, now=NOW + timedelta(days=1))
    assert not [sql for sql in statements(queries) if sql.startswith(WRITES)]


def test_what_comes_back_as_it_was_is_judged_again() -> None:
    web, other = container(), container(id="b" * 64, name="other", image_id=f"sha256:{'9' * 64}")

    def said() -> dict[str, int]:
        rows = Answers().filter(~Q(subject_name="other"))
        return {kind: rows.filter(subject_kind=kind).count() for kind in ("container", "image")}

    host = swept(host_row(), web, other)
    before = said()
    assert all(before.values())
    swept(host, other, now=NOW + timedelta(minutes=1))
    assert said() == dict.fromkeys(before, 0)
    swept(host, web, other, now=NOW + timedelta(minutes=2))
    assert said() == before


def test_a_container_that_went_takes_its_findings_with_it() -> None:
    host = swept(host_row(), container(), container(id="b" * 64, name="other", privileged=True))
    swept(host, container(), now=NOW + timedelta(minutes=1))
    of_containers = Answers().filter(subject_kind="container")
    assert not of_containers.filter(subject_name="other").count()
    assert of_containers.filter(subject_name="web").count()


def test_one_changed_container_leaves_the_findings_of_the_others_alone() -> None:
    other = container(id="b" * 64, name="other")
    host = swept(host_row(), container(), other)

    def stored() -> list[Any]:
        models: tuple[Any, ...] = (Finding, AnswerSheet)
        return [sorted(model.objects.filter(subject_name="other").values_list()) for model in models]

    before = stored()
    assert all(before)
    swept(host, container(privileged=True), other, now=NOW + timedelta(minutes=1))
    assert stored() == before


def test_a_container_still_being_made_is_unknown_and_not_ready() -> None:
    swept(host_row(), container(state="created", created_at=NOW - timedelta(seconds=5), image_id=None, networks=()))
    assert Container.objects.get().verdict == "unknown"


def test_a_host_that_never_answered_has_nothing_to_judge() -> None:
    assert assess_host(host_row().pk, now=NOW).judged == 0


def test_every_finding_of_a_host_carries_the_host() -> None:
    host = swept(host_row(), seen=snapshot(container()))
    of_services, others = Answers().filter(subject_kind="service"), Answers().filter(~Q(subject_kind="service"))
    assert {one.host_id for one in of_services} == {None}
    assert {one.host_id for one in others} == {host.pk}


def loop_status() -> str:
    return Answers().get(rule="restart-loop", subject_name="web").status


def test_a_restart_loop_that_ended_passes_without_another_change() -> None:
    steady = container(started_at=NOW + timedelta(seconds=50), restart_count=5)
    host = swept(host_row(), container())
    swept(host, steady, now=NOW + timedelta(minutes=1))
    assert loop_status() == "fail"
    swept(host, steady, now=NOW + timedelta(minutes=12))
    assert loop_status() == "pass"


def test_a_new_containers_restart_loop_that_ended_passes_without_another_change() -> None:
    young = container(created_at=NOW, started_at=NOW, restart_count=5)
    host = swept(host_row(), young, now=NOW + timedelta(minutes=1))
    assert loop_status() == "fail"
    swept(host, young, now=NOW + timedelta(minutes=20))
    assert loop_status() == "pass"


def test_a_swarm_tasks_restart_loop_that_ended_passes_without_another_change() -> None:
    task = container(labels={"com.docker.swarm.task.id": "own"})
    tasks = (
        TaskFacts(id="own", service_id="s", slot=1, state="running", at=NOW),
        *(TaskFacts(id=name, service_id="s", slot=1, state="failed", at=NOW) for name in "abc"),
    )
    host = swept(host_row(), task, tasks=tasks)
    assert loop_status() == "fail"
    swept(host, task, tasks=tasks, now=NOW + timedelta(minutes=11))
    assert loop_status() == "pass"


@pytest.mark.parametrize(("part", "pillar"), [("images/json", "trust"), ("networks", "network"), ("volumes", "state")])
def test_a_verdict_that_rests_on_a_part_unanswered_for_too_long_is_unknown(part: str, pillar: str) -> None:
    host, healthy = host_row(), container(mounts=(volume_mount(),))
    swept(host, healthy, volumes=(volume(),))
    assert Container.objects.get().verdict == "ready"
    missing: dict[str, Any] = {part.partition("/")[0]: None, "gaps": (Gap(f"/{part}", "timed out"),)}
    for minutes, expected in ((1, "ready"), (5, "ready"), (7, "unknown")):
        swept(host, healthy, now=NOW + timedelta(minutes=minutes), **{"volumes": (volume(),), **missing})
        row = Container.objects.get()
        assert (row.verdict, row.pillars[pillar]) == (expected, expected), minutes
    swept(host, healthy, now=NOW + timedelta(minutes=8), volumes=(volume(),))
    assert Container.objects.get().verdict == "ready"


def test_a_part_that_never_answered_is_left_to_the_gates(settings: LazySettings) -> None:
    settings.LOADLINE_ALLOWED_REGISTRIES = ()
    host, gap = host_row(), Gap("/images/json", "403 Forbidden")
    for minutes in (0, 7):
        swept(host, container(), now=NOW + timedelta(minutes=minutes), images=None, gaps=(gap,))
    assert Container.objects.get().verdict == "at-risk"
    assert Finding.objects.get(rule="registry-not-allowed").status == "unknown"


def test_a_bad_container_stays_not_ready_whatever_is_unanswered() -> None:
    host, bad = host_row(), container(privileged=True)
    gap = Gap("/images/json", "timed out")
    for minutes in (0, 7):
        swept(host, bad, now=NOW + timedelta(minutes=minutes), images=None, gaps=(gap,))
    assert Container.objects.get().verdict == "not-ready"


def test_a_container_that_nobody_could_inspect_for_too_long_is_unknown() -> None:
    host, bare = host_row(), replace(container(), inspected=False, privileged=None)
    swept(host, container())
    swept(host, bare, now=NOW + timedelta(minutes=1))
    assert Container.objects.get().verdict == "ready"
    swept(host, bare, now=NOW + timedelta(minutes=7))
    assert Container.objects.get().verdict == "unknown"


def test_a_part_that_answers_for_the_first_time_with_nothing_is_judged() -> None:
    host, door = host_row(), container(ports=(PublishedPort(5432, "tcp", "", 5432, True),))
    swept(host, door, networks=None, gaps=(Gap("/networks", "timed out"),))
    assert Finding.objects.get(rule="database-port-published").status == "unknown"
    swept(host, door, networks=(), now=NOW + timedelta(minutes=1))
    assert Finding.objects.get(rule="database-port-published").status == "fail"


def test_a_container_in_anothers_network_is_judged_again_when_that_one_changes() -> None:
    host, guest = host_row(), container(id="b" * 64, name="guest", network_mode="container:web", networks=())
    swept(host, container(), guest)
    assert Answers().get(rule="host-network", subject_name="guest").status != "fail"
    on_host = container(id="d" * 64, network_mode="host", networks=())
    swept(host, on_host, guest, now=NOW + timedelta(minutes=1))
    assert Finding.objects.get(rule="host-network", subject_name="guest").status == "fail"


def test_a_swarm_tasks_restart_loop_that_ended_passes_on_a_worker_too() -> None:
    labels = {"com.docker.swarm.task.id": "t9", "com.docker.swarm.task.name": "web.1.t9"}
    ended = {"state": "exited", "exit_code": 1, "finished_at": NOW - timedelta(minutes=1)}
    dead = [
        container(id=f"{n}" * 64, name=f"web.1.{n}", labels={"com.docker.swarm.task.name": f"web.1.t{n}"}, **ended)
        for n in range(5)
    ]
    host, alive = host_row(), container(labels=labels)
    swept(host, alive, *dead)
    mine = Answers().filter(rule="restart-loop", subject_name="web")
    assert mine.get().status == "fail"
    swept(host, alive, *dead, now=NOW + timedelta(minutes=15))
    assert mine.get().status == "pass"
