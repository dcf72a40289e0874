"""Storing the containers of one host, writing only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fleet.engines import RESTLESS
from fleet.inventory import ContainerFacts, Snapshot
from fleet.inventory.hand_changes import merged
from fleet.inventory.identity import Identity
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Container, Host, Image
from fleet.models.host import stale_after
from fleet.models.writing import save_fields
from fleet.naming import Namer
from fleet.notes import Notes
from fleet.recording.known import insert, known_rows
from fleet.recording.restarts import has_old_marks, marks_after

_MOST_RESTARTS = 2**31 - 1
_CONTAINER_FIELDS = (
    "name", "facts", "facts_hash", "changed_at", "gone_at", "service", "image", "image_reference", "state", "health",
    "expected_running", "created_at", "started_at", "restart_count", "restart_marks", "uninspected_since",
    "remembered", "as_neighbour",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredContainers:
    """What came of storing a host's containers: the services touched, and how many rows were written.

    `gone` says that one went, or has another image; `known_again` that each is known by its list entry. `there` are
    all rows that are there, or None when some were not even read.
    """

    services: set[int]
    written: int
    gone: bool
    known_again: bool
    there: Sequence[Container] | None


def store_containers(host: Host, snapshot: Snapshot, now: datetime, notes: Notes) -> StoredContainers:
    """What is unchanged is not even read."""
    seen = {facts.id: facts for facts in snapshot.containers}
    rows = known_rows(Container, host, seen, without=snapshot.unchanged)
    images: Mapping[str, int] | None = None  # read only when a row is written
    namer = Namer(host)
    todo: list[tuple[Container, ContainerFacts, Identity, dict[str, Any], str]] = []
    for engine_id, told in seen.items():
        row = rows.get(engine_id) or Container(host=host, engine_id=engine_id, first_seen=now)
        fresh = _with_old_parts(told, row, now)
        since = None if fresh.inspected else row.uninspected_since or now
        facts = _with_old_inspection(fresh, row) if since is not None and now - since <= stale_after() else fresh
        plain = to_plain(facts)
        digest = fingerprint(plain)
        quiet = row.facts_hash == digest and row.gone_at is None and row.uninspected_since == since
        if not quiet or has_old_marks(row, now):
            row.uninspected_since = since
            todo.append((row, facts, namer.name(facts), plain, digest))
    services = namer.services([identity for _, _, identity, *_ in todo], now=now) if todo else {}
    touched: set[int] = set()
    images_before = {row.pk: row.image_id for row, *_ in todo if row.pk is not None}
    for row, facts, identity, plain, digest in todo:
        if row.service_id is not None:
            touched.add(row.service_id)
        before = {} if row.gone_at is not None else row.facts
        _fill(row, facts, plain=plain, digest=digest, now=now)
        row.service = services[identity.service]
        notes.container(row.service.pk, row.name, before, plain)
        if images is None:
            images = dict(Image.objects.filter(host=host, gone_at__isnull=True).values_list("engine_id", "pk"))
        row.image_id = images.get(facts.image_id or "")
        touched.add(row.service.pk)
    stored = {row.engine_id for row, *_ in todo}
    _remember((row for row, *_ in todo), snapshot)  # these are written anyway
    relearned = _remember([rows[one] for one in snapshot.remembered if one in rows and one not in stored], snapshot)
    new = [row for row, *_ in todo if row.pk is None]
    changed = [row for row, *_ in todo if row.pk is not None]
    save_fields(relearned, ["remembered"])
    insert(new, host)
    save_fields(changed, _CONTAINER_FIELDS)
    gone = [row for engine_id, row in rows.items() if engine_id not in seen and row.gone_at is None]
    if gone:
        for row in gone:
            if row.service_id is not None:
                touched.add(row.service_id)
                notes.went(row.service_id, row.name)
        Container.objects.filter(pk__in=[row.pk for row in gone]).update(gone_at=now, changed_at=now)
    current = {**rows, **{row.engine_id: row for row, *_ in todo}}
    known_again = all(one in current and current[one].remembered for one in seen)  # the unchanged were, just now
    left = bool(gone) or any(images_before[row.pk] != row.image_id for row in changed)
    there = None if snapshot.unchanged else [current[one] for one in seen]
    return StoredContainers(touched, len(new) + len(changed) + len(gone), left, known_again, there)


def _remember(rows: Iterable[Container], snapshot: Snapshot) -> list[Container]:
    """How the next sweep knows each container again; returns the rows of which that is new.

    What was done by hand within the last day, and what could not be inspected, has to be looked at each time; what
    restarted of late when that leaves its window, and whenever an event may have been missed.
    """
    found: list[Container] = []
    for row in rows:
        unsure = row.facts.get("hand_changes") or row.uninspected_since is not None
        token = "" if unsure else snapshot.remembered.get(row.engine_id, "")
        token += RESTLESS if token and len(row.restart_marks) > 1 else ""
        if row.remembered != token:
            row.remembered = token
            found.append(row)
    return found


def _with_old_parts(facts: ContainerFacts, row: Container, now: datetime) -> ContainerFacts:
    """What this sweep did not ask, or asked since the last one only: sizes, and what was done by hand."""
    known = row.facts or {}
    if facts.size_rw is None and known.get("size_rw") is not None:
        facts = replace(facts, size_rw=int(known["size_rw"]))
    if known.get("hand_changes"):
        old = row.read_facts().hand_changes or ()
        facts = replace(facts, hand_changes=merged(old, facts.hand_changes, now))
    return facts


#: What is told of a container without inspecting it: by the list, by the one of sizes, and by the events.
_WITHOUT_INSPECTION = (
    "name", "state", "health", "labels", "ports", "mounts", "networks", "image_id", "size_rw", "hand_changes",
)  # fmt: skip


def _with_old_inspection(facts: ContainerFacts, row: Container) -> ContainerFacts:
    """The list's fresh fields over the last inspection: better a little stale in the details than partial.

    A container that was never inspected stays so, and its rules say unknown.
    """
    old = row.read_facts() if row.facts else facts
    if not old.inspected:
        return facts
    from_list = {name: value for name in _WITHOUT_INSPECTION if (value := getattr(facts, name)) is not None}
    return replace(old, **from_list)


def _fill(row: Container, facts: ContainerFacts, *, plain: dict[str, Any], digest: str, now: datetime) -> None:
    row.name = facts.name[:255]
    if row.facts_hash != digest or row.gone_at is not None:
        row.changed_at = now
    row.facts_hash, row.gone_at = digest, None
    row.keep_facts(plain, facts)
    row.keep_neighbour(facts)
    row.image_reference = (facts.image_reference or "")[:500]
    row.state, row.health = (facts.state or "")[:20], (facts.health or "")[:20]
    policy = facts.restart_policy.name if facts.restart_policy else ""
    row.expected_running = facts.running or policy in {"always", "unless-stopped"}
    row.created_at, row.started_at = facts.created_at, facts.started_at
    count = min(max(facts.restart_count or 0, 0), _MOST_RESTARTS)
    row.restart_marks = marks_after(row, count, now)
    row.restart_count = count
