"""What the map shows and in which order: compartments with their networks, and in them the services that lie alike.

No coordinates yet: of one plan a wide and a narrow drawing are made, and the table beside them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dashboard.charts.map_groups import Group, groups_of, services_in
from dashboard.charts.map_words import doors_said, list_of, net_notes
from dashboard.words import counted
from fleet.network_map.chart import RANK, Chart, Door, Exposure, Mooring, Named, Net, Span

#: Networks, kinds of mooring and hosts, environments or teams that are drawn one by one; the others are told together.
RAILS: Final = 7
BERTHS: Final = 14
COMPARTMENTS: Final = 30
#: Services that are drawn one by one where many, and where few are on the map.
FEW_CHIPS, MANY_CHIPS, ALL_CHIPS = 7, 16, 150
_MANY: Final = 90  # services on the map
_OTHERS: Final = Net(name="other networks", span=Span.OTHERS)

#: The address of this map, narrowed by more filters.
Address = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A service, the services of a team, or those that there was no room for (`kind`: service, team, rest)."""

    kind: str
    label: str
    url: str
    services: int
    containers: int
    hosts: int
    doors: tuple[Door, ...] = ()
    more_doors: bool = False
    team: str = ""
    slug: str = ""

    @property
    def count(self) -> str:
        """What stands behind the name."""
        if self.kind == "service":
            return f"×{self.containers}" if self.containers > 1 else ""
        return str(self.services) if self.kind == "team" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Berth:
    """Services on the same networks with doors of the same kind. `rails` are places in the compartment's list."""

    exposure: Exposure
    rails: tuple[int, ...]
    doors: tuple[Door, ...]
    more_doors: bool
    chips: tuple[Chip, ...]

    @property
    def services(self) -> int:
        return sum(chip.services for chip in self.chips)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """A network in a compartment. `hosts` is 0 in the coarse grain, where nobody counted them."""

    net: Net
    services: int
    hosts: int
    url: str

    @property
    def note(self) -> str:
        return self.notes[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """The note, and shorter ones."""
        return net_notes(self.net, self.hosts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    title: str
    note: str
    url: str
    every: str  # the address of all that it has, one by one
    short: str  # of the title
    rails: tuple[Rail, ...]
    berths: tuple[Berth, ...]
    silent: str = ""  # such as "1 does not answer"

    @property
    def services(self) -> int:
        return sum(berth.services for berth in self.berths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`left` compartments are not drawn; `by` says what the others are: host, environment or team. `everything` was
    asked for, so that nothing is told together for want of room.
    """

    compartments: tuple[Compartment, ...]
    by: str
    left: int = 0
    cut: bool = False
    everything: bool = False

    @property
    def empty(self) -> bool:
        return not self.compartments


def plan_of(
    chart: Chart,
    *,
    address: Address,
    by: str = "",
    everything: bool = False,
    silent: Collection[str] = (),
    silent_in: Mapping[str, int] | None = None,
) -> Plan:
    """`by` is host, environment, team or empty for what suits; `silent` are hosts that do not answer, `silent_in` their
    number by environment.
    """
    by, groups = groups_of(chart, by)
    chips = ALL_CHIPS if everything else FEW_CHIPS if services_in(chart.moorings) > _MANY else MANY_CHIPS
    made = [
        _compartment(group, chart, address=address, chips=chips, silent=_silence(group, silent, silent_in or {}))
        for group in groups[:COMPARTMENTS]
    ]
    return Plan(compartments=tuple(made), by=by, left=len(groups[COMPARTMENTS:]), cut=chart.cut, everything=everything)


def _silence(group: Group, silent: Collection[str], by_environment: Mapping[str, int]) -> str:
    number = len(group.hosts & set(silent)) if group.hosts else by_environment.get(group.environment, 0)
    if not number:
        return ""
    return "no answer" if len(group.hosts) == 1 else f"{number} without answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A mooring with its networks, without hosts: of a service on several hosts of the compartment there is one."""

    named: tuple[Named, ...]
    team: str
    nets: frozenset[Net]
    exposure: Exposure
    doors: tuple[Door, ...]
    more_doors: bool
    services: int
    containers: int
    hosts: frozenset[str]


def _compartment(group: Group, chart: Chart, *, address: Address, chips: int, silent: str) -> Compartment:
    items = _items(group.moorings, chart)
    order, folded = _rails(items)
    rails = tuple(_rail(net, items, address, group) for net in order)
    place_of = {net: place for place, net in enumerate(order)}
    alike: dict[tuple[Exposure, tuple[int, ...]], list[_Item]] = defaultdict(list)
    for item in items:
        places = {place_of[net if net not in folded else _OTHERS] for net in item.nets}
        alike[item.exposure, tuple(sorted(places))].append(item)
    keys = sorted(alike, key=lambda key: (RANK[key[0]], not key[1], key[1]))
    every = address(**{**group.filters, "show": "all"})
    berths = [_berth(*key, alike[key], rails=rails, address=address, group=group, chips=chips) for key in keys]
    return Compartment(
        title=group.title,
        note=group.note,
        short=group.short or group.title,
        url=address(**group.filters),
        every=every,
        rails=rails,
        berths=tuple(berths[:BERTHS]) + rest_of(berths[BERTHS:], every),
        silent=silent,
    )


def _items(moorings: Sequence[Mooring], chart: Chart) -> list[_Item]:
    """Sorted by name. Networks lose the identity by which hosts are joined: in one compartment the name is enough."""
    items: dict[tuple[object, ...], list[Mooring]] = defaultdict(list)
    for place, one in enumerate(moorings):
        items[(one.names[0], one.team) if one.host else (place,)].append(one)
    return sorted((_item(some, chart) for some in items.values()), key=lambda item: (item.named, item.team))


def _item(some: Sequence[Mooring], chart: Chart) -> _Item:
    first = some[0]
    doors = {door for one in some for door in one.doors}
    return _Item(
        named=first.names,
        team=first.team,
        nets=frozenset(replace(chart.nets[place], identity="") for one in some for place in one.nets),
        exposure=min((one.exposure for one in some), key=RANK.__getitem__),
        doors=tuple(sorted(doors, key=lambda door: door.order)),
        more_doors=any(one.more_doors for one in some),
        services=first.services,
        containers=sum(one.containers for one in some),
        hosts=frozenset(one.host for one in some if one.host),
    )


def _rails(items: Sequence[_Item]) -> tuple[list[Net], set[Net]]:
    """The networks in the order in which they are drawn, and those that are drawn as one."""
    services: Counter[Net] = Counter()
    for item in items:
        for net in item.nets:
            services[net] += item.services
    largest = sorted(services, key=lambda net: (net.span is Span.OTHERS, -services[net], net.order))
    kept = largest if len(largest) <= RAILS else largest[: RAILS - 1]
    folded = set(largest) - set(kept)
    order = sorted(kept, key=lambda net: net.order)
    return ([*order, _OTHERS] if folded and _OTHERS not in order else order), folded


def _rail(net: Net, items: Sequence[_Item], address: Address, group: Group) -> Rail:
    on_it = [item for item in items if net in item.nets]
    hosts = {host for item in on_it for host in item.hosts}
    url = address(**group.filters, network=net.name) if net.span is not Span.OTHERS else address(**group.filters)
    return Rail(net=net, services=sum(item.services for item in on_it), hosts=len(hosts), url=url)


def _berth(
    exposure: Exposure,
    places: tuple[int, ...],
    items: Sequence[_Item],
    *,
    rails: Sequence[Rail],
    address: Address,
    group: Group,
    chips: int,
) -> Berth:
    doors = sorted({door for item in items for door in item.doors}, key=lambda door: door.order)
    drawn = [rails[place].net for place in places if rails[place].net.span is not Span.OTHERS]
    filters = {**group.filters, **({"network": drawn[0].name} if drawn else {})}
    return Berth(
        exposure=exposure,
        rails=places,
        doors=tuple(doors),
        more_doors=any(item.more_doors for item in items),
        chips=tuple(_chips(items, address=address, filters=filters, most=chips)),
    )


def _chips(items: Sequence[_Item], *, address: Address, filters: Mapping[str, str], most: int) -> list[Chip]:
    """Services, while there is room for them; else their teams; what is too much of either stands in one chip."""
    alone = all(item.services == 1 for item in items)
    if alone and len(items) <= most:
        return [_service(item, address) for item in items]
    teams: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        teams[item.team].append(item)
    if len(teams) > 1:
        chips = [_group(team, some, address, filters) for team, some in sorted(teams.items())]
    elif alone:
        chips = [_service(item, address) for item in items]
    else:
        chips = [_group(team, some, address, filters) for team, some in teams.items()]
    if len(chips) <= most:
        return chips
    shown, others = chips[: most - 1], chips[most - 1 :]
    return [*shown, remainder(others, address(**filters, show="all"))]


def _service(item: _Item, address: Address) -> Chip:
    named = item.named[0]
    return Chip(
        kind="service",
        label=named.name,
        url=f"/services/{named.slug}/" if named.slug else address(),
        services=1,
        containers=item.containers,
        hosts=len(item.hosts),
        doors=item.doors,
        more_doors=item.more_doors,
        team=item.team,
        slug=named.slug,
    )


def _group(team: str, items: Sequence[_Item], address: Address, filters: Mapping[str, str]) -> Chip:
    return Chip(
        kind="team",
        label=team or "No team",
        url=address(**{**filters, "team": team or "-"}),
        services=sum(item.services for item in items),
        containers=sum(item.containers for item in items),
        hosts=len({host for item in items for host in item.hosts}),
        doors=tuple(sorted({door for item in items for door in item.doors}, key=lambda door: door.order)),
        more_doors=any(item.more_doors for item in items),
        team=team,
    )


def remainder(chips: Sequence[Chip], url: str) -> Chip:
    """All of them in one chip, which leads to where they are told one by one."""
    services = sum(chip.services for chip in chips)
    return Chip(
        kind="rest",
        label=f"+{counted(services, 'service')}",
        url=url,
        services=services,
        containers=sum(chip.containers for chip in chips),
        hosts=0,
        doors=tuple(sorted({door for chip in chips for door in chip.doors}, key=lambda door: door.order)),
        more_doors=any(chip.more_doors for chip in chips),
    )


def rest_of(berths: Sequence[Berth], url: str) -> tuple[Berth, ...]:
    """Berths that there is no room for, by what their doors are: on which networks they lie, their own map shows."""
    by_exposure: dict[Exposure, list[Berth]] = defaultdict(list)
    for berth in berths:
        by_exposure[berth.exposure].append(berth)
    found = []
    for exposure, some in by_exposure.items():
        places = sorted({place for berth in some for place in berth.rails})
        doors = sorted({door for berth in some for door in berth.doors}, key=lambda door: door.order)
        rest = remainder([chip for berth in some for chip in berth.chips], url)
        more = any(berth.more_doors for berth in some)
        found.append(Berth(exposure=exposure, rails=tuple(places), doors=tuple(doors), more_doors=more, chips=(rest,)))
    return tuple(found)


# The same as a table.


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One chip as a row of the table: the very facts that its drawing and its title tell."""

    compartment: Compartment
    chip: Chip
    networks: tuple[Rail, ...]
    doors: str
    exposure: Exposure

    @property
    def said(self) -> str:
        """As a sentence: what a pointer or a screen reader gets of the chip."""
        nets = list_of([rail.net.name for rail in self.networks]) or "no network"
        size = counted(self.chip.containers, "container")
        what = (
            f"{self.chip.label}, "
            if self.chip.kind != "team"
            else f"{self.chip.label}, {counted(self.chip.services, 'service')}, "
        )
        return f"{what}{size} in {self.compartment.title}; on {nets}; {self.doors}"


def rows_of(plan: Plan) -> list[Row]:
    return [
        row_of(compartment, berth, chip)
        for compartment in plan.compartments
        for berth in compartment.berths
        for chip in berth.chips
    ]


def row_of(compartment: Compartment, berth: Berth, chip: Chip) -> Row:
    return Row(
        compartment=compartment,
        chip=chip,
        networks=tuple(compartment.rails[place] for place in berth.rails),
        doors=doors_said(chip.doors, berth.exposure, more=chip.more_doors),
        exposure=berth.exposure,
    )
