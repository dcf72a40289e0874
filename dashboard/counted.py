"""What was counted of the whole fleet, as one request sees it: asked for once, whoever of the page needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone

from fleet.adoption import Figures, Measured, Number, numbers_of, numbers_of_teams
from fleet.adoption.kept import read_measured
from fleet.counting import (
    Counted,
    counted,
    plan_from,
    read_figures,
    read_shapes,
    read_support,
    read_ties,
    read_trust,
    read_trust_images,
)
from fleet.foresight import Plan
from fleet.foresight.fixes import Shape
from fleet.foresight.hanging import Hanging, Losable, ranking_from
from fleet.independence import EndingCount, Ties
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Preferences, Service
from fleet.models.host import HostSummary
from fleet.models.named import FEW, first_keys
from fleet.network_map import Chart
from fleet.proving import Listed, Survey
from fleet.readiness.vocabulary import Status

_SOME: Final = 500
Named = type[Container | Host | Service]


def _named_at_most(kind: type[Any]) -> int:
    """Of services more, since what is said of them is asked for by their keys far sooner than by their names."""
    return 2 * FEW if kind is Service else FEW


def _keys_named(kind: Named, words: str) -> QuerySet[Any, Any]:
    return kind._default_manager.filter(name__icontains=words).order_by()  # noqa: SLF001 - the name that all models share


class FleetCounts:
    """`ask` reads several together, in one query; what a property needs and nobody asked for is read then."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[str, Counted] = {}
        self._named: dict[tuple[str, str], list[int]] = {}
        self._holding: dict[str, list[int] | None] = {}

    def ask(self, *names: str) -> FleetCounts:
        missing = [name for name in ("figures", *names) if name not in self._known]
        if missing:
            self._known |= counted(self.now, *missing)
        return self

    def _data(self, name: str) -> Any:
        self.ask(name)
        return self._known[name].data

    @property
    def at(self) -> datetime:
        """The moment of the oldest count that was asked for."""
        self.ask()
        return min(one.at for one in self._known.values())

    @property
    def moments(self) -> list[tuple[str, datetime]]:
        """When each of what was asked for was counted."""
        return sorted((name, one.at) for name, one in self._known.items())

    @property
    def services(self) -> int:
        return int(self._data("figures")["figures"]["services"])

    @property
    def containers(self) -> int:
        return int(self._data("figures")["figures"]["containers"])

    @cached_property
    def figures(self) -> Figures:
        """With the load line as it was when they were counted."""
        self.ask()
        return read_figures(self._known["figures"])

    @cached_property
    def figures_by_line(self) -> Figures:
        """With the load line that an admin has set meanwhile."""
        return replace(self.figures, load_line=Preferences.current().load_line)

    @cached_property
    def measured(self) -> Measured:
        return read_measured(self._data("adoption"))

    @cached_property
    def numbers(self) -> dict[str, Number]:
        """Every figure of adoption, by key."""
        self.ask("adoption")
        return numbers_of(self.figures, self.measured)

    @cached_property
    def numbers_by_team(self) -> dict[str, dict[str, Number]]:
        self.ask("adoption")
        return numbers_of_teams(self.figures, self.measured)

    def ask_named(self, words: str, *kinds: Named) -> FleetCounts:
        """Looks for all of them in one query, where the database can end each part of one by itself."""
        missing = [kind for kind in kinds if (kind.__name__, words) not in self._named]
        if len(missing) > 1 and connection.features.supports_slicing_ordering_in_compound:
            first, *others = (
                _keys_named(kind, words).annotate(kind=Value(kind.__name__)).values_list("kind", "pk")
                [: _named_at_most(kind) + 1]
                for kind in missing
            )  # fmt: skip
            self._named |= {(kind.__name__, words): [] for kind in missing}
            for name, key in first.union(*others, all=True):
                self._named[name, words].append(key)
        return self

    def named(self, kind: Named, words: str) -> list[int] | None:
        """Keys of what has the words in its name; None when they are many."""
        found = self.first_named(kind, words)
        return None if len(found) > _named_at_most(kind) else found

    def some_named(self, kind: Named, words: str) -> list[int]:
        """Keys of some of them, also when they are many."""
        return self.first_named(kind, words)[:_SOME]

    def first_named(self, kind: Named, words: str) -> list[int]:
        """As many as `named` would give, and one more where there are more."""
        key = (kind.__name__, words)
        if key not in self._named:
            rows = _keys_named(kind, words).values_list("pk", flat=True)
            self._named[key] = first_keys(rows, _named_at_most(kind))
        return self._named[key]

    def containers_with(self, words: str) -> list[int] | None:
        """Keys of containers that are there and have the words in a name, or an id that begins so; None when many."""
        if words not in self._holding:
            self._holding[words] = Container.objects.all().keys_with(words)
        return self._holding[words]

    @property
    def environments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._data("figures")["environments"]
        return found

    def teams(self, of: str) -> list[str]:
        """Of "services" or "hosts"; the empty one where some have none."""
        figures = self._data("figures")["figures"]
        return sorted(figures["by_team"] if of == "services" else figures["host_teams"])

    @property
    def cells(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._data("cells")
        return found

    @property
    def images(self) -> dict[str, Any]:
        found: dict[str, Any] = self._data("images")
        return found

    @property
    def unmapped(self) -> dict[str, Any]:
        """As `fleet.catalogue.unmapped` found them."""
        found: dict[str, Any] = self._data("unmapped")
        return found

    @cached_property
    def findings(self) -> list[tuple[str, str, str, str, int]]:
        """By rule, severity, status as pages tell it, and environment (empty without a host)."""
        return [tuple(one) for one in self._data("findings")]

    @cached_property
    def by_rule(self) -> Counter[tuple[str, str]]:
        """Findings by rule and status."""
        return summed((rule, status, number) for rule, _, status, _, number in self.findings)

    def by_severity(self, status: Status) -> Counter[str]:
        found: Counter[str] = Counter()
        for _, severity, told, _, number in self.findings:
            found[severity] += number if told == status.value else 0
        return found

    @cached_property
    def chart(self) -> Chart:
        """How services lie on their networks."""
        return from_plain(Chart, self._data("map"))

    def plan(self, stage: str) -> Plan:
        """By a stage's word, or "any"."""
        return plan_from(self._data("fixes")[stage])

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        self.ask("shapes")
        return read_shapes(self._known["shapes"])

    @property
    def holding_back(self) -> dict[str, Any]:
        """As fleet.foresight.holding_back has it."""
        found: dict[str, Any] = self._data("holding back")
        return found

    @cached_property
    def losable(self) -> Losable:
        """Where plugins and registries are used."""
        return Losable.from_plain(self._data("losable"))

    @cached_property
    def ranking(self) -> tuple[list[Hanging], int]:
        """The hosts that most hangs on, and how many hosts anything hangs on."""
        return ranking_from(self._data("hanging"))

    @cached_property
    def ranges(self) -> dict[str, Any]:
        """As fleet.reaching.everywhere has it."""
        found: dict[str, Any] = self._data("ranges")
        return found

    @cached_property
    def ties(self) -> Ties:
        self.ask("ties")
        return read_ties(self._known["ties"])

    @cached_property
    def support(self) -> list[EndingCount]:
        self.ask("support")
        return read_support(self._known["support"])

    @cached_property
    def trust(self) -> Survey:
        """What the images in use prove."""
        self.ask("trust")
        return read_trust(self._known["trust"])

    @cached_property
    def trust_images(self) -> list[Listed]:
        """The images, worst first, each under each of its names."""
        self.ask("trust images")
        return read_trust_images(self._known["trust images"])

    def running(self, ending: str) -> list[int]:
        """Keys of the hosts that run what support of ends, by its slug."""
        hosts: list[int] = self._data("hosts of support").get(ending, [])
        return hosts

    @cached_property
    def stale(self) -> list[int]:
        """Keys of hosts that have not answered for too long, as `with_verdict_now` of services takes them."""
        return self.hosts.stale

    @cached_property
    def hosts(self) -> HostSummary:
        """Live, from the hosts' own rows: how old the evidence is must not itself be old."""
        return Host.objects.summary(self.now)


def summed(rows: Iterable[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for rule, status, number in rows:
        found[rule, status] += number
    return found


def counts_of(request: HttpRequest) -> FleetCounts:
    found: FleetCounts | None = getattr(request, "fleet_counts", None)
    if found is None:
        found = FleetCounts(timezone.now())
        request.fleet_counts = found  # type: ignore[attr-defined]
    return found
