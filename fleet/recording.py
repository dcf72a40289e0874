"""A snapshot becomes rows: in one transaction, idempotent, writing only what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F

from fleet.inventory import ContainerFacts, Gap, HostFacts, NothingNew, Snapshot
from fleet.inventory.hand_changes import KEPT, merged
from fleet.inventory.identity import Identity, identify
from fleet.inventory.plain import fingerprint, to_plain
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.host import stale_after
from fleet.models.seen import Seen
from fleet.models.writing import insert_new, save_fields
from fleet.naming import services_for
from fleet.notes import Notes

#: Restarts are counted over this window.
RESTART_WINDOW = timedelta(minutes=10)
#: What an id's column holds; what is longer was never made by an engine and is left out.
LONGEST_ID = 255
_MOST_RESTARTS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one snapshot changed of the `host`, which is as it was stored.

    `services` are the services that gained, lost or changed a container.

    `notes` say by service what changed there, and `host_notes` what changed of the engine, in words.
    """

    host: Host
    containers: int
    changed: int
    services: frozenset[int]
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    host_notes: tuple[str, ...] = ()


class StaleClaimError(Exception):
    """The host was claimed anew, changed or removed while this sweep ran; its result is thrown away."""


def record(host_id: int, snapshot: Snapshot, *, now: datetime, claim: str | None = None) -> Recorded:
    """Stores what the sweep saw of one host. Parts that it did not see (None) are left as they were.

    With `claim`, raises StaleClaimError when the host no longer carries it, so that of two sweeps only one counts.
    """
    with transaction.atomic():
        host = Host.objects.to_store().filter(pk=host_id).first()
        if host is None or (claim is not None and host.claim != claim):
            raise StaleClaimError
        changed, gaps = 0, list(snapshot.gaps)
        for model, endpoint, seen in _things(snapshot):
            storable = {engine_id: (name, facts) for engine_id, name, facts in seen if len(engine_id) <= LONGEST_ID}
            if any(len(engine_id) > LONGEST_ID for engine_id, _, _ in seen):
                gaps.append(Gap(endpoint, f"entries whose id or name is longer than {LONGEST_ID} characters"))
            changed += _store(model, host, storable, now)
        notes = Notes()
        touched, changed_containers, known_again = _store_containers(host, snapshot, now, notes)
        if not known_again:
            snapshot = replace(snapshot, looks=None)
        told = _with_old_answers(snapshot.host, host, snapshot)
        notes.engine(host.facts, to_plain(told), name=host.name)
        _store_host(host, replace(snapshot, host=told, gaps=tuple(gaps)), now)
    return Recorded(
        host, host.containers_total, changed + changed_containers, frozenset(touched), notes.by_service, notes.of_host
    )


def record_nothing_new(host_id: int, found: NothingNew, *, now: datetime, claim: str | None = None) -> Recorded:
    """Stores that nothing changed on one host. Raises StaleClaimError as `record` does."""
    host = Host.objects.to_store().filter(pk=host_id).first()
    if host is None or (claim is not None and host.claim != claim):
        raise StaleClaimError
    Host.objects.filter(pk=host_id).update(**answered(host, found, now))
    return Recorded(host, host.containers_total, 0, frozenset())


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


Row = TypeVar("Row", bound=Seen)
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


def _known(model: type[Row], host: Host, present: Collection[str], *, without: Collection[str] = ()) -> dict[str, Row]:
    """Rows that are there or come back, by id. What went is kept for months and may be a thousand times as much."""
    of_host = model._default_manager.filter(host=host)  # noqa: SLF001 - the name that all models share
    there = of_host.filter(gone_at__isnull=True).order_by()
    if without:
        wanted = [pk for pk, engine_id in there.values_list("pk", "engine_id") if engine_id not in without]
        there = of_host.filter(pk__in=wanted) if wanted else of_host.none()
    rows = {row.engine_id: row for row in there}
    unknown = [engine_id for engine_id in present if engine_id not in rows]
    if unknown:
        rows |= {row.engine_id: row for row in of_host.filter(engine_id__in=unknown)}
    return rows


def _store(model: type[Row], host: Host, seen: Mapping[str, tuple[str, Any]], now: datetime) -> int:
    """Inserts, updates and marks gone the rows of one kind; returns how many rows were written."""
    rows = _known(model, host, seen)
    new: list[Row] = []
    changed: list[Row] = []
    for engine_id, (name, facts) in seen.items():
        plain = to_plain(facts)
        digest = fingerprint(plain)
        row = rows.get(engine_id)
        if row is not None and row.facts_hash == digest and row.gone_at is None:
            continue
        (new if row is None else changed).append(row := row or model(host=host, engine_id=engine_id, first_seen=now))
        row.name, row.facts, row.facts_hash = name[:LONGEST_ID], plain, digest
        row.changed_at, row.gone_at = now, None
    insert_new(new)
    save_fields(changed, ["name", "facts", "facts_hash", "changed_at", "gone_at"])
    gone = [row.pk for engine_id, row in rows.items() if engine_id not in seen and row.gone_at is None]
    if gone:
        model._default_manager.filter(pk__in=gone).update(gone_at=now)  # noqa: SLF001 - the name that all models share
    return len(new) + len(changed) + len(gone)


_CONTAINER_FIELDS = (
    "name", "facts", "facts_hash", "changed_at", "gone_at", "service", "image", "image_reference", "state", "health",
    "expected_running", "created_at", "started_at", "restart_count", "restart_marks", "uninspected_since",
    "remembered",
)  # fmt: skip


def _store_containers(host: Host, snapshot: Snapshot, now: datetime, notes: Notes) -> tuple[set[int], int, bool]:
    """Returns the services touched, how many rows were written, and whether all are known again by their list entry.

    What is unchanged is not even read.
    """
    seen = {facts.id: facts for facts in snapshot.containers}
    rows = _known(Container, host, seen, without=snapshot.unchanged)
    images: Mapping[str, int] | None = None  # read only when a row is written
    todo: list[tuple[Container, ContainerFacts, Identity, dict[str, Any], str]] = []
    for engine_id, told in seen.items():
        row = rows.get(engine_id) or Container(host=host, engine_id=engine_id, first_seen=now)
        fresh = _with_old_parts(told, row, now)
        since = None if fresh.inspected else row.uninspected_since or now
        facts = _with_old_inspection(fresh, row) if since is not None and now - since <= stale_after() else fresh
        plain = to_plain(facts)
        digest = fingerprint(plain)
        quiet = row.facts_hash == digest and row.gone_at is None and row.uninspected_since == since
        if not quiet or _has_old_marks(row, now):
            row.uninspected_since = since
            todo.append((row, facts, identify(facts), plain, digest))
    services = services_for([identity for _, _, identity, *_ in todo], host=host, now=now) if todo else {}
    touched: set[int] = set()
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
    insert_new(new)
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
    return touched, len(new) + len(changed) + len(gone), known_again


def _remember(rows: Iterable[Container], snapshot: Snapshot) -> list[Container]:
    """How the next sweep knows each container again; returns the rows of which that is new.

    What changes by waiting alone has to be looked at each time: restarts that leave their window, what was done by hand
    within the last day, and what could not be inspected.
    """
    found: list[Container] = []
    for row in rows:
        restless = len(row.restart_marks) > 1 or row.facts.get("hand_changes") or row.uninspected_since is not None
        token = "" if restless else snapshot.remembered.get(row.engine_id, "")
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
    row.facts, row.facts_hash, row.gone_at = plain, digest, None
    row.image_reference = (facts.image_reference or "")[:500]
    row.state, row.health = (facts.state or "")[:20], (facts.health or "")[:20]
    policy = facts.restart_policy.name if facts.restart_policy else ""
    row.expected_running = facts.running or policy in {"always", "unless-stopped"}
    row.created_at, row.started_at = facts.created_at, facts.started_at
    count = min(max(facts.restart_count or 0, 0), _MOST_RESTARTS)
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


#: Facts of a host that not every sweep asks for, by what it asks.
_ASKED_SELDOM = {"usage": "disk_usage", "probe": "archive_probe"}
_SELDOM = ("sizes", "usage", "probe")
#: Endpoints that are asked every few minutes, or when something happened.
THINGS = frozenset({"/images/json", "/images/{id}/json", "/networks", "/volumes", "/plugins"})


def _with_old_answers(facts: HostFacts, host: Host, snapshot: Snapshot) -> HostFacts:
    """What this sweep did not ask stays as it was; of events, whether any of the last day may have been missed."""
    known = host.read_facts()
    if facts.volume_warnings is None and known is not None:
        facts = replace(facts, volume_warnings=known.volume_warnings)
    for asked, name in _ASKED_SELDOM.items():
        if asked not in snapshot.told and known is not None:
            facts = replace(facts, **{name: getattr(known, name)})
    missed = host.asked.get("events_missed")
    recently = missed is not None and datetime.fromisoformat(missed) > snapshot.taken_at - KEPT
    if "events" not in snapshot.told:
        return replace(facts, events_whole=None)
    return replace(facts, events_whole=bool(facts.events_whole) and not recently)


def _asked(host: Host, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    """When what is slow was last asked for, whether it was answered or not, and where the next events begin."""
    asked = dict(host.asked)
    due = set(slow_and_due(host, now))
    asked |= {name: now.isoformat() for name in _SELDOM if name in snapshot.told or name in due}
    if "things" in snapshot.told:
        asked["things"] = now.isoformat()
    asked["looks"] = to_plain(snapshot.looks) if snapshot.looks else None
    asked["rotated"] = snapshot.rotated_until if snapshot.rotated_until is not None else now.timestamp()
    if snapshot.events_until is not None:
        asked["events"] = snapshot.events_until
        if snapshot.host.events_whole is False:
            asked["events_missed"] = now.isoformat()
    return asked


def slow_and_due(host: Host, now: datetime) -> tuple[str, ...]:
    """What is asked for once a day and was not within the last one."""
    return tuple(
        name for name in _SELDOM if name not in host.asked or now - datetime.fromisoformat(host.asked[name]) >= KEPT
    )


_STORED = (
    "swarm", "facts", "gaps", "containers_total", "containers_running", "attempted_at", "answered_at", "failures",
    "error_code", "error", "claim", "sweep_seconds", "engine_id", "asked",
)  # fmt: skip


def _store_host(host: Host, snapshot: Snapshot, now: datetime) -> None:
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
    host.asked = _asked(host, snapshot, now)
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
    Host.objects.filter(pk=host.pk).update(**{name: getattr(host, name) for name in _STORED})
