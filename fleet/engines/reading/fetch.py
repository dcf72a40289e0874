"""Asks an engine for everything a snapshot needs, one request after another over one connection."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from fleet.engines.reading import events, host
from fleet.engines.reading.fields import find, flag
from fleet.engines.reading.plan import Plan, looks_as
from fleet.engines.reading.redaction import redact_text
from fleet.inventory import Gap
from fleet.transport import EngineClient, HttpError, NotAnEngine, NotAvailable, NotFound, Timeout, TransportError

Entry = dict[str, object]
Shape = TypeVar("Shape", dict[str, object], list[object])

SLOW_SECONDS: Final = 20.0  # walking writable layers and images takes an engine long
_DAY: Final = 86_400.0
VOLUMES_SECONDS: Final = 20.0  # a dead volume plugin makes the engine retry for 15 s before it answers
_FAILURES_IN_A_ROW: Final = 3  # then the engine is gone, and asking for the rest would only use up the sweep's time
_CONTAINER_ID = re.compile(r"^[0-9a-f]{12,128}$")
_IMAGE_ID = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass
class Replies:
    """Plain JSON as it came. A part that did not answer is None and has its Gap."""

    version: Entry
    info: Entry
    info_asked_at: float  # seconds after the sweep's start, half-way through the request
    info_round_trip: float
    containers: dict[str, Entry]  # list entries by id
    container_details: dict[str, Entry] = field(default_factory=dict)
    vanished: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)  # still as they were when they were inspected last
    things_asked: bool = False
    images: list[Entry] | None = None
    image_details: dict[str, Entry] = field(default_factory=dict)
    networks: list[Entry] | None = None
    volumes: Entry | None = None
    plugins: list[Entry] | None = None
    services: list[Entry] | None = None
    tasks: list[Entry] | None = None
    nodes: list[Entry] | None = None
    sized: bool = False  # the list tells the sizes of writable layers
    usage: Entry | None = None
    events: list[object] | None = None
    events_until: float | None = None  # by the engine's clock
    archive_probe: int | None = None
    gaps: list[Gap] = field(default_factory=list)


def fetch(client: EngineClient, *, plan: Plan, clock: Callable[[], float] = time.monotonic) -> Replies:
    """Everything, or a TransportError when /version, /info or the container list does not answer.

    One request at a time: on an engine with 100 containers, threads made it slower. What the `plan` knows of a
    container, and what neither the list nor an event tells otherwise of, is not asked again.
    """
    started = clock()
    version = _object(client.get("/version"), "/version")
    asked = clock()
    info = _object(client.get("/info"), "/info")
    answered = clock()
    replies = Replies(
        version=version,
        info=info,
        info_asked_at=(asked + answered) / 2 - started,
        info_round_trip=answered - asked,
        containers={},
    )
    # Right after the engine said what time it is: what happens from then on pushes older events out unread.
    _fetch_events(client, replies, plan)
    listed, replies.sized = _listed(client, plan, replies.gaps)
    replies.containers = _by_id(_entries(listed, "/containers/json", replies.gaps), replies.gaps)
    replies.unchanged = _unchanged(replies, plan)
    _inspect_containers(client, replies)
    if plan.things or _has_news(replies, plan):
        replies.things_asked = True
        _fetch_things(client, replies)
    _fetch_swarm(client, replies)
    _fetch_slow(client, replies, plan)
    return replies


def _listed(client: EngineClient, plan: Plan, gaps: list[Gap]) -> tuple[list[object], bool]:
    """The list, with the sizes of writable layers where they are wanted and the engine can walk them in time."""
    path = "/containers/json"
    if plan.sizes:
        try:
            return _list(client.get(path, params={"all": "1", "size": "1"}, timeout=SLOW_SECONDS), path), True
        except (HttpError, Timeout) as error:
            gaps.append(Gap(f"{path}?size=1", redact_text(str(error))))
    return _list(client.get(path, params={"all": "1"}), path), False


def _fetch_events(client: EngineClient, replies: Replies, plan: Plan) -> None:
    """A window that ends before now by the engine's own clock: one that ended later would be a stream until then."""
    now = host.system_seconds(replies.info)
    if now is None or host.is_podman(replies.version):
        return
    since = plan.events_since if plan.events_since is not None and plan.events_since <= now else now - _DAY
    window = {"since": f"{since:.6f}", "until": f"{now:.6f}"}
    found = _optional(replies, "/events", lambda: _list(client.get("/events", params=window), "/events"))
    if found is not None:
        replies.events, replies.events_until = found, now


def _fetch_slow(client: EngineClient, replies: Replies, plan: Plan) -> None:
    if plan.usage:
        ask = partial(client.get, "/system/df", timeout=SLOW_SECONDS)
        replies.usage = _optional(replies, "/system/df", lambda: _object(ask(), "/system/df"))
    if plan.probe:
        try:
            replies.archive_probe = client.probe()
        except TransportError as error:
            replies.gaps.append(Gap("HEAD /containers/{id}/archive", redact_text(str(error))))


def _unchanged(replies: Replies, plan: Plan) -> set[str]:
    """Those that need not be inspected again. Of what neither list nor events show the turns of inspection tell."""
    told_of = plan.due | events.hints(replies.events or (), plan.known, secret=plan.secret)
    return {
        one for one, entry in replies.containers.items() if one not in told_of and looks_as(entry, plan.known.get(one))
    }


def _has_news(replies: Replies, plan: Plan) -> bool:
    """Whether a container is new or another, so that its image, networks and volumes may be, too, or whether an event
    tells of one of these.
    """
    for identity in replies.containers.keys() - replies.unchanged:
        known = plan.known.get(identity)
        if known is None or (known and not looks_as(replies.containers[identity], known)):
            return True
    return events.about_things(replies.events or ())


def _inspect_containers(client: EngineClient, replies: Replies) -> None:
    failures = _Failures("/containers/{id}/json", "container")
    wanted = [identity for identity in replies.containers if identity not in replies.unchanged]
    for identity in wanted:
        if failures.given_up:
            failures.skipped += 1
            continue
        try:
            path = f"/containers/{identity}/json"
            replies.container_details[identity] = _object(client.get(path), path)
            failures.in_a_row = 0
        except NotFound:
            replies.vanished.add(identity)
        except TransportError as error:
            failures.add(error)
    replies.gaps += failures.gaps(len(wanted))


def _fetch_things(client: EngineClient, replies: Replies) -> None:
    replies.images = _optional_list(client, replies, "/images/json")
    if replies.images is not None:
        _inspect_used_images(client, replies)
    replies.networks = _optional_list(client, replies, "/networks")
    replies.volumes = _optional(
        replies, "/volumes", lambda: _object(client.get("/volumes", timeout=VOLUMES_SECONDS), "/volumes")
    )
    podman = host.is_podman(replies.version)
    replies.plugins = _optional_list(client, replies, "/plugins", may_be_absent=podman)


def _fetch_swarm(client: EngineClient, replies: Replies) -> None:
    """Each time: of a task that fails no event tells."""
    if flag(replies.info, "Swarm", "ControlAvailable"):
        replies.services = _optional_list(client, replies, "/services", params={"status": "true"})
        replies.tasks = _optional_list(client, replies, "/tasks")
        replies.nodes = _optional_list(client, replies, "/nodes")


def _inspect_used_images(client: EngineClient, replies: Replies) -> None:
    """Those of running and stopped containers: an unused image's layers and volumes matter to no rule."""
    failures = _Failures("/images/{id}/json", "image")
    used = {_image_of(replies, identity) for identity in replies.containers}
    identities = sorted(identity for identity in used if _IMAGE_ID.match(identity))
    for identity in identities:
        if failures.given_up:
            failures.skipped += 1
            continue
        try:
            path = f"/images/{identity}/json"
            replies.image_details[identity] = _object(client.get(path), path)
            failures.in_a_row = 0
        except NotFound:
            continue  # removed while a container still refers to it, or while we asked
        except TransportError as error:
            failures.add(error)
    replies.gaps += failures.gaps(len(identities))


def _image_of(replies: Replies, identity: str) -> str:
    entry = replies.containers[identity]
    found = find(replies.container_details.get(identity), "Image") or find(entry, "ImageID")
    return found if isinstance(found, str) else ""


@dataclass
class _Failures:
    """Counts single failures of many like requests, and makes one gap of them."""

    endpoint: str
    noun: str
    first: TransportError | None = None
    count: int = 0
    skipped: int = 0
    in_a_row: int = 0

    def add(self, error: TransportError) -> None:
        self.first = self.first or error
        self.count += 1
        self.in_a_row += 1

    @property
    def given_up(self) -> bool:
        return self.in_a_row >= _FAILURES_IN_A_ROW

    def gaps(self, total: int) -> list[Gap]:
        if self.first is None:
            return []
        missing = self.count + self.skipped
        return [
            Gap(
                self.endpoint,
                f"{missing} of {total} {self.noun}s could not be inspected: {redact_text(str(self.first))}",
            )
        ]


def _optional(
    replies: Replies, endpoint: str, ask: Callable[[], Shape], *, may_be_absent: bool = False
) -> Shape | None:
    try:
        return ask()
    except (NotFound, NotAvailable) as error:
        if not may_be_absent:
            replies.gaps.append(Gap(endpoint, redact_text(str(error))))
    except TransportError as error:
        replies.gaps.append(Gap(endpoint, redact_text(str(error))))
    return None


def _optional_list(
    client: EngineClient,
    replies: Replies,
    endpoint: str,
    *,
    params: dict[str, str] | None = None,
    may_be_absent: bool = False,
) -> list[Entry] | None:
    found = _optional(
        replies,
        endpoint,
        lambda: _list(client.get(endpoint, params=params), endpoint),
        may_be_absent=may_be_absent,
    )
    return None if found is None else _entries(found, endpoint, replies.gaps)


def _object(reply: object, endpoint: str) -> Entry:
    if not isinstance(reply, dict):
        raise _not_an_engine(endpoint, "an object", reply)
    return reply


def _list(reply: object, endpoint: str) -> list[object]:
    # Go's empty list may arrive as null.
    found: object = [] if reply is None else reply
    if not isinstance(found, list):
        raise _not_an_engine(endpoint, "a list", reply)
    return found


def _not_an_engine(endpoint: str, wanted: str, reply: object) -> NotAnEngine:
    return NotAnEngine(f"{endpoint} answered {_kind(reply)} where an engine answers {wanted}")


def _kind(reply: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(reply), "a number")


def _entries(found: Iterable[object], endpoint: str, gaps: list[Gap]) -> list[Entry]:
    """The objects in a list; what is none is counted as a gap and left out."""
    items = list(found)
    entries = [item for item in items if isinstance(item, dict)]
    if len(entries) < len(items):
        gaps.append(Gap(endpoint, f"{len(items) - len(entries)} of {len(items)} entries are no objects"))
    return entries


def _by_id(entries: list[Entry], gaps: list[Gap]) -> dict[str, Entry]:
    """List entries under their ids. An id goes into a path, so one that is no id never gets there."""
    known = {
        identity: entry
        for entry in entries
        if isinstance(identity := entry.get("Id"), str) and _CONTAINER_ID.match(identity)
    }
    nameless = len(entries) - len(known)
    if nameless:
        gaps.append(Gap("/containers/json", f"{nameless} of {len(entries)} containers have no usable id of their own"))
    return known
