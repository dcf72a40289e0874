"""What is true of the fleet of planted_fleet.py, worked out by hand from what was started there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Number = tuple[int | None, int, float | None, int | None, int | None]  # part, whole, value, low, high
Numbers = Mapping[str, Number]
Lines = list[dict[str, Any]]


def of(part: int | None, whole: int, value: float | None = None, band: tuple[int, int] | None = None) -> Number:
    low, high = band or (None, None)
    return part, whole, value, low, high


# Adoption. Twelve services, of which seven run in production; eleven containers run, and an agent.

FIGURES: Final[Numbers] = {
    "services-in-production": of(7, 12),
    "hosts-in-production": of(2, 5),  # north and south; the one that is gone has nothing to show
    "containers-in-production": of(7, 11),
    "infrastructure-containers": of(1, 12),
    "stage-none": of(1, 12),  # mainframe
    "stage-experiment": of(2, 12),  # toy, and nightly which has ended
    "stage-staging": of(2, 12),  # returns, and cart which is on the lab's host as well
    "stage-production": of(7, 12),
    "ready-in-production": of(0, 7),
    "at-risk-in-production": of(0, 7),
    "not-ready-in-production": of(7, 7),  # none has a limit, a health check, or a user
    "unknown-in-production": of(0, 7),
    "stateful-in-production": of(3, 7),  # ledger, letters, parcels
    "state-unknown-in-production": of(1, 7),  # archive
    "lead-time": of(None, 2, 3.0),  # letters four days, parcels two
    "teams-adopter": of(1, 3, band=(1, 2)),  # shop; with half the thresholds research, too
    "teams-dabbler": of(1, 3, band=(0, 1)),
    "teams-abandoner": of(0, 3, band=(0, 0)),
    "teams-never": of(1, 3, band=(1, 1)),  # books
    "hosts-answering": of(4, 5),
}


def _team(
    stages: tuple[int, int, int, int],
    *,
    hosts: tuple[int, int],
    containers: tuple[int, int],
    agents: int = 0,
    state: tuple[int, int] = (0, 0),
    lead: tuple[int, float | None] = (0, None),
) -> Numbers:
    """Services by stage; hosts and containers in production of all; services that keep state and of which that is not
    known; services with a lead time, and its days. No service of this fleet is anything but not ready.
    """
    none, experiment, staging, production = stages
    services = sum(stages)
    return {
        "services-in-production": of(production, services),
        "hosts-in-production": of(*hosts),
        "containers-in-production": of(*containers),
        "infrastructure-containers": of(agents, containers[1] + agents),
        "stage-none": of(none, services),
        "stage-experiment": of(experiment, services),
        "stage-staging": of(staging, services),
        "stage-production": of(production, services),
        "ready-in-production": of(0, production),
        "at-risk-in-production": of(0, production),
        "not-ready-in-production": of(production, production),
        "unknown-in-production": of(0, production),
        "stateful-in-production": of(state[0], production),
        "state-unknown-in-production": of(state[1], production),
        "lead-time": of(None, lead[0], lead[1]),
    }


#: The agent names no team, so that of its host has it.
TEAMS: Final[Mapping[str, tuple[str, Numbers]]] = {
    "books": ("never", _team((1, 0, 0, 0), hosts=(0, 0), containers=(0, 0))),
    "research": ("dabbler", _team((0, 2, 0, 0), hosts=(1, 4), containers=(0, 1))),
    "shop": (
        "adopter",
        _team((0, 0, 2, 7), hosts=(1, 1), containers=(7, 10), agents=1, state=(3, 1), lead=(2, 3.0)),
    ),
}

# Services: team, stage, containers, those that run, hosts; and where they keep their state.

SERVICES: Final = {
    "mainframe": ("books", "none", 0, 0, 0),
    "letters": ("shop", "production", 1, 1, 1),
    "parcels": ("shop", "production", 1, 1, 1),
    "ledger": ("shop", "production", 1, 1, 1),
    "sidecar": ("shop", "production", 1, 1, 1),
    "watcher": ("shop", "production", 1, 1, 1),
    "web": ("shop", "production", 2, 2, 2),
    "archive": ("shop", "production", 1, 1, 1),
    "cart": ("shop", "staging", 2, 2, 2),
    "returns": ("shop", "staging", 1, 1, 1),
    "toy": ("research", "experiment", 1, 1, 1),
    "nightly": ("research", "experiment", 1, 0, 1),
}
SILENT: Final = "The plugin convoy does not answer the engine, so nobody reaches the data."
_STATELESS: Final = ("stateless", "It writes to no place that has to be kept.")
STATE: Final = {
    **dict.fromkeys(SERVICES, _STATELESS),
    "mainframe": ("unknown", None),
    "ledger": ("one-disk", "The volume books lies on north alone."),
    "letters": ("networked", "Its state lies on storage that another machine serves: letters (flocker)."),
    "parcels": ("replicated", "Its state lies on storage that keeps copies on several machines: parcels (pxd)."),
    "archive": ("unknown", f"archive on south: {SILENT}"),
}

# Loss, by the host that is lost.

OWN_FOLDER: Final = "It lies in the engine's own folder on the host."
FLOCKER: Final = "The plugin flocker keeps its data on storage that other hosts reach."
PXD: Final = "The plugin pxd keeps 3 copies on several machines (repl is 3)."
_SAFE: Final = "No data are lost that Loadline knows of."


@dataclass(frozen=True, kw_only=True)
class Lost:
    sentence: str
    services: Lines
    volumes: Lines = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(one["fate"] for one in self.services))


def _move(moving: str, *stops: str, to: str = "") -> dict[str, Any]:
    return {"moving": moving, "hosts": [to] if to else [], "stops": list(stops)}


def _not_used(container: str, plugin: str) -> dict[str, Any]:
    """An engine names a plugin from its first use on, so nobody can tell whether the other host has it."""
    needs = f"{container} needs the volume plugin {plugin}, and north has not used one of that name."
    return _move("unknown", needs, to="north")


def _no_network(name: str, host: str) -> str:
    return f"{host} has no network {name}, which was made by hand: docker network create {name} there first."


_NOWHERE: Final = _move("unknown", "No other host of its environment answers, so there is nowhere to try.")


def _line(service: str, host: str, **told: Any) -> dict[str, Any]:
    """Of one container on the host that is lost, which goes down with it and keeps nothing, but for what is told."""
    team, stage, *_ = SERVICES[service]
    return {
        "service": service,
        "slug": service,
        "team": team,
        "tier": None,
        "stage": stage,
        "fate": "down",
        "when": "at-once",
        "reasons": [
            f"Its only working replica runs on {host}.",
            "A restart policy (always) starts a container again on its own host only.",
        ],
        "lost": [f"{service}-{host} on {host}"],
        "kept": [],
        "state_lost": "no",
        "evidence": ["Nothing of it on what is lost keeps data."],
    } | told


def _half(service: str, host: str, other: str, **told: Any) -> dict[str, Any]:
    """One of two containers is lost."""
    reasons = [f"1 of 2 working replicas stays, on {other}."]
    return _line(service, host, fate="degraded", reasons=reasons, kept=[f"{service}-{other} on {other}"], **told)


def _on_volume(volume: str, service: str, host: str, reason: str) -> list[str]:
    return [f"{volume} (/data in {service}-{host} on {host}): {reason}"]


def _volume(
    name: str, host: str, driver: str, service: str, *, lost: bool | None, reason: str, size: int | None = None
) -> dict[str, Any]:
    """An engine counts what is in volumes of its own, and knows no size of a plugin's."""
    about = {"name": name, "host": host, "kind": "volume", "driver": driver, "lost": lost, "reason": reason}
    return {**about, "services": [service], "size": size}


LOST: Final = {
    "north": Lost(
        sentence="Without north, 3 services go down and 1 degrades. "
        "1 place that holds data is lost; 1 service loses data for good.",
        services=[
            _line(
                "ledger", "north", state_lost="yes", evidence=_on_volume("books", "ledger", "north", OWN_FOLDER),
                move=_move("no", _no_network("back", "south"), f"books stays behind: {OWN_FOLDER}"),
            ),
            _line(
                "sidecar", "north",
                move=_move("no", "sidecar-north shares the network of ledger-north and has to move with it."),
            ),
            _line(
                "watcher", "north",
                move=_move("no", "The image of watcher-north came from no registry, and is not on south."),
            ),
            _half("web", "north", "south", move=_move("no", "Port 8080/tcp is taken on south.")),
        ],
        volumes=[_volume("books", "north", "local", "ledger", lost=True, reason=OWN_FOLDER, size=0)],
    ),
    "south": Lost(
        sentence=f"Without south, 3 services go down and 1 degrades. {_SAFE}",
        services=[
            _line(
                "archive", "south", state_lost="unknown", evidence=_on_volume("archive", "archive", "south", SILENT),
                move=_not_used("archive-south", "convoy"),
            ),
            _line(
                "letters", "south", evidence=_on_volume("letters", "letters", "south", FLOCKER),
                move=_move("no", _no_network("front", "north")),
            ),
            _line(
                "parcels", "south", evidence=_on_volume("parcels", "parcels", "south", PXD),
                move=_not_used("parcels-south", "pxd"),
            ),
            _half("web", "south", "north", move=_move("no", "Port 8080/tcp is taken on north.")),
        ],
        volumes=[
            _volume("archive", "south", "convoy", "archive", lost=None, reason=SILENT),
            _volume("letters", "south", "flocker", "letters", lost=False, reason=FLOCKER),
            _volume("parcels", "south", "pxd", "parcels", lost=False, reason=PXD),
        ],
    ),
    "stage": Lost(
        sentence=f"Without stage, 1 service goes down and 1 degrades. {_SAFE}",
        services=[
            _line("returns", "stage", move=_NOWHERE),
            _half("cart", "stage", "lab", move=_NOWHERE),
        ],
    ),
    "lab": Lost(
        sentence=f"Without lab, 1 service goes down and 1 degrades. {_SAFE}",
        services=[
            _line("toy", "lab", move=_NOWHERE),
            _half("cart", "lab", "stage", move=_NOWHERE),
            _line(
                "nightly", "lab", fate="idle", move=None,
                reasons=["None of its containers works now, so nothing stops."],
            ),
        ],
    ),
    "gone": Lost(
        sentence="Without gone nothing changes: no container hangs on it.",
        services=[],
        notes=["What is known of gone is old: no sweep has reached it lately."],
    ),
}  # fmt: skip
#: Columns of the ranking, and its rows: the worst first, and those alike by name.
RANKED: Final = (
    *("name", "environment", "stage", "down", "down_in_production", "unknown", "degraded", "survives"),
    *("volumes", "doubtful"),
)
RANKING: Final = [
    ("north", "Production", "production", 3, 3, 0, 1, 0, 1, 0),
    ("south", "Production", "production", 3, 3, 0, 1, 0, 0, 1),
    ("lab", "Development", "experiment", 1, 0, 0, 1, 0, 0, 0),
    ("stage", "Staging", "staging", 1, 0, 0, 1, 0, 0, 0),
]

# Reach. Whatever runs on a bridge may go out, and so comes in again where something is open to everybody.

RUNNING: Final = tuple(name for name in SERVICES if name not in {"mainframe", "nightly"})
_WEB_NORTH, _WEB_SOUTH = ("published-port", "", "north"), ("published-port", "", "south")
_TOY: Final = ("host-mode", "", "lab")
_BACK, _FRONT = ("shared-network", "back", "north"), ("shared-network", "front", "south")
_TOGETHER: Final = ("shared-namespace", "", "north")
_BRIDGE: Final = ("default-bridge", "bridge", "south")
_OPEN: Final = {"web": [_WEB_NORTH, _WEB_SOUTH], "toy": [_TOY]}
#: By service, those that it reaches, and by which doors: kind, network, host.
REACHES: Final[Mapping[str, Mapping[str, list[tuple[str, str, str]]]]] = {
    **{name: _OPEN if name in RUNNING else {} for name in SERVICES},
    "web": {**_OPEN, "ledger": [_BACK], "sidecar": [_BACK], "letters": [_FRONT]},
    "ledger": {**_OPEN, "web": [_BACK, _WEB_NORTH, _WEB_SOUTH], "sidecar": [_TOGETHER]},
    "sidecar": {**_OPEN, "web": [_BACK, _WEB_NORTH, _WEB_SOUTH], "ledger": [_TOGETHER]},
    "letters": {**_OPEN, "web": [_FRONT, _WEB_NORTH, _WEB_SOUTH]},
    "archive": {**_OPEN, "parcels": [_BRIDGE]},
    "parcels": {**_OPEN, "archive": [_BRIDGE]},
    "toy": {"web": [_WEB_NORTH, _WEB_SOUTH], "cart": [("host-side", "bridge", "lab")]},
}
ENTERS: Final = {
    "outside": {"web", "toy"},
    "host:north": {"web", "toy", "ledger", "sidecar", "watcher"},
    "host:south": {"web", "toy", "letters", "parcels", "archive"},
    "host:stage": {"web", "toy", "cart", "returns"},
    "host:lab": {"web", "toy", "cart"},
}
DOORS: Final = {
    "web": [("published-port", "yes", "", "0.0.0.0", 8080, 80, "tcp", 2, "north")],
    "toy": [("host-mode", "yes", "", "", None, None, None, 1, "lab")],
}
_PUBLISHED: Final = "It is published on every address of the host."
WAYS_IN: Final = {
    "web": [("north", "web-north", _PUBLISHED), ("south", "web-south", _PUBLISHED)],
    "toy": [("lab", "toy-lab", "Whatever it listens on is a port of the host itself.")],
}
