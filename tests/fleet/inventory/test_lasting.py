"""What a service is judged by of its members, and what is no news to it."""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fleet.assessment import add_up_marked, assess_host, assess_recorded, assess_services, mark_services
from fleet.inventory import ContainerFacts
from fleet.inventory.lasting import FARING, NO_VOLUME, lasting
from fleet.inventory.plain import to_plain
from fleet.models import AnswerPattern, AnswerSheet, Container, Finding, Service, Volume
from fleet.models.answer_sheet import Sheet
from fleet.readiness import catalogue
from fleet.readiness.vocabulary import Scope
from fleet.recording import record
from fleet.simulation import running, synthetic
from fleet.sweeping import claim_hosts, sweep_claimed
from tests.builders import NOW, container, snapshot, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


class Watched:
    """A field of the facts that notes that it was read."""

    def __init__(self, name: str, read: set[str]) -> None:
        self._name, self._read, self._real = name, read, ContainerFacts.__dict__[name]

    def __get__(self, facts: Any, kind: Any = None) -> Any:
        if facts is None:
            return self
        if sys._getframe(1).f_code.co_name not in {"from_plain", "from_text"}:  # making facts is not reading them
            self._read.add(self._name)
        return self._real.__get__(facts, kind)

    def __set__(self, facts: Any, value: Any) -> None:
        self._real.__set__(facts, value)


def test_nothing_asked_about_a_service_reads_how_its_members_fare(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(synthetic(engines=2, containers=30)) as engines:
        hosts = [host_row(f"prod-{number}", url=one.url) for number, one in enumerate(engines)]
        for shard in claim_hosts([host.pk for host in hosts], timezone.now()):
            sweep_claimed(shard)
    Service.objects.update(judged_key="")
    mark_services(Service.objects.values_list("pk", flat=True), now=timezone.now())
    read: set[str] = set()
    for name in (*FARING, "image_reference"):
        monkeypatch.setattr(ContainerFacts, name, Watched(name, read))
    add_up_marked(timezone.now())
    assert not Service.objects.filter(judged_key="", containers_total__gt=0).exists()
    # Whether a member just started or ever restarted stands in the key where a rule asked the clock.
    assert read - {"started_at", "restart_count"} == {"image_reference"}


def test_nothing_asked_about_a_volume_reads_how_its_users_fare(monkeypatch: pytest.MonkeyPatch) -> None:
    users = [
        container(id=f"{number:064x}", name=f"db-{number}", mounts=(volume_mount("data"),), image_reference=one)
        for number, one in enumerate(("postgres:16", "nginx:1"))
    ]
    nfs = volume(name="data", driver="local", options={"type": "nfs", "o": "addr=10.0.0.1,soft"})
    host = swept(host_row(), *users, volumes=(nfs,))
    Volume.objects.update(judged_key="")
    read: set[str] = set()
    for name in (*FARING, "mounts"):
        monkeypatch.setattr(ContainerFacts, name, Watched(name, read))
    assess_host(host.pk, now=NOW)
    assert Volume.objects.exclude(judged_key="").exists()
    assert read == {"mounts"}


def test_a_digest_tells_whether_any_volume_is_mounted() -> None:
    """So that whoever adds up a service reads the names of none where there are none."""
    mounting = to_plain(container(mounts=(volume_mount("data"),)))
    assert not lasting(mounting).endswith(NO_VOLUME)
    for mounts in (None, (), (replace(volume_mount("x"), name=None, kind="bind"),)):
        assert lasting(to_plain(container(mounts=mounts))).endswith(NO_VOLUME)
    assert len(lasting(mounting)) == len(lasting(to_plain(container(mounts=())))) == 16


def again(host: Any, facts: ContainerFacts, minutes: int) -> str:
    """The service's key after the host was swept anew."""
    now = NOW + timedelta(minutes=minutes)
    assess_recorded(record(host.pk, snapshot(facts), now=now), now=now)
    add_up_marked(now)
    return Service.objects.get().judged_key


def test_a_member_that_fell_ill_is_no_news_and_one_that_stopped_is() -> None:
    began = NOW - timedelta(hours=2)
    facts = container(health="healthy", restart_count=1, started_at=began, created_at=began)
    host = swept(host_row(), facts)
    key = again(host, replace(facts, health="unhealthy", failing_streak=3), 1)
    assert Container.objects.get().health == "unhealthy"
    assert again(host, replace(facts, restart_count=2, exit_code=1), 2) == key
    assert again(host, replace(facts, started_at=NOW + timedelta(minutes=3), restart_count=3), 3) == key
    assert Service.objects.get().settles_at is None  # nor has anybody to look again when that is no rollout any more
    assert again(host, replace(facts, state="exited", exit_code=1), 4) != key


def differing() -> str:
    """What the rule about replicas says, as a row of its own or on the service's sheet."""
    service = Service.objects.get()
    stored = Finding.objects.filter(subject_kind="service", subject_pk=service.pk, rule="replicas-differ").first()
    if stored is not None:
        return str(stored.status)
    sheet = AnswerSheet.objects.get(subject_kind="service", subject_pk=service.pk)
    read = AnswerPattern.objects.all().read([sheet.pattern_id])
    return Sheet(read[sheet.pattern_id], sheet.since, sheet.own).moments()["replicas-differ"][0]


def test_a_start_is_news_where_a_rule_asks_how_long_ago_it_was() -> None:
    """Two replicas that differ: while one of them has just started that may be a rollout."""
    labels = {"loadline.service": "web"}
    facts = container(labels=labels, created_at=NOW - timedelta(hours=2), started_at=NOW - timedelta(hours=2))
    first = swept(host_row("prod-01"), facts)
    other = replace(facts, id="e" * 64, user="root")
    host = swept(host_row("prod-02"), other)
    add_up_marked(NOW)
    key = Service.objects.get().judged_key
    assert differing() == "fail"
    started = replace(other, started_at=NOW + timedelta(minutes=1))
    swept(host, started, now=NOW + timedelta(minutes=1))
    assert Service.objects.get().judged_key != key
    assert differing() == "not-applicable"
    later = NOW + timedelta(minutes=32)
    for one, seen in ((first, facts), (host, started)):
        swept(one, seen, now=later)
    assess_services([Service.objects.get().pk], now=later)
    assert differing() == "fail"


def test_a_container_that_starts_meanwhile_moves_no_moment_that_comes_sooner() -> None:
    made = NOW - timedelta(minutes=10)
    facts = container(labels={"loadline.service": "web"}, created_at=made, started_at=made)
    first, second = (host_row(f"prod-{number}") for number in range(2))
    swept(first, facts)
    swept(second, replace(facts, id="e" * 64, user="root"))
    over = made + timedelta(minutes=30)
    assert Service.objects.get().settles_at == over
    again = replace(facts, started_at=NOW + timedelta(minutes=1))
    swept(first, again, now=NOW + timedelta(minutes=1))
    assert Service.objects.get().settles_at == over
    for host, seen in ((first, again), (second, replace(facts, id="e" * 64, user="root"))):
        swept(host, seen, now=over)
    assess_services([Service.objects.get().pk], now=over)
    assert Service.objects.get().settles_at == NOW + timedelta(minutes=31)


def test_only_the_date_is_read_without_asking_the_clock() -> None:
    """A rule that reads the time otherwise would stand still: its service is judged anew only when a day begins."""
    reading = [rule.slug for rule in catalogue.for_scope(Scope.SERVICE) if "subject.now" in _code(rule)]
    assert reading == ["no-runbook"]
    assert _code(catalogue.by_slug()["no-runbook"]).count("subject.now") == 1
    assert "subject.now.date()" in _code(catalogue.by_slug()["no-runbook"])


def _code(rule: Any) -> str:
    return inspect.getsource(sys.modules[type(rule).__module__])
