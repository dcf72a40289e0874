"""The shape of each table: what a file must hold, and the questions it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from fleet.inventory.reference import ImageReference
from fleet.inventory.versions import Version

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_SERVICE_PACK = re.compile(r"\b(\d+) sp(\d+)\b")
_POSTGRES_MOVED = 18  # from this major version on, the data lie in a folder per version
Text = Annotated[str, msgspec.Meta(min_length=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Folder = Annotated[str, msgspec.Meta(pattern="^/")]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`as_of` is the day on which the table was true, `source` where it was read."""

    name: Text
    as_of: date
    source: Text
    entries: Any  # each table says of what

    def age(self, today: date) -> int:
        """Days since it was true."""
        return max(0, (today - self.as_of).days)

    @property
    def size(self) -> int:
        """How many things it tells of."""
        return len(self.entries)


class Support(msgspec.Struct, frozen=True):
    """`standard` is the last day of fixes for everybody, `extended` of those for some: LTS, ESM, a paid contract."""

    product: str
    version: str
    standard: date
    extended: date | None = None
    builds: str = ""  # as in System


class System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`pattern` recognises the product in /info OperatingSystem; `parts` is how much of its version counts.

    `builds` recognises its own packages by what stands behind upstream's number, such as `+dfsg1`; empty for a system
    that does not package engines.
    """

    name: Text
    pattern: Text
    parts: Annotated[int, msgspec.Meta(ge=1, le=3)]
    ends: dict[str, Annotated[tuple[date, ...], msgspec.Meta(min_length=1, max_length=2)]]
    builds: str = ""


class Systems(Table, frozen=True, kw_only=True):
    """Host operating systems. The first pattern that matches decides, so the more particular name comes first."""

    entries: tuple[System, ...]

    def support(self, operating_system: str, os_version: str | None) -> Support | None:
        """How long that system is supported; None when the table does not have it."""
        text = operating_system.lower()
        product = next((one for one in self.entries if re.search(one.pattern, text)), None)
        if product is None:
            return None
        # The year in a Windows Server's name is its version; VERSION there is a build number.
        spoken = _SERVICE_PACK.sub(r"\1.\2", text)
        candidates = [spoken] if product.name == "Windows Server" else [os_version or "", spoken]
        for candidate in candidates:
            match = _NUMBERS.search(candidate)
            version = ".".join(match[0].split(".")[: product.parts]) if match else ""
            ends = product.ends.get(version, ())
            if ends:
                return Support(product.name, version, ends[0], ends[1] if len(ends) > 1 else None, product.builds)
        return None


class Components(Table, frozen=True, kw_only=True):
    """Branches of engine, containerd, runc and podman with the last day of fixes; None while a branch is open."""

    entries: dict[str, dict[str, date | None]]

    @property
    def size(self) -> int:
        return sum(map(len, self.entries.values()))

    def branch(self, component: str, version: Version) -> tuple[str, date | None] | None:
        """The branch that a version belongs to and its end; None when the table cannot tell.

        One that is not listed ended no later than the next newer one that is: who is maintained longer is listed.
        """
        branches = self.entries.get(component, {})
        major, minor = (*version.numbers, 0)[:2]
        for name in (f"{major}.{minor:02}", f"{major}.{minor}", str(major)):
            if name in branches:
                return name, branches[name]
        newer = [name for name in branches if _version(name).order > version.order]
        following = min(newer, key=lambda name: _version(name).order, default="")
        end = branches.get(following)
        return (f"before {following}", end) if end else None


class Vulnerability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`fixed_in` has one version per branch that upstream mended. `needs` is what a host must have to be concerned.

    `unrated` is a severity that was not to be found. `elsewhere` says whether older branches without a fix of their own
    have it, or whether that was not to be found.
    """

    id: Text
    component: Literal["engine", "containerd", "runc", "podman"]
    severity: Literal["critical", "high", "medium", "low", "unrated"]
    fixed_in: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    since: str = "0.0.1"
    escape: bool = False  # leads out of the container
    needs: Literal["", "authorization-plugin", "managed-plugin", "firewalld", "swarm"] = ""
    elsewhere: Literal["affected", "unknown"] = "affected"

    def affects(self, version: Version) -> bool | None:
        """Whether upstream's release of this number has it; None when nobody looked at its branch."""
        return _affects(self.since, self.fixed_in, self.elsewhere, version)


@lru_cache(maxsize=10_000)  # a fleet has few versions, and each host is asked about again with all that changes on it
def _affects(since: str, fixed_in: tuple[str, ...], elsewhere: str, version: Version) -> bool | None:
    if version.order < _version(since).order:
        return False
    fixes = [_version(text) for text in fixed_in]
    on_branch = [fix for fix in fixes if fix.branch == version.branch]
    if on_branch:
        return version.order < on_branch[0].order
    # A branch without a fix of its own is safe only when it was made after the newest one.
    if version.order >= max(fix.order for fix in fixes):
        return False
    return True if elsewhere == "affected" else None


class DistributionBuild(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a distribution's changelog says of one revision of its package."""

    component: Text
    package: Text
    fixed: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()


class Vulnerabilities(Table, frozen=True, kw_only=True):
    """Known holes of what runs containers, and what distributions' builds have mended."""

    entries: tuple[Vulnerability, ...]
    distributions: tuple[DistributionBuild, ...] = ()

    def of(self, component: str, version: Version) -> tuple[Vulnerability, ...]:
        """Those that upstream's release of this number has; a distribution's build may have mended some of them."""
        return tuple(one for one in self.entries if one.component == component and one.affects(version))

    def unsettled(self, component: str, version: Version) -> tuple[Vulnerability, ...]:
        """Those of which nobody looked up whether upstream's release of this number has them."""
        return tuple(one for one in self.entries if one.component == component and one.affects(version) is None)

    def cover(self, component: str) -> bool:
        """Whether the table says anything of this component."""
        return any(one.component == component for one in self.entries)

    def build(self, component: str, *packages: str | None) -> DistributionBuild | None:
        """What is known of a distribution's build, by its full package version."""
        return next((one for one in self.distributions if one.component == component and one.package in packages), None)


class StatefulImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`movable` marks programs that are told their directory by a flag, so that the usual one proves little.

    `replicates` says how: members of a ring or voters of a quorum; empty for a program that runs alone.
    """

    family: Text
    directories: Annotated[tuple[Folder, ...], msgspec.Meta(min_length=1)]
    movable: bool = False
    replicates: Literal["", "ring", "quorum"] = ""


class Datastores(Table, frozen=True, kw_only=True):
    """Images that are known to keep state, by the last part of the repository or the last two.

    `ports`: an image of another name that exposes one may be one of these, renamed. `stateless`: proxies and caches
    that listen on such a port and keep nothing.
    """

    entries: dict[str, StatefulImage]
    ports: dict[Port, Text]
    stateless: frozenset[str]

    def known(self, reference: ImageReference) -> StatefulImage | None:
        """None for an image that is not in the table."""
        two = "/".join(reference.repository.split("/")[-2:])
        found = self.entries.get(two) or self.entries.get(reference.basename)
        if found is not None and reference.basename == "postgres" and _major(reference.tag) >= _POSTGRES_MOVED:
            return StatefulImage(found.family, ("/var/lib/postgresql",))
        return found


class Ports(Table, frozen=True, kw_only=True):
    """Ports that a datastore or an administration interface listens on, and what listens there."""

    entries: dict[Port, Text]


class Driver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ended`: nobody maintains it; `doubtful`: no current source was found.

    `keeps` says where its volumes lie: on the host that mounts them, on storage elsewhere, as several copies, or as
    many copies as the option `copies_option` says. `source` is where that was read, and on which day.
    """

    status: Literal["maintained", "doubtful", "ended"]
    note: Text
    keeps: Literal["unknown", "this-host", "elsewhere", "several", "by-option"] = "unknown"
    copies_option: str = ""
    source: str = ""


class Drivers(Table, frozen=True, kw_only=True):
    """Volume drivers, who stands behind them and where they keep what is written to them."""

    entries: dict[str, Driver]

    def known(self, driver: str) -> Driver | None:
        """By its whole name, then by the last part and by the first (`rexray/ebs:latest`); None for one not in it."""
        *before, last = (driver.rpartition("@")[0] or driver).split("/")
        last = last.partition(":")[0]
        names = ("/".join((*before, last)), last, *before[-1:])
        return next((self.entries[name] for name in names if name in self.entries), None)


@lru_cache(maxsize=512)
def _version(text: str) -> Version:
    """Of a version that is in a table; a branch may be a major number alone."""
    version = Version.parse(text) or Version.parse(f"{text}.0")
    if version is None:
        raise ValueError(f"{text!r} is not a version")
    return version


def _major(tag: str | None) -> int:
    version = Version.parse(tag) or Version.parse(f"{(tag or '').partition('-')[0]}.0")
    return version.numbers[0] if version else 0


def faults(table: Table) -> Iterator[str]:
    """What a schema cannot say: patterns that do not compile, versions that are none, days in the wrong order."""
    if isinstance(table, Systems):
        yield from _of_systems(table)
    if isinstance(table, Components):
        for component, branches in table.entries.items():
            yield from (f"entries.{component}.{name}: not a version" for name in branches if not _is_version(name))
    if isinstance(table, Vulnerabilities):
        for number, hole in enumerate(table.entries):
            for field, texts in (("fixed_in", hole.fixed_in), ("since", (hole.since,))):
                wrong = next((text for text in texts if Version.parse(text) is None), None)
                if wrong is not None:
                    yield f"entries[{number}].{field}: {wrong!r} is not a version"
    if isinstance(table, Drivers):
        wanting = [name for name, one in table.entries.items() if (one.keeps == "by-option") != bool(one.copies_option)]
        yield from (f"entries.{name}: copies_option goes with keeps by-option" for name in wanting)
    if isinstance(table, Datastores):
        both = sorted(table.stateless & table.entries.keys())
        yield from (f"stateless: {name} is among the entries, too" for name in both)


def _of_systems(table: Systems) -> Iterator[str]:
    for number, system in enumerate(table.entries):
        for field, pattern in (("pattern", system.pattern), ("builds", system.builds)):
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"entries[{number}].{field}: {error}"
        for version, days in system.ends.items():
            if list(days) != sorted(days):
                yield f"entries[{number}].ends.{version}: extended support ends before that for everybody"


def _is_version(text: str) -> bool:
    return (Version.parse(text) or Version.parse(f"{text}.0")) is not None


SHAPES: Mapping[str, type[Table]] = {
    "systems": Systems,
    "components": Components,
    "vulnerabilities": Vulnerabilities,
    "datastores": Datastores,
    "ports": Ports,
    "drivers": Drivers,
}
