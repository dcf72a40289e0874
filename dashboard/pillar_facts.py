"""The facts that answer a pillar's question, as a small table each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from dashboard.lists import address
from dashboard.pages.containers import repository_of
from dashboard.words import short_name
from fleet.inventory import ContainerFacts, ImageReference
from fleet.models import Container, Host, Volume
from fleet.readiness.vocabulary import Pillar

#: Rows shown before "show all".
FEW = 15
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
    """`rows` are cut to a few unless all were asked for; `total` says how many there are."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    total: int
    nothing: str

    @property
    def head(self) -> list[tuple[str, bool]]:
        """Each column's name, and whether numbers stand under it."""
        return [(name, bool(self.rows) and self.rows[0][place].number) for place, name in enumerate(self.columns)]


Rows = list[tuple[Cell, ...]]


def facts_for(pillar: Pillar, *, everything: bool) -> FactTable:
    title, columns, nothing, rows_of = _TABLES[pillar]
    rows = rows_of()
    return FactTable(
        title=title, columns=columns, rows=rows if everything else rows[:FEW], total=len(rows), nothing=nothing
    )


def _containers() -> Iterable[tuple[Container, ContainerFacts]]:
    rows = Container.objects.present().filter(expected_running=True).select_related("host", "service")
    for row in rows.defer("host__facts", "host__swarm"):
        yield row, row.read_facts()


def _container(row: Container) -> Cell:
    return Cell(short_name(row.name), reverse("container", args=[row.pk]))


def _service(row: Container) -> Cell:
    return Cell(row.service.name, reverse("service", args=[row.service.slug])) if row.service else Cell("")


def _host(host: Host) -> Cell:
    return Cell(host.name, reverse("host", args=[host.name]))


def _bracketed(address: str) -> str:
    """An IPv6 address as it stands before a port: `[::]`."""
    return f"[{address}]" if ":" in address else address


def _doors() -> Rows:
    rows: Rows = []
    for row, facts in _containers():
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


def _state() -> Rows:
    users: dict[tuple[int, str], list[Container]] = {}
    for row, facts in _containers():
        for mount in facts.mounts or ():
            if mount.name:
                users.setdefault((row.host_id, mount.name), []).append(row)
    rows: Rows = []
    for volume in Volume.objects.present().select_related("host").defer("host__facts", "host__swarm"):
        used_by = users.get((volume.host_id, volume.name), [])
        facts = volume.read_facts()
        kind = facts.driver or "unknown"
        if kind == "local" and (facts.options or {}).get("type", "").startswith(("nfs", "cifs")):
            kind = f"local ({(facts.options or {})['type']})"
        name = volume.name if len(volume.name) <= _LONG_NAME else f"{volume.name[:12]}… (anonymous)"
        names = ", ".join(sorted({u.service.name if u.service else u.name for u in used_by})) or "nobody"
        lost = "lost with the host" if kind == "local" else "outlives the host"
        rows.append((Cell(name), Cell(kind), Cell(lost), Cell(names), _host(volume.host)))
    return sorted(rows, key=lambda cells: (cells[3].text == "nobody", cells[2].text, cells[0].text))


def _images() -> Rows:
    """Of every container that is there, so that the number is that of the list behind it."""
    groups: dict[str, list[bool]] = {}
    for text in Container.objects.present().values_list("image_reference", flat=True):
        reference = ImageReference.parse(text)
        groups.setdefault(repository_of(text), []).append(bool(reference and reference.digest))
    rows: Rows = []
    for repository, pinned in groups.items():
        registry, _, name = repository.partition("/")
        count = Cell(str(len(pinned)), address("containers", image=repository))
        shown = (Cell(name), Cell(registry)) if name else (Cell(repository), Cell("by ID only"))
        rows.append((*shown, count, Cell(f"{sum(pinned)} of {len(pinned)}")))
    return sorted(rows, key=lambda cells: (-int(cells[2].text), cells[0].text))


def _engines() -> Rows:
    rows: Rows = []
    for host in Host.objects.exclude(facts={}).select_related("environment"):
        facts = host.read_facts()
        if facts is not None:
            system = facts.operating_system or "not reported"
            runtime = facts.runc_commit or facts.default_runtime or "not reported"
            engine = f"{facts.kind} {facts.engine_version or '?'}"
            rows.append(
                (_host(host), Cell(engine), Cell(runtime), Cell(system), Cell(facts.storage_driver or "not reported"))
            )
    return rows


def _restarts() -> Rows:
    rows: Rows = []
    for row, facts in _containers():
        policy = facts.restart_policy.name if facts.restart_policy else "not reported"
        trouble = (facts.restart_count or 0) > 0 or row.health == "unhealthy" or row.state != "running"
        if trouble:
            rows.append(
                (
                    _container(row),
                    _service(row),
                    Cell(row.state),
                    Cell(row.health or "not reported"),
                    Cell(str(facts.restart_count or 0)),
                    Cell(policy or "no"),
                )
            )
    return sorted(rows, key=lambda cells: -int(cells[4].text))


def _powers() -> Rows:
    rows: Rows = []
    for row, facts in _containers():
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


_TABLES: dict[Pillar, tuple[str, tuple[str, ...], str, Callable[[], Rows]]] = {
    Pillar.NETWORK: (
        "Open doors",
        ("On the host", "In the container", "Container", "Service", "Host"),
        "No container publishes a port.",
        _doors,
    ),
    Pillar.STATE: (
        "Volumes",
        ("Volume", "Driver", "If the host dies", "Used by", "Host"),
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
