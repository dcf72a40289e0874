"""What a host runs that somebody has to support, and until when they do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fleet.inventory import HostFacts, PluginFacts
from fleet.neutrality.shared import NETWORK_DRIVERS
from fleet.tables import Tables
from fleet.tables.support import Window, below_windows, engine_window, system_window

#: How each part is called before its branch, and before the distribution that maintains it.
_WORDS: Final = {"engine": "Docker Engine", "podman": "Podman", "containerd": "containerd", "runc": "runc"}
_NO_NAME: Final = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One thing that hosts run, and the last day of fixes for it; equal for hosts that run the same.

    `end` is the last day for everybody, `extended` the last one for those who take part in something. `over` without a
    day is one that nobody maintains any more, nobody wrote down since when. Where nobody can tell, `reason` says why.
    """

    slug: str
    kind: str  # engine, podman, containerd, runc, system, plugin
    title: str
    end: date | None = None
    extended: date | None = None
    over: bool = False
    reason: str = ""

    @property
    def told(self) -> bool:
        """Whether it is known when it ends, or that it has no end yet."""
        return not self.reason


def endings_of(
    host: HostFacts, plugins: Sequence[PluginFacts] | None, *, tables: Tables, today: date
) -> tuple[Ending, ...]:
    """Everything on one host. What the engine does not tell at all is not among it."""
    windows = [engine_window(host, tables, today), *below_windows(host, tables), system_window(host, tables)]
    return (*(_of_window(one) for one in windows if one is not None), *_of_plugins(host, plugins, tables))


def _of_window(window: Window) -> Ending:
    word = _WORDS.get(window.component, "")
    if window.reason:
        # Its version is all that is known of it.
        title = f"{word} {window.text}".strip()
        return Ending(
            slug=_slug(window.component, window.text), kind=window.component, title=title, reason=_said(window)
        )
    between = " of " if window.vendor else " "
    title = f"{word}{between}{window.name}" if word else window.name
    return Ending(
        slug=_slug(window.component, window.name),
        kind=window.component,
        title=title,
        end=window.end,
        extended=window.extended,
    )


def _said(window: Window) -> str:
    """With upstream's end as a hint, where a distribution's own is not known."""
    hint = f"; upstream's {window.name} ended by {window.end:%d %B %Y}" if window.vendor and window.end else ""
    return f"{window.reason.rstrip('.')}{hint}."


def _of_plugins(host: HostFacts, plugins: Sequence[PluginFacts] | None, tables: Tables) -> Iterator[Ending]:
    own = NETWORK_DRIVERS | {"local", "overlay"}
    names = {*(host.volume_plugins or ()), *(host.network_plugins or ())} - own
    names |= {one.name for one in plugins or () if one.enabled is not False}
    for name in sorted({name.partition(":")[0].rpartition("/")[2] for name in names} - own):
        entry = tables.drivers.entries.get(name)
        reason = "The table of drivers does not have it." if entry is None else ""
        if entry is not None and entry.status == "doubtful":
            reason = entry.note
        over = entry is not None and entry.status == "ended"
        yield Ending(slug=_slug("plugin", name), kind="plugin", title=f"Plugin {name}", over=over, reason=reason)


def _slug(kind: str, name: str) -> str:
    return f"{kind}-{_NO_NAME.sub('-', name.lower()).strip('-')}"[:80]
