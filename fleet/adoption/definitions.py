"""What each figure of adoption means, once: pages, API, CSV and reports say it in these words and from these counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from fleet.adoption.usage import WINDOW_DAYS, Use
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.state import StateKind


class Number(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One figure at one moment: `part` of `whole`. A figure that is no share has its `value`, and `whole` is what it
    rests on. `low` and `high` are `part` under the narrowest and the widest threshold that a band was worked out with.
    None is unknown, and never zero. In a row of history it is a list of these, in this order.
    """

    part: int | None = None
    whole: int | None = None
    value: float | None = None
    low: int | None = None
    high: int | None = None

    @property
    def share(self) -> int | None:
        """Whole percent; None when there is nothing to be a share of."""
        return None if self.part is None or self.whole is None else percent(self.part, self.whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`sentence` is the whole definition; `part` and `whole` name what is counted and what it is a share of. `behind`
    is the list that has exactly the `part` of today: a page's name and the filters of its address; empty where no list
    is a list of it. A figure whose `unit` is "days" is a median.
    """

    key: str
    label: str
    sentence: str
    unit: str
    part: str
    whole: str
    page: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    better: int = 1  # 1 when more is better, -1 when less is, 0 when neither

    @property
    def behind(self) -> tuple[str, Mapping[str, str]] | None:
        return (self.page, self.filters) if self.page else None


_PRODUCTION: Final = Stage.PRODUCTION.value
_IN_PRODUCTION: Final = "services in production"
_STAGE_WORDS: Final = {
    Stage.NONE: ("Not in containers", "have no container"),
    Stage.EXPERIMENT: ("Experiment", "have been seen in containers, no further than a test or development host"),
    Stage.STAGING: ("Staging", "have come as far as a host of staging"),
    Stage.PRODUCTION: ("Production", "have a container that runs, or ought to, on a host of production"),
}
_VERDICT_WORDS: Final = {
    Verdict.READY: ("Ready in production", "ready", 1),
    Verdict.AT_RISK: ("At risk in production", "at risk", -1),
    Verdict.NOT_READY: ("Not ready in production", "not ready", -1),
    Verdict.UNKNOWN: ("Unknown in production", "unknown, for want of evidence or because it has grown too old", -1),
}
_USE_WORDS: Final = {
    Use.ADOPTER: ("Teams that adopted", "adopted containers", 1),
    Use.DABBLER: ("Teams that dabble", "use containers and stay below the threshold of adopting", 0),
    Use.ABANDONER: ("Teams that gave up", f"used containers before, and none in the last {WINDOW_DAYS} days", -1),
    Use.NEVER: ("Teams without containers", "have never run a container that Loadline saw", 0),
}

SERVICES_IN_PRODUCTION: Final = "services-in-production"
HOSTS_IN_PRODUCTION: Final = "hosts-in-production"
CONTAINERS_IN_PRODUCTION: Final = "containers-in-production"
INFRASTRUCTURE: Final = "infrastructure-containers"
LEAD_TIME: Final = "lead-time"
STATEFUL: Final = "stateful-in-production"
STATE_UNKNOWN: Final = "state-unknown-in-production"
HOSTS_ANSWERING: Final = "hosts-answering"


def stage_key(stage: Stage) -> str:
    return f"stage-{stage.value}"


def verdict_key(verdict: Verdict) -> str:
    return f"{verdict.value}-in-production"


def use_key(use: Use) -> str:
    return f"teams-{use.value}"


_ALL: Final = (
    Definition(
        key=SERVICES_IN_PRODUCTION,
        label="Services in production",
        sentence="Services with a container that runs, or ought to, on a host of production, as a share of all "
        "services in the catalogue, in containers or not.",
        unit="services",
        part="services in production in containers",
        whole="services in the catalogue",
        page="services",
        filters={"stage": _PRODUCTION},
    ),
    Definition(
        key=HOSTS_IN_PRODUCTION,
        label="Hosts in production",
        sentence="Hosts of production on which a container runs that is no infrastructure, as a share of all hosts "
        "that are swept.",
        unit="hosts",
        part="hosts of production at work",
        whole="hosts that are swept",
        page="hosts",
        filters={"stage": _PRODUCTION, "work": "yes"},
    ),
    Definition(
        key=CONTAINERS_IN_PRODUCTION,
        label="Containers in production",
        sentence="Running containers on hosts of production, as a share of all running containers. Infrastructure "
        "is left out of both.",
        unit="containers",
        part="running containers on hosts of production",
        whole="running containers",
        page="containers",
        filters={"state": "running", "stage": _PRODUCTION, "infrastructure": "no"},
    ),
    Definition(
        key=INFRASTRUCTURE,
        label="Infrastructure left out",
        sentence="Running containers that are there to run others (agents, log shippers, proxies to the engine, "
        "orchestration, Loadline itself), by the published list of images, as a share of all running containers.",
        unit="containers",
        part="running containers of infrastructure",
        whole="all running containers",
        page="containers",
        filters={"state": "running", "infrastructure": "yes"},
        better=0,
    ),
    *(
        Definition(
            key=stage_key(stage),
            label=label,
            sentence=f"Services that {words}, as a share of all services in the catalogue. A service counts once, in "
            "the furthest stage that it has reached.",
            unit="services",
            part=f"services: {label.lower()}",
            whole="services in the catalogue",
            page="services",
            filters={"stage": stage.value},
            better=1 if stage is Stage.PRODUCTION else 0,
        )
        for stage, (label, words) in _STAGE_WORDS.items()
    ),
    *(
        Definition(
            key=verdict_key(verdict),
            label=label,
            sentence=f"Services in production whose verdict is {words}, as a share of all services in production.",
            unit="services",
            part=f"{_IN_PRODUCTION} whose verdict is {words.partition(',')[0]}",
            whole=_IN_PRODUCTION,
            page="services",
            filters={"stage": _PRODUCTION, "verdict": verdict.value},
            better=better,
        )
        for verdict, (label, words, better) in _VERDICT_WORDS.items()
    ),
    Definition(
        key=STATEFUL,
        label="Stateful in production",
        sentence="Services in production that keep state, on one disk, on the network or replicated, "
        "as a share of all services in production.",
        unit="services",
        part="services in production that hold data",
        whole=_IN_PRODUCTION,
        better=0,
    ),
    Definition(
        key=STATE_UNKNOWN,
        label="State not known",
        sentence="Services in production of which a fact is missing or too old that would tell where they keep state, "
        "as a share of all services in production.",
        unit="services",
        part="services in production whose state is not known",
        whole=_IN_PRODUCTION,
        page="services",
        filters={"stage": _PRODUCTION, "state_kind": StateKind.UNKNOWN.value},
        better=-1,
    ),
    Definition(
        key=LEAD_TIME,
        label="From first seen to production",
        sentence="Days between the first sight of a service and its first container in production: the median over "
        "the services in production that were first seen outside it.",
        unit="days",
        part="median days",
        whole="services in production that were first seen outside it",
        better=-1,
    ),
    *(
        Definition(
            key=use_key(use),
            label=label,
            sentence=f"Teams that {words}, as a share of the teams that have a service in the catalogue or a host.",
            unit="teams",
            part=f"teams that {words}",
            whole="teams with a service or a host",
            better=better,
        )
        for use, (label, words, better) in _USE_WORDS.items()
    ),
    Definition(
        key=HOSTS_ANSWERING,
        label="Hosts answering",
        sentence="Hosts whose last sweep went well and is not stale, as a share of all hosts that are swept.",
        unit="hosts",
        part="hosts that answer",
        whole="hosts that are swept",
        page="hosts",
        filters={"answer": "answering"},
    ),
)

#: By key, in the order in which they are shown.
DEFINITIONS: Final[Mapping[str, Definition]] = {one.key: one for one in _ALL}
#: Never one number: services, hosts and containers say different things, and each is wrong alone.
HEADLINES: Final = (SERVICES_IN_PRODUCTION, HOSTS_IN_PRODUCTION, CONTAINERS_IN_PRODUCTION)
#: What a team has; the rest is of the whole organisation only.
OF_TEAMS: Final = tuple(key for key in DEFINITIONS if not key.startswith("teams-") and key != HOSTS_ANSWERING)
