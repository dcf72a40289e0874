"""A snapshot becomes rows: in one transaction, idempotent, writing only what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F

from fleet.inventory import ContainerFacts, Snapshot
from fleet.inventory.identity import Identity, identify
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Container, Host, Image, Network, Volume
from fleet.naming import services_for

#: Restarts are counted over this window.
RESTART_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one snapshot changed. `services` are the services that gained, lost or changed a container."""

    containers: int
    changed: int
    services: frozenset[int]


class StaleClaimError(Exception):
    """The host was claimed anew, changed or removed while this sweep ran; its result is thrown away."""


def record(host_id: int, snapshot: Snapshot, *, now: datetime, claim: str | None = None) -> Recorded:
    """Stores what the sweep saw of one host. Parts that it did not see (None) are left as they were.

    With `claim`, raises StaleClaimError when the host no longer carries it, so that of two sweeps only one counts.
    """
    with transaction.atomic():
        host = Host.objects.select_for_update().filter(pk=host_id).first()
        if host is None or (claim is not None and host.claim != claim):
            raise StaleClaimError
        changed = 0
        if snapshot.images is not None:
            changed += _store(Image, host, [(i.id, _image_name(i.tags, i.id), i) for i in snapshot.images], now)
        if snapshot.networks is not None:
            changed += _store(Network, host, [(n.id, n.name, n) for n in snapshot.networks], now)
        if snapshot.volumes is not None:
            changed += _store(Volume, host, [(v.name, v.name, v) for v in snapshot.volumes], now)
        touched, changed_containers = _store_containers(host, snapshot.containers, now)
        _store_host(host, snapshot, now)
    return Recorded(len(snapshot.containers), changed + changed_containers, frozenset(touched))


def record_failure(host_id: int, *, code: str, reason: str, now: datetime, claim: str | None = None) -> bool:
    """Notes on the host that it did not answer and why; what is known of its containers stays as it was, with its age.

    With `claim`, does nothing and returns False when the host no longer carries it.
    """
    chosen = Host.objects.filter(pk=host_id)
    if claim is not None:
        chosen = chosen.filter(claim=claim)
    noted = chosen.update(error_code=code, error=reason, attempted_at=now, failures=F("failures") + 1, claim="")
    return noted > 0


def _image_name(tags: tuple[str, ...] | None, engine_id: str) -> str:
    return tags[0][:255] if tags else engine_id[:19]


Thing = TypeVar("Thing", Image, Network, Volume)


def _store(model: type[Thing], host: Host, seen: Iterable[tuple[str, str, Any]], now: datetime) -> int:
    """Inserts, updates and marks gone the rows of one kind; returns how many rows were written."""
    rows = {row.engine_id: row for row in model.objects.filter(host=host)}
    new: list[Thing] = []
    changed: list[Thing] = []
    present: set[str] = set()
    for engine_id, name, facts in seen:
        present.add(engine_id)
        plain = to_plain(facts)
        digest = fingerprint(plain)
        row = rows.get(engine_id)
        if row is None:
            new.append(
                model(
                    host=host,
                    engine_id=engine_id,
                    name=name,
                    facts=plain,
                    facts_hash=digest,
                    first_seen=now,
                    changed_at=now,
                )
            )
        elif row.facts_hash != digest or row.gone_at is not None:
            row.name, row.facts, row.facts_hash, row.changed_at, row.gone_at = name, plain, digest, now, None
            changed.append(row)
    model.objects.bulk_create(new, batch_size=200)
    model.objects.bulk_update(changed, ["name", "facts", "facts_hash", "changed_at", "gone_at"], batch_size=200)
    gone = [row.pk for engine_id, row in rows.items() if engine_id not in present and row.gone_at is None]
    if gone:
        model.objects.filter(pk__in=gone).update(gone_at=now)
    return len(new) + len(changed) + len(gone)


_CONTAINER_FIELDS = (
    "name", "facts", "facts_hash", "changed_at", "gone_at", "service", "image", "image_reference", "state", "health",
    "expected_running", "created_at", "started_at", "restart_count", "restart_marks",
)  # fmt: skip


def _store_containers(host: Host, seen: Iterable[ContainerFacts], now: datetime) -> tuple[set[int], int]:
    """Returns the services touched and how many rows were written."""
    rows = {row.engine_id: row for row in Container.objects.filter(host=host)}
    images = dict(Image.objects.filter(host=host, gone_at__isnull=True).values_list("engine_id", "pk"))
    todo: list[tuple[Container | None, ContainerFacts, Identity, str]] = []
    present: set[str] = set()
    for facts in seen:
        present.add(facts.id)
        row = rows.get(facts.id)
        if not facts.inspected and row is not None:
            facts = _with_old_inspection(facts, row)  # noqa: PLW2901 - the merged facts take the place of the bare ones
        digest = fingerprint(to_plain(facts))
        if row is None or row.facts_hash != digest or row.gone_at is not None or _has_old_marks(row, now):
            todo.append((row, facts, identify(facts), digest))
    services = services_for([identity for _, _, identity, _ in todo], host=host, now=now)
    new: list[Container] = []
    changed: list[Container] = []
    touched: set[int] = set()
    for old, facts, identity, digest in todo:
        row = old or Container(host=host, engine_id=facts.id, first_seen=now)
        if row.service_id is not None:
            touched.add(row.service_id)
        _fill(row, facts, digest, now)
        row.service = services[identity.service]
        row.image_id = images.get(facts.image_id or "")
        touched.add(row.service.pk)
        (changed if old else new).append(row)
    Container.objects.bulk_create(new, batch_size=100)
    Container.objects.bulk_update(changed, _CONTAINER_FIELDS, batch_size=100)
    gone = [row for engine_id, row in rows.items() if engine_id not in present and row.gone_at is None]
    if gone:
        touched |= {row.service_id for row in gone if row.service_id is not None}
        Container.objects.filter(pk__in=[row.pk for row in gone]).update(gone_at=now, changed_at=now)
    return touched, len(new) + len(changed) + len(gone)


def _with_old_inspection(facts: ContainerFacts, row: Container) -> ContainerFacts:
    """The list's fresh fields over the last inspection: better stale in the details than partial.

    A container that was never inspected stays so, and its rules say unknown.
    """
    old = row.read_facts()
    if not old.inspected:
        return facts
    from_list = {
        name: value
        for name in ("name", "state", "health", "labels", "ports", "mounts", "networks", "image_id")
        if (value := getattr(facts, name)) is not None
    }
    return replace(old, **from_list)


def _fill(row: Container, facts: ContainerFacts, digest: str, now: datetime) -> None:
    row.name = facts.name[:255]
    if row.facts_hash != digest or row.gone_at is not None:
        row.changed_at = now
    row.facts, row.facts_hash, row.gone_at = to_plain(facts), digest, None
    row.image_reference = (facts.image_reference or "")[:500]
    row.state, row.health = facts.state or "", facts.health or ""
    policy = facts.restart_policy.name if facts.restart_policy else ""
    row.expected_running = facts.running or policy in {"always", "unless-stopped"}
    row.created_at, row.started_at = facts.created_at, facts.started_at
    count = facts.restart_count or 0
    row.restart_marks = _marks(row, count, now)
    row.restart_count = count


def _window_start(now: datetime) -> str:
    return (now - RESTART_WINDOW).isoformat()


def _has_old_marks(row: Container, now: datetime) -> bool:
    """Whether a mark besides the first has left the window, so that the count of restarts has to be taken anew."""
    return len(row.restart_marks) > 1 and row.restart_marks[1][0] <= _window_start(now)


def _marks(row: Container, count: int, now: datetime) -> list[list[Any]]:
    """Counts seen, newest last. The newest mark from before the window is kept: it is what the window began with."""
    marks = [] if row.restart_count > count else list(row.restart_marks)  # a lower count means a start by hand
    if not marks or marks[-1][1] != count:
        marks.append([now.isoformat(), count])
    start = _window_start(now)
    while len(marks) > 1 and marks[1][0] <= start:
        marks.pop(0)
    return marks[-50:]


def restarts_in_window(row: Container, *, now: datetime) -> int | None:
    """How many restarts the last ten minutes saw; None when the container has not been watched that long and
    is too old for its whole count to fall into the window.
    """
    if row.created_at is not None and now - row.created_at <= RESTART_WINDOW:
        return row.restart_count
    if not row.restart_marks:
        return None
    first_time, first_count = row.restart_marks[0]
    rise = row.restart_count - int(first_count)
    watched_long = datetime.fromisoformat(first_time) <= now - RESTART_WINDOW or row.first_seen <= now - RESTART_WINDOW
    return rise if watched_long or rise > 0 or len(row.restart_marks) > 1 else None


def _store_host(host: Host, snapshot: Snapshot, now: datetime) -> None:
    swarm = dict(host.swarm)
    for name in ("services", "tasks", "nodes", "plugins"):
        part = getattr(snapshot, name)
        if part is not None:
            swarm[name] = [to_plain(entry) for entry in part]
        elif not any(gap.endpoint.strip("/") == name for gap in snapshot.gaps):
            swarm.pop(name, None)  # the engine has no such thing (any more), which is not the same as not answering
    facts = snapshot.host
    if facts.volume_warnings is None and host.facts.get("volume_warnings") is not None:
        facts = replace(facts, volume_warnings=tuple(host.facts["volume_warnings"]))
    host.swarm, host.facts = swarm, to_plain(facts)
    host.gaps = [{"endpoint": gap.endpoint, "reason": gap.reason} for gap in snapshot.gaps]
    host.containers_total = len(snapshot.containers)
    host.containers_running = sum(1 for container in snapshot.containers if container.running)
    host.attempted_at = host.answered_at = now
    host.failures, host.error_code, host.error, host.claim = 0, "", "", ""
    host.sweep_seconds = snapshot.seconds
    host.save(
        update_fields=[
            "swarm", "facts", "gaps", "containers_total", "containers_running", "attempted_at", "answered_at",
            "failures", "error_code", "error", "claim", "sweep_seconds",
        ]
    )  # fmt: skip
