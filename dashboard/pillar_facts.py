"""The facts that answer a pillar's question, as a small table each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform
from django.template.defaultfilters import filesizeformat

from dashboard.counted import FleetCounts
from dashboard.lists import address, page_of
from dashboard.words import short_name
from fleet.models import Container, Host, Volume
from fleet.models.container import TROUBLED, volume_names
from fleet.models.traits import HasPowers, OpensDoors
from fleet.readiness.vocabulary import Pillar
from fleet.reference import current_tables
from fleet.state.storage import Storage, stored_of

#: Rows shown at first, and of those that somebody asks for.
FEW = 15
MOST = 500
_LONG_NAME = 32  # an anonymous volume's name is 64 digits that nobody reads


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with an optional link."""

    text: str
    url: str = ""

    @property
    def number(self) -> bool:
        return self.text.isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """`rows` are the first few; `more` says that there are others, and `most` how many the page shows when asked to."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    more: bool
    most: int
    nothing: str

    @property
    def head(self) -> list[tuple[str, bool]]:
        """Each column's name, and whether numbers stand under it."""
        return [(name, bool(self.rows) and self.rows[0][place].number) for place, name in enumerate(self.columns)]


Rows = list[tuple[Cell, ...]]


def facts_for(pillar: Pillar, counts: FleetCounts, *, everything: bool) -> FactTable:
    """The pillar's table; with `everything` as many rows as a page can bear."""
    title, columns, nothing, rows_of = _TABLES[pillar]
    shown = MOST if everything else FEW
    rows = rows_of(counts, shown + 1)
    return FactTable(
        title=title, columns=columns, rows=rows[:shown], more=len(rows) > shown, most=MOST, nothing=nothing
    )


def _containers(most: int, *wanted: Q, order: Sequence[Any] = ("host_id", "name")) -> Iterable[tuple[Any, Any]]:
    """So many of those that ought to run and of which all that is wanted holds, with their facts."""
    rows = Container.objects.present().filter(*wanted, expected_running=True).order_by(*order)
    about = ("host__name", "service__name", "service__slug")
    own = ("name", "host", "service", "facts", "state", "health", "restart_count")
    for row in rows.select_related("host", "service").only(*own, *about)[:most]:
        yield row, row.read_facts()


def _container(row: Container) -> Cell:
    return Cell(short_name(row.name), page_of("container", row.pk))


def _service(row: Container) -> Cell:
    return Cell(row.service.name, page_of("service", row.service.slug)) if row.service else Cell("")


def _host(host: Host) -> Cell:
    return Cell(host.name, page_of("host", host.name))


def _bracketed(address: str) -> str:
    """An IPv6 address as it stands before a port: `[::]`."""
    return f"[{address}]" if ":" in address else address


def _doors(_counts: FleetCounts, most: int) -> Rows:
    rows: Rows = []
    for row, facts in _containers(most, Q(OpensDoors())):
        for port in facts.ports or ():
            if port.host_port is not None or port.bound:
                where = f"{_bracketed(port.host_ip) or 'default address'}:{port.host_port or 'any'}"
                inside = f"{port.container_port}/{port.protocol}"
                rows.append((Cell(where), Cell(inside), _container(row), _service(row), _host(row.host)))
        if facts.network_mode == "host":
            rows.append(
                (Cell("every port it opens"), Cell("host network"), _container(row), _service(row), _host(row.host))
            )
    return sorted(rows, key=lambda cells: (cells[4].text, cells[0].text))


def _state(_counts: FleetCounts, most: int) -> Rows:
    present = Volume.objects.present().select_related("host").order_by("host__name", "name")
    told = present.annotate(warnings=F("host__facts__volume_warnings"), plugins=F("host__swarm__plugins"))
    volumes = list(told.only("name", "facts", "host__name")[:most])
    drivers = current_tables().drivers
    users = _users({volume.host_id for volume in volumes})
    rows: Rows = []
    for volume in volumes:
        used_by = users.get((volume.host_id, volume.name), set())
        facts = volume.read_facts()
        kind = facts.driver or "unknown"
        if kind == "local" and (facts.options or {}).get("type", "").startswith(("nfs", "cifs")):
            kind = f"local ({(facts.options or {})['type']})"
        name = volume.name if len(volume.name) <= _LONG_NAME else f"{volume.name[:12]}… (anonymous)"
        names = ", ".join(sorted(used_by)) or "nobody"
        storage = Storage.read({volume.name: facts}, plugins=volume.plugins, warnings=volume.warnings)
        lost = _LOTS[stored_of(volume.name, facts.driver, storage, drivers).survives]
        losing = address("what-if", host=volume.host.name)
        plugin = address("what-if", plugin=facts.driver) if facts.driver not in {None, "local"} else ""
        size = Cell("not told" if facts.size is None else filesizeformat(facts.size))
        rows.append((Cell(name), Cell(kind, plugin), size, Cell(lost, losing), Cell(names), _host(volume.host)))
    return rows


_LOTS = {True: "outlives the host", False: "lost with the host", None: "unknown"}


def _users(hosts: Collection[int]) -> dict[tuple[int, str], set[str]]:
    """By host and volume, the services that use it, or the containers where they are of none."""
    on_them = Container.objects.present().filter(host__in=hosts, expected_running=True).order_by()
    rows = on_them.annotate(mounts=KeyTransform("mounts", "facts")).values_list(
        "host", "name", "service__name", "mounts"
    )
    found: dict[tuple[int, str], set[str]] = {}
    for host, name, service, mounts in rows:
        for volume in volume_names(mounts):
            found.setdefault((host, volume), set()).add(service or name)
    return found


def _images(counts: FleetCounts, most: int) -> Rows:
    """Of every container that is there, so that the number is that of the list behind it."""
    rows: Rows = []
    for repository, number, pinned in counts.images["images"][:most]:
        registry, _, name = repository.partition("/")
        count = Cell(str(number), address("containers", image=repository))
        shown = (Cell(name), Cell(registry)) if name else (Cell(repository), Cell("by ID only"))
        rows.append((*shown, count, Cell(f"{pinned} of {number}")))
    return rows


def _engines(_counts: FleetCounts, most: int) -> Rows:
    rows: Rows = []
    for host in Host.objects.exclude(facts={}).only("name", "facts")[:most]:
        facts = host.read_facts()
        if facts is not None:
            system = facts.operating_system or "not reported"
            runtime = facts.runc_commit or facts.default_runtime or "not reported"
            engine = f"{facts.kind} {facts.engine_version or '?'}"
            rows.append(
                (_host(host), Cell(engine), Cell(runtime), Cell(system), Cell(facts.storage_driver or "not reported"))
            )
    return rows


def _restarts(_counts: FleetCounts, most: int) -> Rows:
    rows: Rows = []
    for row, facts in _containers(most, TROUBLED, order=(F("restart_count").desc(), "id")):
        policy = facts.restart_policy.name if facts.restart_policy else "not reported"
        seen = (Cell(row.state), Cell(row.health or "not reported"), Cell(str(row.restart_count)))
        rows.append((_container(row), _service(row), *seen, Cell(policy or "no")))
    return rows


def _powers(_counts: FleetCounts, most: int) -> Rows:
    rows: Rows = []
    for row, facts in _containers(most, Q(HasPowers())):
        powers = [
            word
            for word, has in (
                ("privileged", facts.privileged),
                ("host PIDs", facts.pid_mode == "host"),
                ("host network", facts.network_mode == "host"),
                ("root", (facts.user or "").split(":")[0] in {"", "0", "root"} and facts.user is not None),
            )
            if has
        ]
        powers += [f"+{capability}" for capability in facts.cap_add or ()]
        if powers and powers != ["root"]:
            rows.append((_container(row), _service(row), _host(row.host), Cell(", ".join(powers))))
    return rows


_TABLES: dict[Pillar, tuple[str, tuple[str, ...], str, Callable[[FleetCounts, int], Rows]]] = {
    Pillar.NETWORK: (
        "Open doors",
        ("On the host", "In the container", "Container", "Service", "Host"),
        "No container publishes a port.",
        _doors,
    ),
    Pillar.STATE: (
        "Volumes",
        ("Volume", "Driver", "Size", "If the host dies", "Used by", "Host"),
        "No volume was seen.",
        _state,
    ),
    Pillar.TRUST: (
        "Images in use",
        ("Repository", "Registry", "Containers", "Pinned by digest"),
        "No image is in use.",
        _images,
    ),
    Pillar.RUNTIME: (
        "Engines",
        ("Host", "Engine", "Runtime", "Operating system", "Storage"),
        "No engine has answered yet.",
        _engines,
    ),
    Pillar.RESILIENCE: (
        "Restarted, unhealthy or down",
        ("Container", "Service", "State", "Health", "Restarts", "Policy"),
        "Nothing restarts, is unhealthy or down.",
        _restarts,
    ),
    Pillar.HARDENING: (
        "Powers beyond the ordinary",
        ("Container", "Service", "Host", "Has"),
        "No container has any.",
        _powers,
    ),
}
