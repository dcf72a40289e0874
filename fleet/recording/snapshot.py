"""Snapshots become rows: in one transaction, idempotent, writing only what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from fleet.engines import attached
from fleet.inventory import Gap, ImageFacts, NothingNew, Snapshot, VolumeFacts
from fleet.inventory.plain import fingerprint, to_plain
from fleet.inventory.snapshot import THINGS
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.remembering import recall
from fleet.models.seen import Seen
from fleet.models.unwritten import Unwritten
from fleet.models.writing import update_rows
from fleet.notes import Notes
from fleet.readiness.vocabulary import Scope
from fleet.recording.asked import asked_now, endpoints_of, with_old_answers
from fleet.recording.containers import StoredContainers, store_containers
from fleet.recording.known import insert, known_rows, rows_with_ids

#: What an id's column holds; what is longer was never made by an engine and is left out.
LONGEST_ID = 255
#: What is long of a thing, and read only of those that are told of anew.
_FACTS = ("facts",)


@dataclass(frozen=True, slots=True)
class Moved:
    """What of a host is not as it was: keys by kind of subject, and names and ids of networks and names of volumes that
    the containers among them had or have.
    """

    keys: Mapping[str, Collection[int]]
    beside: Collection[str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one snapshot changed of the `host`, which is as it was stored.

    `services` are the services that gained, lost or changed a container.

    `notes` say by service what changed there, and `host_notes` what changed of the engine, in words. `gone` says that
    something may not be there any more, so that what was found about it has to go; `went` what that is, keys by kind of
    subject, or images that no container has any more. `there` has all rows of what is
    there, of each kind that had to be read whole. `moved` is all that was written and went; None where everything on
    the host was asked for, and shall be looked at.
    """

    host: Host
    containers: int
    changed: int
    services: frozenset[int]
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    host_notes: tuple[str, ...] = ()
    gone: bool = True
    went: Mapping[str, Collection[int]] | None = None
    there: Mapping[type[Seen], Sequence[Seen]] = field(default_factory=dict)
    moved: Moved | None = None


class StaleClaimError(Exception):
    """Hosts were claimed anew, changed or removed while this sweep ran; their result is thrown away."""

    def __init__(self, hosts: Collection[int]) -> None:
        super().__init__(f"claimed anew, changed or removed: hosts {', '.join(map(str, sorted(hosts)))}")
        self.hosts = hosts  # keys


def record(host_id: int, snapshot: Snapshot | NothingNew, *, now: datetime, claim: str | None = None) -> Recorded:
    """As `record_all`, of one host."""
    (recorded,) = record_all([(host_id, snapshot)], now=now, claim=claim)
    return recorded


def record_all(
    found: Sequence[tuple[int, Snapshot | NothingNew]],
    *,
    now: datetime,
    claim: str | None = None,
    unwritten: Unwritten | None = None,
) -> list[Recorded]:
    """Stores what the sweeps of some hosts saw; returns it in their order. What a sweep did not see stays as it was.

    What is to be read and written of all of them takes one statement each. With `claim`, raises StaleClaimError when
    one of the hosts no longer carries it, so that of two sweeps only one counts. With `unwritten`, what is
    to be written of the rows is left to that.
    """
    mine = unwritten or Unwritten()
    with transaction.atomic(savepoint=False):
        hosts = {host.pk: host for host in Host.objects.to_store().filter(pk__in=[key for key, _ in found])}
        stale = {key for key, _ in found if key not in hosts or (claim is not None and hosts[key].claim != claim)}
        if stale:
            raise StaleClaimError(stale)
        swept = [_Swept(hosts[key], told) for key, told in found if isinstance(told, Snapshot)]
        for model, endpoint in _KINDS:
            _store_things(model, endpoint, swept, now, mine)
        stored = store_containers([(one.host, one.snapshot, one.notes) for one in swept], now, mine)
        for one, containers in zip(swept, stored, strict=True):
            one.keep_attached()
            one.settle(containers, now)
        for one in swept:
            mine.save([one.host], one.fields)
        rows = [(key, answered(hosts[key], told, now)) for key, told in found if isinstance(told, NothingNew)]
        update_rows(Host, _ANSWERED, [(key, *(told[name] for name in _ANSWERED)) for key, told in rows])
        if unwritten is None:
            mine.write()
    recorded = {one.host.pk: one.recorded for one in swept}
    quiet = {key: Recorded(hosts[key], hosts[key].containers_total, 0, frozenset(), gone=False) for key, _ in rows}
    return [(recorded | quiet)[key] for key, _ in found]


class _Swept:
    """One host on the way through `record_all`."""

    def __init__(self, host: Host, snapshot: Snapshot) -> None:
        self.host, self.snapshot, self.notes = host, snapshot, Notes()
        self.gaps = list(snapshot.gaps)
        self.changed = 0
        self.there: dict[type[Seen], Sequence[Seen]] = {}
        self.went: dict[type[Seen], list[int]] = {model: [] for model, _ in _KINDS}  # keys
        self.written: dict[type[Seen], Sequence[Seen]] = {}
        self.fields: tuple[str, ...] = ()  # of the host, those that are to be written
        self._before = {name: getattr(host, name) for name in _LONG}

    def keep_attached(self) -> None:
        """Which networks and volumes are known; of what was not asked for all that there was."""
        networks, volumes = self.snapshot.networks, self.snapshot.volumes
        told = [*(one.id for one in networks or ()), *(one.name for one in volumes or ())]
        if told:
            before = () if networks is not None and volumes is not None else self.host.attached
            self.host.attached = sorted({*attached(told), *before})

    def settle(self, stored: StoredContainers, now: datetime) -> None:
        """Fills the host from what was seen of it and from what came of its containers."""
        host, snapshot = self.host, self.snapshot
        self.there[Container] = stored.there
        if not stored.known_again:
            snapshot = replace(snapshot, looks=None)
        told = with_old_answers(snapshot.host, host, snapshot)
        self.notes.engine(host.facts, to_plain(told), name=host.name)
        _fill_host(host, replace(snapshot, host=told, gaps=tuple(self.gaps)), now)
        went = {scope.value: self.went[model] for model, scope in _SCOPES}
        went[Scope.CONTAINER.value] = list(stored.gone)
        went[Scope.IMAGE.value] = [*{*went[Scope.IMAGE.value], *stored.unused}]
        same = {name for name, value in self._before.items() if value == getattr(host, name)}
        self.fields = tuple(name for name in _STORED if name not in same)
        self.recorded = Recorded(
            host,
            host.containers_total,
            self.changed + stored.written,
            frozenset(stored.services),
            self.notes.by_service,
            self.notes.of_host,
            gone=any(went.values()),
            went=went,
            there=self.there,
            moved=None if snapshot.told >= THINGS else self._moved(stored),
        )

    def _moved(self, stored: StoredContainers) -> Moved:
        found = {
            scope.value: {*(row.pk for row in self.written.get(model, ())), *self.went[model]}
            for model, scope in _SCOPES
        }
        return Moved({**found, Scope.CONTAINER.value: {*stored.changed, *stored.gone}}, stored.beside)


#: What is written of a host on which nothing changed; see `answered`.
_ANSWERED = ("attempted_at", "answered_at", "claim", "sweep_seconds", "asked")


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


#: Kinds of things besides containers, each with its endpoint.
_KINDS: tuple[tuple[type[Seen], str], ...] = ((Image, "/images/json"), (Network, "/networks"), (Volume, "/volumes"))
_SCOPES: tuple[tuple[type[Seen], Scope], ...] = (
    (Image, Scope.IMAGE), (Network, Scope.NETWORK), (Volume, Scope.VOLUME),
)  # fmt: skip
Listed = list[tuple[str, str, Any]]  # id, name, facts
#: What tells how large volumes are; it is asked for seldom.
_USAGE = "usage"


def _seen(model: type[Seen], snapshot: Snapshot) -> Listed | None:
    """What was seen of one kind; None where it was not asked for. Of images it may be some: see `_is_part`."""
    if model is Image:
        images = snapshot.images_seen if _is_part(model, snapshot) else snapshot.images
        return None if images is None else [(i.id, i.tags[0] if i.tags else i.id[:19], i) for i in images]
    if model is Network:
        return None if snapshot.networks is None else [(n.id, n.name, n) for n in snapshot.networks]
    return None if snapshot.volumes is None else [(v.name, v.name, v) for v in snapshot.volumes]


def _is_part(model: type[Seen], snapshot: Snapshot) -> bool:
    """Whether only some images were asked for, and the others stay as they are."""
    return model is Image and snapshot.images is None and bool(snapshot.images_seen or snapshot.images_gone)


def _store_things(
    model: type[Seen], endpoint: str, swept: Sequence[_Swept], now: datetime, unwritten: Unwritten
) -> None:
    """Inserts, updates and marks gone the rows of one kind on all these hosts; sets what changed and what is there."""
    storable: dict[int, dict[str, tuple[str, Any]]] = {}
    for one in swept:
        if (listed := _seen(model, one.snapshot)) is not None:
            named = {engine_id: (name, facts) for engine_id, name, facts in listed if len(engine_id) <= LONGEST_ID}
            storable[one.host.pk] = named
            if any(len(engine_id) > LONGEST_ID for engine_id, _, _ in listed):
                one.gaps.append(Gap(endpoint, f"entries whose id or name is longer than {LONGEST_ID} characters"))
    some = {one.host.pk: one.snapshot.images_gone for one in swept if _is_part(model, one.snapshot)}
    known = known_rows(model, {key: ids for key, ids in storable.items() if key not in some}, defer=_FACTS)
    known |= rows_with_ids(model, {key: {*storable[key], *gone} for key, gone in some.items()}, defer=_FACTS)
    recall([row for one in swept for row in _told_in_part(one.snapshot, storable, known, one.host.pk)])
    new: list[Seen] = []
    changed: list[Seen] = []
    gone: list[int] = []
    for one in swept:
        if (seen := storable.get(one.host.pk)) is None:
            continue
        rows = known[one.host.pk]
        added, altered, inspected = _compared(model, one, seen, rows, now)
        if model is Image:
            before = set(one.host.images_inspected) - some[one.host.pk] if one.host.pk in some else set()
            one.host.images_inspected = sorted(before | inspected)
        went = [row.pk for engine_id, row in rows.items() if engine_id not in seen and row.gone_at is None]
        one.changed += len(added) + len(altered) + len(went)
        one.went[model], one.written[model] = went, (*added, *altered)
        if one.host.pk not in some:
            one.there[model] = [*(row for engine_id, row in rows.items() if engine_id in seen), *added]
        new, changed, gone = new + added, changed + altered, gone + went
    # Of a host that told of some images only, all that are there are read again by whoever judges them.
    waiting = Unwritten() if some else unwritten
    insert(new, waiting)
    waiting.save(changed, ["name", "facts", "facts_hash", "changed_at", "gone_at"])
    if waiting is not unwritten:
        waiting.write()
    if gone:
        model._default_manager.filter(pk__in=gone).update(gone_at=now)  # noqa: SLF001 - the name that all models share


def _told_in_part(
    snapshot: Snapshot,
    storable: Mapping[int, Mapping[str, tuple[str, Any]]],
    known: Mapping[int, Mapping[str, Seen]],
    host: int,
) -> list[Image | Volume]:
    """Rows of that host of which this sweep did not ask everything: what was told of them then is still so."""
    told = ((known[host].get(one), facts) for one, (_, facts) in storable.get(host, {}).items())
    return [
        row
        for row, facts in told
        if (isinstance(row, Image) and not facts.inspected) or (isinstance(row, Volume) and _USAGE not in snapshot.told)
    ]


def _compared(
    model: type[Seen], swept: _Swept, seen: Mapping[str, tuple[str, Any]], rows: Mapping[str, Seen], now: datetime
) -> tuple[list[Seen], list[Seen], set[str]]:
    """What is new and what changed of one kind on one host, filled; and ids of the images that were inspected ever."""
    host = swept.host
    inspected: set[str] = set()
    new: list[Seen] = []
    changed: list[Seen] = []
    for engine_id, (name, told) in seen.items():
        row = rows.get(engine_id)
        facts = told
        if isinstance(told, ImageFacts):
            old = row.read_facts() if isinstance(row, Image) and not told.inspected else None
            if row is not None and old is not None and old.inspected:
                if told.says_no_more_than(old) and row.gone_at is None:
                    inspected.add(engine_id)
                    continue
                facts = told.with_details_of(old)
            inspected |= {engine_id} if facts.inspected else set()
        elif isinstance(told, VolumeFacts) and isinstance(row, Volume) and _USAGE not in swept.snapshot.told:
            facts = replace(told, size=row.read_facts().size)
        plain = to_plain(facts)
        digest = fingerprint(plain)
        if row is not None and row.facts_hash == digest and row.gone_at is None:
            continue
        (new if row is None else changed).append(row := row or model(host=host, engine_id=engine_id, first_seen=now))
        row.name, row.facts_hash = name[:LONGEST_ID], digest
        row.keep_facts(plain, facts)
        row.changed_at, row.gone_at = now, None
    return new, changed, inspected


_STORED = (
    "swarm", "images_inspected", "attached", "facts", "gaps", "containers_total", "containers_running", "attempted_at",
    "answered_at", "failures", "error_code", "error", "claim", "sweep_seconds", "engine_id", "asked",
)  # fmt: skip
#: Long values that would be written out anew though they stayed the same, a good part of what a sweep costs PostgreSQL.
_LONG = ("swarm", "facts", "gaps", "images_inspected", "attached")


def _fill_host(host: Host, snapshot: Snapshot, now: datetime) -> None:
    swarm = dict(host.swarm)
    for name in ("services", "tasks", "nodes", "plugins"):
        part = getattr(snapshot, name)
        if name == "plugins" and "plugins" not in snapshot.told:
            continue
        if part is not None:
            swarm[name] = [to_plain(entry) for entry in part]
        elif not any(gap.endpoint.strip("/") == name for gap in snapshot.gaps):
            swarm.pop(name, None)  # the engine has no such thing (any more), which is not the same as not answering
    facts = snapshot.host
    host.asked = asked_now(host, snapshot, now)
    host.swarm, host.facts, host.engine_id = swarm, to_plain(facts), (facts.engine_id or "")[:LONGEST_ID]
    since = {gap["endpoint"]: gap.get("since") for gap in host.gaps}
    waiting = endpoints_of(THINGS - snapshot.told)
    host.gaps = [gap for gap in host.gaps if gap["endpoint"] in waiting] + [
        {"endpoint": gap.endpoint, "reason": gap.reason, "since": since.get(gap.endpoint) or now.isoformat()}
        for gap in snapshot.gaps
    ]
    host.containers_total = len(snapshot.containers) + len(snapshot.unchanged)
    running = sum(1 for container in snapshot.containers if container.running)
    host.containers_running = running + snapshot.running_unchanged
    host.attempted_at = host.answered_at = now
    host.failures, host.error_code, host.error, host.claim = 0, "", "", ""
    host.sweep_seconds = snapshot.seconds
