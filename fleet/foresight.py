"""What would happen if: which single change lifts how many services over the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fleet.models import Container, Finding, Service
from fleet.models.container import network_keys, volume_names
from fleet.readiness.vocabulary import Scope, Severity, Stage, Status, Verdict

_BLOCKING = (Severity.CRITICAL.value, Severity.HIGH.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One rule to satisfy everywhere. `lifts` services become ready by that alone; it holds back `services` in all,
    and fails on `subjects` containers, images, networks, volumes or hosts.
    """

    rule: str
    lifts: int
    services: int
    subjects: int


def fix_next(now: datetime, *, stage: Stage = Stage.PRODUCTION, most: int = 5) -> list[Fix]:
    """The rules whose mending frees most services of the stage, exact for each rule taken alone.

    A service counts as lifted when every failing critical or high finding it rests on is of that rule and nothing
    about it is unknown that must be known. Services on stale evidence are not counted: mending cannot be seen there.
    """
    services = Service.objects.filter(stage=stage.value).with_verdict_now(now)
    below = set(services.filter(_verdict_in(Verdict.NOT_READY, Verdict.AT_RISK)).values_list("pk", flat=True))
    blockers = _blockers(below)
    subjects: dict[str, set[tuple[str, int]]] = defaultdict(set)
    held: dict[str, int] = defaultdict(int)
    lifts: dict[str, int] = defaultdict(int)
    for found, blind in blockers.values():
        rules = {rule for rule, _ in found}
        for rule in rules:
            held[rule] += 1
        for rule, subject in found:
            subjects[rule].add(subject)
        if len(rules) == 1 and not blind - rules:
            lifts[next(iter(rules))] += 1
    fixes = [Fix(rule=r, lifts=lifts[r], services=n, subjects=len(subjects[r])) for r, n in held.items()]
    return sorted(fixes, key=lambda fix: (-fix.lifts, -fix.services, fix.rule))[:most]


def held_back(now: datetime, *, rule: str) -> set[int]:
    """Keys of the services, of any stage, that `fix_next` counts as held back by the rule."""
    services = Service.objects.with_verdict_now(now).filter(_verdict_in(Verdict.NOT_READY, Verdict.AT_RISK))
    blockers = _blockers(services.values_list("pk", flat=True))
    return {service for service, (found, _) in blockers.items() if any(rule == one for one, _ in found)}


def _verdict_in(*verdicts: Verdict) -> Q:
    return Q(("verdict_now__in", [verdict.value for verdict in verdicts]))


Subject = tuple[str, int]


def _blockers(services: Iterable[int]) -> dict[int, tuple[set[tuple[str, Subject]], set[str]]]:
    """By service: (rule, subject) of what fails critically or highly, and the core gates that are unknown."""
    carrying = list(
        Container.objects.present()
        .filter(service__in=list(services), carries_verdict=True)
        .values_list("pk", "service_id", "host_id", "image_id", "facts__networks", "facts__mounts")
    )
    hosts = {host for _, _, host, *_ in carrying}
    by_subject: dict[Subject, list[tuple[str, str, bool]]] = defaultdict(list)
    named: dict[tuple[str, int, str], Subject] = {}
    open_ones = Finding.objects.filter(host__in=hosts).open().filter(severity__in=_BLOCKING)
    for rule, status, gate, kind, pk, host, engine_id, name in open_ones.values_list(
        "rule", "status", "core_gate", "subject_kind", "subject_pk", "host_id", "subject_id", "subject_name"
    ):
        by_subject[kind, pk].append((rule, status, gate))
        if host is not None:
            named[kind, host, engine_id] = named[kind, host, name] = (kind, pk)
    result: dict[int, tuple[set[tuple[str, Subject]], set[str]]] = defaultdict(lambda: (set(), set()))
    for pk, service, host, image, networks, mounts in carrying:
        about: list[Subject] = [(Scope.CONTAINER.value, pk), (Scope.HOST.value, host)]
        if image is not None:
            about.append((Scope.IMAGE.value, image))
        names = [(Scope.NETWORK.value, host, key) for key in network_keys(networks)]
        names += [(Scope.VOLUME.value, host, name) for name in volume_names(mounts)]
        about += [named[name] for name in names if name in named]
        failing, blind = result[service]
        for subject in about:
            for rule, status, gate in by_subject.get(subject, ()):
                if status == Status.FAIL.value:
                    failing.add((rule, subject))
                elif gate:
                    blind.add(rule)
    return dict(result)
