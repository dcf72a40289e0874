"""Storing the containers of some hosts, writing only what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fleet.engines import RESTLESS
from fleet.inventory import ContainerFacts, Snapshot
from fleet.inventory.hand_changes import merged
from fleet.inventory.identity import Identity
from fleet.inventory.lasting import lasting
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Container, Host, Image, Service, ServiceMapping
from fleet.models.container import WATCHED_FIELDS
from fleet.models.host import stale_after
from fleet.models.judged import JUDGED_FIELDS
from fleet.models.reading import fill
from fleet.models.unwritten import Unwritten
from fleet.naming import Namer, known_services
from fleet.notes import Notes
from fleet.recording.known import insert, known_rows
from fleet.recording.restarts import has_old_marks, marks_after

_MOST_RESTARTS = 2**31 - 1
_CONTAINER_FIELDS = (
    "name", "facts", "facts_hash", "changed_at", "gone_at", "service", "image", "image_reference", "state", "health",
    "expected_running", "created_at", "started_at", "restart_count", "restart_marks", "uninspected_since",
    "remembered", "as_neighbour", "lasting_hash",
)  # fmt: skip


Told = tuple[Host, Snapshot, Notes]
#: What of a container is only written by its sweep, and read of those that were looked at.
_WRITTEN = ("facts", "health", "expected_running", "changed_at", "uninspected_since")
#: Most of what there is of a container: that, and what whoever judges it or adds it up reads.
_LATER = (*_WRITTEN, *WATCHED_FIELDS, "carries_verdict", "own_standing", *JUDGED_FIELDS)


@dataclass(frozen=True, slots=True)
class StoredContainers:
    """What came of storing a host's containers: the services touched, and how many rows were written.

    `changed` are keys of those that are new or not as they were, `gone` of those that went, `unused` of images that
    none of them has any more, `beside` names and ids of networks and names of volumes that any of those had or has;
    `known_again` that each is known by its list entry. `there` are all rows that are there, of what was not looked at
    without `_LATER`.
    """

    services: set[int]
    written: int
    changed: Sequence[int]
    gone: Sequence[int]
    unused: Collection[int]
    beside: Collection[str]
    known_again: bool
    there: Sequence[Container]


def store_containers(swept: Sequence[Told], now: datetime, unwritten: Unwritten) -> list[StoredContainers]:
    """Of many hosts, in their order: what is to be read of all of them takes one statement each. What is to be written
    is left to `unwritten`, but that some are gone.
    """
    present = {host.pk: {facts.id for facts in snapshot.containers} for host, snapshot, _ in swept}
    known = known_rows(Container, present, defer=_LATER, texts=Container.TEXTS)
    seen = [row for host, rows in known.items() for one, row in rows.items() if one in present[host]]
    fill(seen, (*_WRITTEN, *WATCHED_FIELDS))
    terms = ServiceMapping.objects.in_force().terms() if any(present.values()) else ()
    hosts = [_Containers(one, known[one[0].pk], Namer(one[0], terms), now) for one in swept]
    named = known_services(identity.service for one in hosts for identity in one.identities)
    images = _images_by_id(hosts, unwritten)
    for one in hosts:
        one.settle(named, images)
    unwritten.save([row for one in hosts for row in one.relearned], ["remembered"])
    insert([row for one in hosts for row in one.new], unwritten)
    unwritten.save([row for one in hosts for row in one.changed], _CONTAINER_FIELDS)
    if gone := [row.pk for one in hosts for row in one.gone]:
        Container.objects.filter(pk__in=gone).update(gone_at=now, changed_at=now)
    return [one.stored() for one in hosts]


def _images_by_id(hosts: Sequence[_Containers], unwritten: Unwritten) -> dict[tuple[int, str], int]:
    """Keys of the images of what is to be written, by the host's key and their own ids."""
    wanted = {(one.host.pk, facts.image_id or "") for one in hosts for _, facts, *_ in one.todo}
    if not wanted:
        return {}
    keys, ids = {host for host, _ in wanted}, {identity for _, identity in wanted}
    rows = Image.objects.filter(host__in=keys, engine_id__in=ids, gone_at__isnull=True).order_by()
    stored = {(host, identity): pk for host, identity, pk in rows.values_list("host_id", "engine_id", "pk")}
    return stored | {(row.host_id, row.engine_id): row.pk for row in unwritten.of(Image) if row.gone_at is None}


class _Containers:
    """Those of one host on the way through `store_containers`; what is unchanged is not looked at."""

    def __init__(self, told: Told, rows: Mapping[str, Container], namer: Namer, now: datetime) -> None:
        self.host, self._snapshot, self._notes = told
        self._namer, self._now, snapshot = namer, now, self._snapshot
        self._seen, self._rows = {facts.id: facts for facts in snapshot.containers}, rows
        there = self._seen.keys() | snapshot.unchanged
        self.gone = [row for one, row in rows.items() if one not in there and row.gone_at is None]
        self.todo = [todo for told in self._seen.values() if (todo := self._to_write(told)) is not None]
        self.new = [row for row, *_ in self.todo if row.pk is None]
        self.changed = [row for row, *_ in self.todo if row.pk is not None]
        self.relearned: Sequence[Container] = ()
        self._touched: set[int] = set()
        self._beside: set[str] = set()
        self._images_before = {row.pk: row.image_id for row in self.changed}

    @property
    def identities(self) -> list[Identity]:
        return [identity for _, _, identity, *_ in self.todo]

    def _to_write(self, told: ContainerFacts) -> tuple[Container, ContainerFacts, Identity, dict[str, Any], str] | None:
        now = self._now
        row = self._rows.get(told.id) or Container(host=self.host, engine_id=told.id, first_seen=now)
        fresh = _with_old_parts(told, row, now)
        since = None if fresh.inspected else row.uninspected_since or now
        facts = _with_old_inspection(fresh, row) if since is not None and now - since <= stale_after() else fresh
        plain = to_plain(facts)
        digest = fingerprint(plain)
        quiet = row.facts_hash == digest and row.gone_at is None and row.uninspected_since == since
        if quiet and not has_old_marks(row, now):
            return None
        row.uninspected_since = since
        return row, facts, self._namer.name(facts), plain, digest

    def settle(self, named: dict[str, Service], images: Mapping[tuple[int, str], int]) -> None:
        """Fills what is to be written; `named` are services by name, and learns those that are made here."""
        now, touched = self._now, self._touched
        services = self._namer.services(self.identities, now=now, known=named) if self.todo else {}
        for row, facts, identity, plain, digest in self.todo:
            if row.service_id is not None:
                touched.add(row.service_id)
            before = {} if row.gone_at is not None else row.facts
            if row.pk is not None:
                self._beside |= row.neighbour.beside
            _fill(row, facts, plain=plain, digest=digest, now=now)
            self._beside |= row.neighbour.beside
            row.service = services[identity.service]
            self._notes.container(row.service.pk, row.name, before, plain)
            row.image_id = images.get((self.host.pk, facts.image_id or ""))
            touched.add(row.service.pk)
        stored = {row.engine_id for row, *_ in self.todo}
        _remember((row for row, *_ in self.todo), self._snapshot)  # these are written anyway
        known = [one for one in self._snapshot.remembered if one in self._seen and one in self._rows]
        self.relearned = _remember([self._rows[one] for one in known if one not in stored], self._snapshot)
        for row in self.gone:
            self._beside |= row.neighbour.beside
            if row.service_id is not None:
                touched.add(row.service_id)
                self._notes.went(row.service_id, row.name)

    def stored(self) -> StoredContainers:
        current = {**self._rows, **{row.engine_id: row for row, *_ in self.todo}}
        # The unchanged were, just now.
        known_again = all(one in current and current[one].remembered for one in self._seen)
        there = [current[one] for one in (*self._seen, *self._snapshot.unchanged) if one in current]
        left = {*(row.image_id for row in self.gone), *(self._images_before[row.pk] for row in self.changed)}
        unused = {key for key in left - {row.image_id for row in there} if key is not None}
        changed, gone = [row.pk for row, *_ in self.todo], [row.pk for row in self.gone]
        written = len(changed) + len(gone)
        return StoredContainers(
            self._touched, written, changed, gone, unused, self._beside, known_again=known_again, there=there
        )


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
    row.lasting_hash = lasting(plain)
    row.keep_neighbour(facts)
    row.image_reference = (facts.image_reference or "")[:500]
    row.state, row.health = (facts.state or "")[:20], (facts.health or "")[:20]
    policy = facts.restart_policy.name if facts.restart_policy else ""
    row.expected_running = facts.running or policy in {"always", "unless-stopped"}
    row.created_at, row.started_at = facts.created_at, facts.started_at
    count = min(max(facts.restart_count or 0, 0), _MOST_RESTARTS)
    row.restart_marks = marks_after(row, count, now)
    row.restart_count = count
