"""Until when what a host runs is supported: the reading that rules judge and that the timeline of endings shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from fleet.inventory.builds import Build, containerd_of, engine_of, runc_of
from fleet.inventory.host import HostFacts
from fleet.tables.book import Tables
from fleet.tables.shapes import Support

NO_VERSION: Final = "This is no version that the table could have."
NOT_TOLD: Final = "The engine does not tell its system."


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One part of a host with the last day of fixes for it.

    `component` is engine, podman, containerd, runc or system; `name` the branch or, where `vendor` says that a
    distribution maintains it, the distribution. `end` is the last day for everybody, None while the branch is open;
    `extended` the last one of those for some. Where nobody can tell, `reason` says why, and `end` is upstream's, a hint
    at most.
    """

    component: str
    text: str = ""  # its version, as the engine tells it
    name: str = ""
    end: date | None = None
    extended: date | None = None
    vendor: bool = False
    reason: str = ""

    @property
    def last(self) -> date | None:
        """The last day of fixes for anybody."""
        return self.extended or self.end

    def over(self, today: date) -> bool:
        """Whether the fixes for everybody have ended; of a part that nobody can tell of, whether upstream's have."""
        return self.end is not None and today > self.end

    def long_term(self, today: date) -> bool:
        """Whether only those go on that some get."""
        return self.over(today) and self.extended is not None and today <= self.extended


def system_support(host: HostFacts, tables: Tables) -> Support | None:
    """How long the host's operating system is supported; None when the table does not have it."""
    return tables.systems.support(host.operating_system or "", host.os_version)


def system_window(host: HostFacts, tables: Tables) -> Window | None:
    """None where the engine does not tell its system, and for Docker Desktop, which brings its own."""
    text = host.operating_system
    if not text or "docker desktop" in text.lower():
        return None
    support = system_support(host, tables)
    if support is None:
        return Window(component="system", text=text, reason=_lacks(tables.systems.as_of, "this system"))
    name = f"{support.product} {support.version}"
    return Window(component="system", text=text, name=name, end=support.standard, extended=support.extended)


def engine_window(host: HostFacts, tables: Tables, today: date) -> Window | None:
    """None where the engine does not tell its version."""
    build = engine_of(host)
    if build is None:
        return None
    if build.version is None:
        return Window(component=build.component, text=build.text, reason=NO_VERSION)
    found = tables.components.branch(build.component, build.version)
    living = found is not None and (found[1] is None or today <= found[1])
    # Podman's makers publish no packages for Linux: a number without a suffix is a distribution's as well.
    packaged = not living and build.component == "podman" and system_support(host, tables) is not None
    if build.foreign or packaged:
        return _vendors(build, host, tables)
    if found is None:
        return Window(component=build.component, text=build.text, reason=_lacks(tables.components.as_of, "it"))
    return Window(component=build.component, text=build.text, name=found[0], end=found[1])


def below_windows(host: HostFacts, tables: Tables) -> tuple[Window, ...]:
    """Of containerd and runc, of those that the engine tells of; podman is told of with runc alone."""
    told = (None if host.kind == "podman" else containerd_of(host), runc_of(host))
    return tuple(_below(build, tables) for build in told if build is not None)


def _below(build: Build, tables: Tables) -> Window:
    found = tables.components.branch(build.component, build.version) if build.version else None
    name, end = found or ("", None)
    reason = ""
    if build.foreign:
        reason = f"How long this distribution's build of {build.component} is maintained is unknown"
    elif found is None:
        reason = _lacks(tables.components.as_of, f"this {build.component}")
    text = build.package or build.text
    return Window(component=build.component, text=text, name=name, end=end, vendor=build.foreign, reason=reason)


def _vendors(build: Build, host: HostFacts, tables: Tables) -> Window:
    """The distribution mends it for as long as it mends itself."""
    support, reason = system_support(host, tables), ""
    if support is None:
        reason = "A distribution maintains this build, and how long it does is not in the table."
        return Window(component=build.component, text=build.text, vendor=True, reason=reason)
    if build.suffix and not (support.builds and re.search(support.builds, build.suffix)):
        reason = f"Somebody else than upstream and {support.product} has built it."
        return Window(component=build.component, text=build.text, vendor=True, reason=reason)
    return Window(
        component=build.component,
        text=build.text,
        name=f"{support.product} {support.version}",
        end=support.standard,
        extended=support.extended,
        vendor=True,
    )


def _lacks(as_of: date, what: str) -> str:
    return f"The table of {as_of:%d %B %Y} does not have {what}."
