"""Only containers that something changed for get their verdict added up again, and those are all that need it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.assessment import add_up_marked, assess_host, mark_services, services
from fleet.assessment.hosts import Case
from fleet.assessment.subjects import lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.inventory import ContainerFacts, Gap, Snapshot
from fleet.models import AnswerSheet, Container, Finding, Host, Image, Network, Service, Volume, standings
from fleet.models import remembering as memory
from fleet.models.judged import VERDICT_FIELDS
from fleet.silence import catch_up
from tests.builders import IMAGE_ID, NOW, container, image, network, snapshot, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

OTHER_IMAGE = f"sha256:{'9' * 64}"
#: A volume that is a way to the engine, of which rules about its containers tell.
SOCKET = {"type": "none", "o": "bind", "device": "/var/run/docker.sock"}


def outdated(host: Host, now: datetime) -> list[str]:
    """Containers that would get another verdict if all of them were added up."""
    case = Case.load(Host.objects.select_related("environment").get(pk=host.pk), now=now)
    parts, silent = Parts(case.things, case.containers), lost(case.host, now)
    return [
        row.name
        for row in case.containers
        if set_verdict(
            row,
            parts.standing(row),
            now,
            thresholds=case.policy.policy.thresholds,
            doubted=parts.doubted(row, silent),
        )
    ]


def fleet() -> list[ContainerFacts]:
    attached = container().networks or ()
    return [
        container(
            id=f"{number:064x}",
            name=f"web-{number}",
            labels={"loadline.service": f"service-{number % 2}"},
            image_id=OTHER_IMAGE if number % 3 == 0 else IMAGE_ID,
            mounts=(volume_mount(f"data-{number % 2}"),) if number % 2 else (),
            networks=tuple(replace(one, network_id=f"{number % 2}" * 64, name=f"net-{number % 2}") for one in attached),
        )
        for number in range(6)
    ]


def seen(containers: list[ContainerFacts], **parts: Any) -> Snapshot:
    return snapshot(
        *containers,
        images=parts.get("images", (image(), image(id=OTHER_IMAGE, tags=("registry.internal/other:1",)))),
        networks=parts.get("networks", tuple(network(id=f"{n}" * 64, name=f"net-{n}") for n in range(2))),
        volumes=parts.get("volumes", tuple(volume(name=f"data-{n}") for n in range(2))),
        gaps=parts.get("gaps", ()),
    )


def changed(
    containers: list[ContainerFacts], chance: random.Random, now: datetime
) -> tuple[list[ContainerFacts], dict[str, Any]]:
    """The same host with something else about it."""
    rest, one = containers[1:], containers[0]
    changes: list[tuple[list[ContainerFacts], dict[str, Any]]] = [
        ([replace(one, privileged=True), *rest], {}),
        ([replace(one, image_id=OTHER_IMAGE), *rest], {}),
        ([replace(one, networks=(), mounts=(volume_mount("data-1"),)), *rest], {}),
        ([replace(one, labels={"loadline.service": "moved"}), *rest], {}),
        (rest, {}),
        (containers, {"images": (image(created_at=NOW - timedelta(days=900)), image(id=OTHER_IMAGE, labels={}))}),
        (containers, {"images": (image(),)}),
        (containers, {"networks": (network(id="0" * 64, name="net-0", ipv6=True), network(id="1" * 64, name="net-1"))}),
        (containers, {"networks": (network(id="1" * 64, name="net-1"),)}),
        (containers, {"volumes": (volume(name="data-1", options={"type": "nfs", "o": "addr=10.0.0.1,soft"}),)}),
        (containers, {"volumes": (volume(name="data-0"), volume(name="data-1", options=SOCKET))}),
        (containers, {"volumes": None, "gaps": (Gap("/volumes", "no answer"),)}),
        (containers, {"images": None, "gaps": (Gap("/images/json", "no answer"),)}),
        (containers, {}),
        # How it fares, and another one made of the same.
        ([replace(one, started_at=now, restart_count=chance.randrange(2)), *rest], {}),
        ([replace(one, state="exited", exit_code=1), *rest], {}),
        ([replace(one, id=f"{chance.randrange(10, 99):064x}", created_at=now, started_at=now), *rest], {}),
        ([replace(one, user="root" if one.user is None else None), *rest], {}),
    ]
    return chance.choice(changes)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_no_verdict_is_left_behind(seed: int) -> None:
    chance, now = random.Random(seed), NOW
    host, base = host_row(), fleet()
    swept(host, seen=seen(base), now=now)
    for _ in range(8):
        now += chance.choice([timedelta(seconds=30), timedelta(minutes=4), timedelta(days=1)])
        chance.shuffle(base)
        containers, parts = changed(base, chance, now)
        swept(host, seen=seen(containers, **parts), now=now)
        assert outdated(host, now) == []


def everything_said() -> dict[str, list[Any]]:
    """All that is judged, without keys, digests and moments; and without doors and ties, which follow what changes of a
    network alone once a day.
    """
    verdicts = ("name", "standing", "own_standing", *VERDICT_FIELDS, "failing_high", "failing_medium")
    whole = (*verdicts, "stage", "state_kind", "state_evidence", "containers_total")
    about = ("subject_kind", "subject_pk", "rule", "status", "severity", "evidence", "reason", "service")
    return {
        "findings": sorted(Finding.objects.values_list(*about), key=str),
        "sheets": sorted(AnswerSheet.objects.values_list("subject_kind", "subject_pk", "service"), key=str),
        "containers": list(Container.objects.present().order_by("pk").values_list(*verdicts)),
        "services": list(Service.objects.order_by("pk").values_list(*whole)),
        "hosts": list(Host.objects.order_by("pk").values_list(*verdicts)),
    }


def judged_from_scratch(now: datetime) -> None:
    """Everything that is there, as if nothing had ever been judged or read."""
    memory._known.clear()
    standings._known.clear()
    for remembered in (standings._plain, standings._read, services._summed):
        remembered.cache_clear()
    for model in (Container, Image, Network, Volume, Host, Service):
        model._default_manager.update(judged_key="")
    Host.objects.update(judged_on={}, judge_again_at=None)
    for host in Host.objects.order_by("pk"):
        assess_host(host.pk, now=now)
    mark_services(Service.objects.values_list("pk", flat=True), now=now)
    add_up_marked(now)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_judged_by_what_changed_is_what_judging_everything_says(seed: int) -> None:
    """Services of two hosts, whose containers change, come and go with what they are attached to."""
    chance, now = random.Random(100 + seed), NOW
    hosts, base, last = [host_row(f"prod-{number}") for number in range(2)], fleet(), dict[int, Snapshot]()
    for _ in range(6):
        # Never over the moment of a day at which something is so many days old: that is seen when the next day begins.
        now += chance.choice([timedelta(seconds=30), timedelta(minutes=4)])
        chance.shuffle(base)
        for host in hosts:
            containers, parts = changed(base, chance, now) if chance.random() < 0.7 else (base, {})
            # None as old as it takes to be called forgotten: that begins at a moment of its own.
            volumes = parts.get("volumes", tuple(volume(name=f"data-{n}") for n in range(2)))
            parts["volumes"] = volumes and tuple(replace(one, created_at=NOW) for one in volumes)
            last[host.pk] = seen(containers, **parts)
            swept(host, seen=last[host.pk], now=now)
        for _ in range(chance.choice([0, 0, 8])):  # until what looked like a rollout is none
            now += timedelta(minutes=4)
            for host in hosts:
                swept(host, seen=last[host.pk], now=now)
        catch_up(now)
        before = everything_said()
        judged_from_scratch(now)
        assert everything_said() == before


def seen_in_part(now_there: list[ContainerFacts], before: list[ContainerFacts], parts: dict[str, Any]) -> Snapshot:
    """As `seen`, by a sweep that asked only for what is new: containers that changed, and kinds that are told of."""
    known = {one.id: one for one in before}
    same = [one for one in now_there if known.get(one.id) == one]
    asked = {"images": None, "networks": None, "volumes": None, **parts}
    return replace(
        seen([one for one in now_there if one not in same], **asked),
        unchanged=frozenset(one.id for one in same),
        running_unchanged=sum(one.running for one in same),
        told=frozenset(name for name in ("images", "networks", "volumes") if asked[name] is not None),
    )


def leaning(containers: list[ContainerFacts]) -> list[ContainerFacts]:
    """The last of them in the namespace of the first."""
    return [*containers[:-1], replace(containers[-1], network_mode=f"container:{containers[0].id}")]


@pytest.mark.parametrize("seed", range(4))
def test_a_sweep_that_tells_of_what_is_new_alone_leaves_nothing_behind(seed: int) -> None:
    chance, now = random.Random(200 + seed), NOW
    hosts = [host_row(f"prod-{number}") for number in range(2)]
    base = leaning(fleet()) if seed % 2 else fleet()
    for host in hosts:
        swept(host, seen=seen(base, volumes=tuple(volume(name=f"data-{n}", created_at=NOW) for n in range(2))), now=now)
    there = {host.pk: base for host in hosts}
    for _ in range(6):
        now += chance.choice([timedelta(seconds=30), timedelta(minutes=4)])
        for host in hosts:
            order = there[host.pk] if chance.random() < 0.5 else base
            containers, parts = changed(chance.sample(order, len(order)) or base, chance, now)
            if chance.random() < 0.5:
                parts = {}  # what else changed is seen the next time
            if parts.get("volumes"):
                parts["volumes"] = tuple(replace(one, created_at=NOW) for one in parts["volumes"])
            swept(host, seen=seen_in_part(containers, there[host.pk], parts), now=now)
            there[host.pk] = containers
        catch_up(now)
        before = everything_said()
        judged_from_scratch(now)
        assert everything_said() == before


def test_what_is_said_of_an_image_concerns_its_containers_and_no_others() -> None:
    host = swept(host_row(), seen=seen(fleet()))
    later = NOW + timedelta(minutes=1)
    mended = (image(), image(id=OTHER_IMAGE, tags=("registry.internal/other:1",), labels={}, comment=None))
    swept(host, seen=seen(fleet(), images=mended), now=later)
    assert Finding.objects.filter(subject_kind="image", first_seen=later).exists()
    judged = Container.objects.filter(judged_at=later).values_list("name", flat=True)
    assert set(judged) == {"web-0", "web-3"}
