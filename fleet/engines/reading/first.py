"""What an engine says first: of itself, what happened, which containers there are; often it is all that is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final

from fleet.engines.reading import events, looks
from fleet.engines.reading.asking import Entry, as_list, as_object
from fleet.engines.reading.events import Events
from fleet.engines.reading.listing import PATH as _LIST
from fleet.engines.reading.listing import Listing, Shown
from fleet.engines.reading.plan import RESTLESS, Plan
from fleet.engines.reading.redaction import redact_text
from fleet.inventory import Gap, Looks
from fleet.inventory.host import clock_step
from fleet.transport import EngineClient, HttpError, Timeout, TransportError

SLOW_SECONDS: Final = 20.0  # walking writable layers and images takes an engine long
_DAY: Final = 86_400.0


@dataclass
class Replies:
    """Plain JSON as it came. A part that did not answer is None and has its Gap."""

    version: Entry | None  # None where the engine is known to be the one that told it before
    info: Entry
    info_asked_at: float  # seconds after the sweep's start, half-way through the request
    info_round_trip: float
    containers: Listing
    container_details: dict[str, Entry] = field(default_factory=dict)
    vanished: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)  # still as they were when they were inspected last
    things: frozenset[str] = frozenset()  # kinds that were asked for
    images: list[Entry] | None = None
    image_details: dict[str, Entry] = field(default_factory=dict)
    images_gone: set[str] = field(default_factory=set)  # ids, where they were not listed
    networks: list[Entry] | None = None
    volumes: Entry | None = None
    plugins: list[Entry] | None = None
    services: list[Entry] | None = None
    tasks: list[Entry] | None = None
    nodes: list[Entry] | None = None
    sized: bool = False  # the list tells the sizes of writable layers
    usage: Entry | None = None
    events: Events | None = None
    events_until: float | None = None  # by the engine's clock
    archive_probe: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    looks: Looks | None = None  # how to tell from the first replies alone that nothing changed


@dataclass(frozen=True, slots=True)
class Quiet:
    """An engine that says what it said the last time."""

    events_until: float | None  # by its own clock


class Told:
    """The replies as they came, parsed when that is needed."""

    def __init__(self, info: bytes, *, at: float, round_trip: float) -> None:
        self.at = at
        self.events: Events | None = None
        self.events_until: float | None = None
        self._info, self._round_trip = info, round_trip
        self._shown = Shown()
        self._gaps: list[Gap] = []
        self.system_seconds = looks.system_seconds(info)

    @classmethod
    def ask(cls, client: EngineClient, started: float, clock: Callable[[], float]) -> Told:
        asked = clock()
        info = client.read("/info")
        answered = clock()
        return cls(info, at=(asked + answered) / 2 - started, round_trip=answered - asked)

    @cached_property
    def _info_looks(self) -> str:
        return looks.of_info(self._info)

    @cached_property
    def _engine_looks(self) -> str:
        return looks.of_engine(self._info)

    def looks_as(self, known: Looks, now: float) -> bool:
        """Whether it says of itself what it said, and its clock goes as it went."""
        if self.system_seconds is None or self._info_looks != known.info:
            return False
        return clock_step(self.system_seconds - now - self.at) == known.clock

    def is_the_same_engine(self, known: Looks) -> bool:
        """Whether nothing but its containers and images may be others; then its version is the one that is known."""
        return self._engine_looks == known.engine

    def ask_for_more(self, client: EngineClient, plan: Plan, *, podman: bool) -> None:
        """Events right after the engine said what time it is: what happens from then on pushes older ones out unread.

        Of a window that ends before now by the engine's own clock: one that ended later would be a stream until then.
        """
        now = None if podman else self.system_seconds
        if now is not None:
            since = plan.events_since if plan.events_since is not None and plan.events_since <= now else now - _DAY
            window = {"since": f"{since:.6f}", "until": f"{now:.6f}"}
            try:
                body = client.read("/events", params=window)
                self.events = events.told(body, partial(client.parsed, "/events"), until=now)
                self.events_until = now
            except TransportError as error:
                self._gaps.append(Gap("/events", redact_text(str(error))))
        self._ask_for_containers(client, plan)

    def _ask_for_containers(self, client: EngineClient, plan: Plan) -> None:
        """The list, with the sizes of writable layers where they are wanted and the engine can walk them in time."""
        body = self._with_sizes(client) if plan.sizes else None
        sized = body is not None
        if body is None:
            body = client.read(_LIST, params={"all": "1"})
        entries = client.items(_LIST, body)
        if entries is None:
            as_list(client.parsed(_LIST, body), _LIST)  # empty, or no list at all
        self._shown = Shown(entries or (), sized=sized)

    def _with_sizes(self, client: EngineClient) -> bytes | None:
        try:
            return client.read(_LIST, params={"all": "1", "size": "1"}, timeout=SLOW_SECONDS)
        except (HttpError, Timeout) as error:
            self._gaps.append(Gap(f"{_LIST}?size=1", redact_text(str(error))))
            return None

    def is_quiet(self, known: Looks, plan: Plan) -> bool:
        """Whether the list is as it was, and no event tells of what it does not show."""
        if self._gaps or self.events is None or self._shown.looks != known.containers:
            return False
        if not self.events.telling and not self.events.cut:
            return True
        if self.events.cut and RESTLESS in "".join(plan.known.values()):
            return False
        return not events.hints(self.events, plan.known, secret=plan.secret) and not events.about_things(self.events)

    def replies(self, client: EngineClient, version: Entry | None) -> Replies:
        info = as_object(client.parsed("/info", self._info), "/info")
        listing = Listing(self._shown, partial(client.parsed, _LIST, within=1), self._gaps)
        replies = Replies(
            version=version,
            info=info,
            info_asked_at=self.at,
            info_round_trip=self._round_trip,
            containers=listing,
            sized=self._shown.sized,
            events=self.events,
            events_until=self.events_until,
            gaps=self._gaps,
        )
        if client.api_version and self.events is not None and listing.whole:
            replies.looks = Looks(client.api_version, self._info_looks, self._shown.looks, engine=self._engine_looks)
        return replies
