"""A snapshot becomes rows: in one transaction, idempotent, writing only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from fleet.inventory import Gap, ImageFacts, NothingNew, Snapshot
from fleet.inventory.plain import fingerprint, from_plain, to_plain
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.seen import Seen
from fleet.models.writing import save_fields
from fleet.notes import Notes
from fleet.recording.asked import THINGS, asked_now, with_old_answers
from fleet.recording.containers import store_containers
from fleet.recording.known import Row, insert, known_rows

#: What an id's column holds; what is longer was never made by an engine and is left out.
LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one snapshot changed of the `host`, which is as it was stored.

    `services` are the services that gained, lost or changed a container.

    `notes` say by service what changed there, and `host_notes` what changed of the engine, in words. `gone` says that
    something may not be there any more, so that what was found about it has to go. `there` has all rows of what is
    there, of each kind that had to be read whole.
    """

    host: Host
    containers: int
    changed: int
    services: frozenset[int]
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    host_notes: tuple[str, ...] = ()
    gone: bool = True
    there: Mapping[type[Seen], Sequence[Seen]] = field(default_factory=dict)


class StaleClaimError(Exception):
    """The host was claimed anew, changed or removed while this sweep ran; its result is thrown away."""


def record(host_id: int, snapshot: Snapshot, *, now: datetime, claim: str | None = None) -> Recorded:
    """Stores what the sweep saw of one host. Parts that it did not see (None) are left as they were.

    With `claim`, raises StaleClaimError when the host no longer carries it, so that of two sweeps only one counts.
    """
    with transaction.atomic(savepoint=False):
        host = Host.objects.to_store().filter(pk=host_id).first()
        if host is None or (claim is not None and host.claim != claim):
            raise StaleClaimError
        changed, gaps = 0, list(snapshot.gaps)
        there: dict[type[Seen], Sequence[Seen]] = {}
        before = {name: getattr(host, name) for name in _LONG}
        for model, endpoint, seen in _things(snapshot):
            storable = {engine_id: (name, facts) for engine_id, name, facts in seen if len(engine_id) <= LONGEST_ID}
            if any(len(engine_id) > LONGEST_ID for engine_id, _, _ in seen):
                gaps.append(Gap(endpoint, f"entries whose id or name is longer than {LONGEST_ID} characters"))
            written, there[model] = _store(model, host, storable, now)
            changed += written
        notes = Notes()
        stored = store_containers(host, snapshot, now, notes)
        if stored.there is not None:
            there[Container] = stored.there
        if not stored.known_again:
            snapshot = replace(snapshot, looks=None)
        told = with_old_answers(snapshot.host, host, snapshot)
        notes.engine(host.facts, to_plain(told), name=host.name)
        _store_host(host, replace(snapshot, host=told, gaps=tuple(gaps)), now, before)
    return Recorded(
        host,
        host.containers_total,
        changed + stored.written,
        frozenset(stored.services),
        notes.by_service,
        notes.of_host,
        gone=changed > 0 or stored.gone,
        there=there,
    )


def record_nothing_new(host_id: int, found: NothingNew, *, now: datetime, claim: str | None = None) -> Recorded:
    """Stores that nothing changed on one host. Raises StaleClaimError as `record` does."""
    host = Host.objects.to_store().filter(pk=host_id).first()
    if host is None or (claim is not None and host.claim != claim):
        raise StaleClaimError
    Host.objects.filter(pk=host_id).update(**answered(host, found, now))
    return Recorded(host, host.containers_total, 0, frozenset(), gone=False)


def answered(host: Host, found: NothingNew, now: datetime) -> dict[str, Any]:
    """All that is to be stored of a host on which nothing changed, by field."""
    return {
        "attempted_at": now,
        "answered_at": now,
        "claim": "",
        "sweep_seconds": found.seconds,
        "asked": {**host.asked, "events": found.events_until},
    }


def record_failure(host_id: int, *, code: str, reason: str, now: datetime, claim: str | None = None) -> bool:
    """Notes on the host that it did not answer and why; what is known of its containers stays as it was, with its age.

    With `claim`, does nothing and returns False when the host no longer carries it.
    """
    chosen = Host.objects.filter(pk=host_id)
    if claim is not None:
        chosen = chosen.filter(claim=claim)
    noted = chosen.update(error_code=code, error=reason, attempted_at=now, failures=F("failures") + 1, claim="")
    return noted > 0


Listed = list[tuple[str, str, Any]]  # id, name, facts


def _things(snapshot: Snapshot) -> list[tuple[type[Seen], str, Listed]]:
    """The parts that were seen, each with its endpoint."""
    found: list[tuple[type[Seen], str, Listed]] = []
    if snapshot.images is not None:
        found.append((Image, "/images/json", [(i.id, i.tags[0] if i.tags else i.id[:19], i) for i in snapshot.images]))
    if snapshot.networks is not None:
        found.append((Network, "/networks", [(n.id, n.name, n) for n in snapshot.networks]))
    if snapshot.volumes is not None:
        found.append((Volume, "/volumes", [(v.name, v.name, v) for v in snapshot.volumes]))
    return found


def _store(model: type[Row], host: Host, seen: Mapping[str, tuple[str, Any]], now: datetime) -> tuple[int, list[Row]]:
    """Inserts, updates and marks gone the rows of one kind; returns how many rows were written, and those that are
    there.
    """
    rows = known_rows(model, host, seen)
    inspected: list[str] = []
    new: list[Row] = []
    changed: list[Row] = []
    for engine_id, (name, told) in seen.items():
        row = rows.get(engine_id)
        facts = told
        if isinstance(told, ImageFacts):
            if not told.inspected and row is not None and row.facts.get("inspected"):
                facts = told.with_details_of(from_plain(ImageFacts, row.facts))
            inspected += [engine_id] if facts.inspected else []
        plain = to_plain(facts)
        digest = fingerprint(plain)
        if row is not None and row.facts_hash == digest and row.gone_at is None:
            continue
        (new if row is None else changed).append(row := row or model(host=host, engine_id=engine_id, first_seen=now))
        row.name, row.facts_hash = name[:LONGEST_ID], digest
        row.keep_facts(plain, facts)
        row.changed_at, row.gone_at = now, None
    insert(new, host)
    save_fields(changed, ["name", "facts", "facts_hash", "changed_at", "gone_at"])
    gone = [row.pk for engine_id, row in rows.items() if engine_id not in seen and row.gone_at is None]
    if gone:
        model._default_manager.filter(pk__in=gone).update(gone_at=now)  # noqa: SLF001 - the name that all models share
    if model is Image:
        host.images_inspected = sorted(inspected)
    there = [*(row for engine_id, row in rows.items() if engine_id in seen), *new]
    return len(new) + len(changed) + len(gone), there


_STORED = (
    "swarm", "images_inspected", "facts", "gaps", "containers_total", "containers_running", "attempted_at",
    "answered_at", "failures", "error_code", "error", "claim", "sweep_seconds", "engine_id", "asked",
)  # fmt: skip
#: Long values that would be written out anew though they stayed the same, a good part of what a sweep costs PostgreSQL.
_LONG = ("swarm", "facts", "gaps", "images_inspected")


def _store_host(host: Host, snapshot: Snapshot, now: datetime, before: Mapping[str, Any]) -> None:
    swarm = dict(host.swarm)
    for name in ("services", "tasks", "nodes", "plugins"):
        part = getattr(snapshot, name)
        if name == "plugins" and "things" not in snapshot.told:
            continue
        if part is not None:
            swarm[name] = [to_plain(entry) for entry in part]
        elif not any(gap.endpoint.strip("/") == name for gap in snapshot.gaps):
            swarm.pop(name, None)  # the engine has no such thing (any more), which is not the same as not answering
    facts = snapshot.host
    host.asked = asked_now(host, snapshot, now)
    host.swarm, host.facts, host.engine_id = swarm, to_plain(facts), (facts.engine_id or "")[:LONGEST_ID]
    since = {gap["endpoint"]: gap.get("since") for gap in host.gaps}
    not_asked = [] if "things" in snapshot.told else [gap for gap in host.gaps if gap["endpoint"] in THINGS]
    host.gaps = not_asked + [
        {"endpoint": gap.endpoint, "reason": gap.reason, "since": since.get(gap.endpoint) or now.isoformat()}
        for gap in snapshot.gaps
    ]
    host.containers_total = len(snapshot.containers) + len(snapshot.unchanged)
    running = sum(1 for container in snapshot.containers if container.running)
    host.containers_running = running + snapshot.running_unchanged
    host.attempted_at = host.answered_at = now
    host.failures, host.error_code, host.error, host.claim = 0, "", "", ""
    host.sweep_seconds = snapshot.seconds
    same = {name for name, value in before.items() if value == getattr(host, name)}
    Host.objects.filter(pk=host.pk).update(**{name: getattr(host, name) for name in _STORED if name not in same})
