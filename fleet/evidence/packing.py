"""Putting a pack together: services, their findings and waivers, and the facts that these rest on."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.db.models import Q

from fleet.assessment import Case
from fleet.assessment.material import Material
from fleet.assessment.members import Cluster, ServiceCase
from fleet.governance.policy import in_force, plain
from fleet.inventory.plain import to_plain
from fleet.models import Container, EvidencePack, Host, Service, Waiver
from fleet.models.answers import Answers
from fleet.models.container import ContainerQuerySet
from fleet.models.evidence_pack import FAILED, MADE, MAKING, WAITING
from fleet.proving import grounds
from fleet.readiness import catalogue
from fleet.readiness.rule import CIS_BENCHMARK, CIS_VERSION, AnyRule
from fleet.readiness.vocabulary import Stage, Status
from fleet.reference import current_tables
from fleet.reporting import finding_as_dict, moment, waiver_as_dict

FORMAT = "loadline-evidence/1"


class AlteredPackError(Exception):
    """What is stored is not what was made; the sentence says how one can tell."""


class NothingToProveError(Exception):
    """The scope has no service, or none of its services runs anywhere."""


def begin_pack(*, scope: str, name: str, by: User | None, maker: str, now: datetime) -> EvidencePack:
    """A pack of a service (by its slug), a team or the fleet that is still to be made. Raises NothingToProveError."""
    services = _services(scope, name, now)
    if not services or not _carrying(services).exists():
        raise NothingToProveError(f"Nothing of {name or 'the fleet'} runs in a container.")
    shown = services[0].name if scope == "service" else name
    return EvidencePack.objects.create(scope=scope, name=shown, made_at=now, made_by=by, maker=maker, state=WAITING)


def pack_waits(pack: int, *, now: datetime) -> None:
    """Says that a worker knows of it and has no turn for it yet, for the page that waits."""
    EvidencePack.objects.filter(pk=pack).exclude(state=MADE).update(state=WAITING, summary={"at": now.isoformat()})


def fill_pack(pack: EvidencePack, *, now: datetime) -> None:
    """Puts together what is known now; a pack that was made already stays as it is. What goes wrong is written there,
    for the page that waits.
    """
    if pack.state == MADE:
        return
    pack.state, pack.summary = MAKING, {"at": now.isoformat()}
    pack.save(update_fields=["state", "summary"])
    try:
        document = _build(pack, now=now)
    except Exception as error:
        told = str(error) if isinstance(error, NothingToProveError) else f"{type(error).__name__}: {error}"
        pack.state, pack.summary = FAILED, {"error": told[:500]}
        pack.save(update_fields=["state", "summary"])
        raise
    encoded = msgspec.json.encode(document, order="deterministic")
    pack.state, pack.made_at = MADE, now
    pack.rules_version = document["versions"]["rules"]
    pack.policy_version = document["versions"]["policy"]
    pack.tables_version = document["versions"]["tables"]
    pack.digest = hashlib.sha256(encoded).hexdigest()
    pack.document = gzip.compress(encoded, mtime=0)
    pack.summary = _summary(document)
    pack.save()


def make_pack(*, scope: str, name: str, by: User | None, maker: str, now: datetime) -> EvidencePack:
    """Begun and filled at once. Raises NothingToProveError."""
    pack = begin_pack(scope=scope, name=name, by=by, maker=maker, now=now)
    fill_pack(pack, now=now)
    return pack


def _summary(document: Mapping[str, Any]) -> dict[str, Any]:
    statuses = [row["status"] for row in document["findings"]]
    return {
        "services": len(document["services"]),
        "ready": sum(1 for row in document["services"] if row["verdict"] == "ready"),
        "findings": len(statuses),
        "failing": sum(1 for row in document["findings"] if row["status"] == "fail" and not row["waiver"]),
        "unknown": statuses.count("unknown"),
        "waived": sum(1 for row in document["findings"] if row["waiver"]),
        "behind": len(document["behind"]),
        "oldest": min((row["answered_at"] or "" for row in document["hosts"]), default=""),
    }


def document_of(pack: EvidencePack) -> dict[str, Any]:
    """The pack's document. Raises AlteredPackError when what is stored is not what was made."""
    try:
        encoded = gzip.decompress(bytes(pack.document))
    except (OSError, EOFError, zlib.error) as error:
        raise AlteredPackError("what is stored is not what was made: it cannot be unpacked") from error
    if hashlib.sha256(encoded).hexdigest() != pack.digest:
        raise AlteredPackError("what is stored is not what was made: its digest differs")
    document: dict[str, Any] = msgspec.json.decode(encoded)
    return document


def _carrying(services: Sequence[Service]) -> ContainerQuerySet:
    return Container.objects.present().filter(service__in=[row.pk for row in services], carries_verdict=True)


def _build(pack: EvidencePack, *, now: datetime) -> dict[str, Any]:
    services = _services(pack.scope, pack.name, now, called=True)
    carrying = list(_carrying(services).select_related("host__environment", "service"))
    if not carrying:
        raise NothingToProveError(f"Nothing of {pack.name or 'the fleet'} runs in a container any more.")
    hosts = sorted({row.host_id: row.host for row in carrying}.values(), key=lambda host: host.name)
    own = Q(subject_kind="service", service__in=services)
    about = Answers().about(Container.objects.filter(pk__in=[row.pk for row in carrying]), own)
    rows = sorted(about.prefetched(), key=lambda row: (row.severity_rank, row.rule, row.subject_kind, row.subject_pk))
    findings = [finding_as_dict(row, now=now) for row in rows]
    policy, tables, trust = in_force(), current_tables(), grounds()
    waivers = Waiver.objects.for_lists().filter(Q(service__in=services) | Q(host__in=hosts) | Q(kind="image"))
    cluster, material = Cluster.load(services, now=now, policy=policy), Material(carrying, now=now, tables=tables)
    by_service: dict[int | None, list[Container]] = defaultdict(list)
    for container in carrying:
        by_service[container.service_id].append(container)
    return {
        "format": FORMAT,
        "scope": pack.scope,
        "name": pack.name,
        "made_at": moment(now),
        "made_by": pack.maker,
        "benchmark": f"{CIS_BENCHMARK} {CIS_VERSION}",
        "versions": {"rules": catalogue.version(), "policy": policy.version, "tables": tables.version},
        "policy": plain(policy.policy),
        "tables": {one: tables.table(one).as_of.isoformat() for one in tables.__struct_fields__},
        "behind": [host.name for host in hosts if _is_behind(host, policy.digest, tables.version, trust.digest)],
        "rules": [_rule(rule) for rule in catalogue.rules()],
        "services": [_service(row, by_service[row.pk], cluster, material) for row in services],
        "hosts": [_host(host, now) for host in hosts],
        "findings": findings,
        "waivers": [waiver_as_dict(row, now=now) for row in waivers],
    }


def _is_behind(host: Host, policy: str, tables: str, trust: str) -> bool:
    """Whether its findings are by another policy, other rules, tables or publishers than those that the pack names:
    these came into force since, and its next sweep judges by them.
    """
    judged_on = host.judged_on
    named = {"rules": catalogue.version(), "policy": policy, "tables": tables, "trust": trust}
    return any(judged_on.get(part) != version for part, version in named.items())


def _rule(rule: AnyRule) -> dict[str, Any]:
    return {
        "rule": rule.slug,
        "catalogue": rule.catalogue,
        "title": rule.title,
        "references": list(rule.documentation.references),
    }


def _services(scope: str, name: str, now: datetime, *, called: bool = False) -> list[Service]:
    """Those of the scope; a service by its slug, or with `called` by its name."""
    rows = Service.objects.in_catalogue().with_verdict_now(now).order_by("name")
    if scope == "service":
        return list(rows.filter(name=name) if called else rows.filter(slug=name))
    return list(rows.filter(team=name)) if scope == "team" else list(rows)


def _service(row: Service, mine: Sequence[Container], cluster: Cluster, material: Material) -> dict[str, Any]:
    subject = ServiceCase(row, Stage(row.stage), mine, cluster, material).subject if mine else None
    areas = row.scores
    return {
        "service": row.name,
        "slug": row.slug,
        "team": row.team,
        "tier": row.tier,
        "runbook": row.runbook,
        "oncall": row.oncall,
        "stage": row.stage,
        "verdict": getattr(row, "verdict_now"),  # noqa: B009 - annotated
        "verdict_own": row.verdict_own,
        "pillars": row.pillars_now,
        "points": {
            pillar: {
                "score": points.score,
                "confidence": points.confidence,
                "passed": points.passed,
                "told": points.passed + points.failed,
                "unknown": points.unknown + points.blind,
            }
            for pillar, points in areas.items()
        },
        "all_hosts_answered": cluster.all_hosts_answered,
        "environment": subject.environment if subject else "",
        "members": [{"host": one.host.name, "container": one.engine_id} for one in mine],
        "swarm": to_plain(subject.swarm) if subject and subject.swarm else None,
        "tasks": _each(subject.tasks) if subject else None,
        "nodes": _each(subject.nodes) if subject else None,
    }


def _each(rows: Sequence[Any] | None) -> list[dict[str, Any]] | None:
    return None if rows is None else [to_plain(row) for row in rows]


def _host(host: Host, now: datetime) -> dict[str, Any]:
    """The host with everything on it: rules look at the neighbours, too."""
    host = Host.objects.select_related("environment").get(pk=host.pk)
    case = Case.load(host, now=now)
    around, subjects = case.around, case.subjects()
    return {
        "host": host.name,
        "environment": host.environment.slug,
        "stage": host.environment.stage,
        "environment_declared": host.environment_declared,
        "twins": list(around.twins),
        "answered_at": moment(host.answered_at),
        "stale": host.is_stale(now),
        "facts": host.facts,
        "containers": [
            {
                "facts": row.facts,
                "service": row.service.name if row.service else None,
                "restarts": subjects[row.pk].restarts,
                "tier": subjects[row.pk].entered_tier,
            }
            for row in case.containers
        ],
        "images": _part(around.images),
        "networks": _part(None if around.networks is None else {one.id: one for one in around.networks.values()}),
        "volumes": _part(around.volumes),
        "services": _each(around.services),
        "nodes": _each(around.nodes),
        "tasks": _each(around.tasks),
        "plugins": _each(around.plugins),
        "proven": {image: to_plain(one) for image, one in sorted(around.proven.items())},
    }


def _part(part: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    return None if part is None else [to_plain(one) for one in part.values()]


def worst_first(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What fails, then what is accepted, then what cannot be told; passes and the rest last."""
    order = {Status.FAIL.value: 0, Status.UNKNOWN.value: 2, Status.PASS.value: 3, Status.NOT_APPLICABLE.value: 4}
    severities = ["critical", "high", "medium", "low", "info"]
    return sorted(
        findings,
        key=lambda row: (
            1 if row["waiver"] else order[row["status"]],
            severities.index(row["severity"]),
            row["rule"],
            row["subject"]["host"] or "",
            row["subject"]["name"],
        ),
    )
