"""Where the data of one volume lie: by its driver, its options, and how its plugin is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

from fleet.inventory import PluginFacts, VolumeFacts
from fleet.inventory.plain import from_plain
from fleet.state.kinds import Health, Where
from fleet.tables.shapes import Driver, Drivers

#: File systems that another machine serves, as the option `type` of the driver `local` names them.
SERVED: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "9p", "davfs", "fuse.sshfs", "glusterfs", "fuse.glusterfs"}
)
#: Those among them that are made to keep copies on several machines.
COPIED: Final = frozenset({"ceph", "fuse.ceph", "ceph-fuse"})
_LOOPBACK: Final = re.compile(r"^(//)?(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)(?=$|[:/])")
_TOLD: Final = ("type", "o", "device")


@dataclass(frozen=True, slots=True)
class Stored:
    """`why` is a sentence; `bind` the host's path where the volume is a folder of the host in disguise."""

    where: Where
    why: str
    health: Health
    options: Mapping[str, str] = field(default_factory=dict)
    bind: str = ""

    @property
    def survives(self) -> bool | None:
        return SURVIVES[self.where]


SURVIVES: Final[Mapping[Where, bool | None]] = {
    Where.NOWHERE: True,
    Where.MEMORY: False,
    Where.THIS_HOST: False,
    Where.ONE_MACHINE: None,
    Where.ELSEWHERE: True,
    Where.SEVERAL: True,
    Where.UNKNOWN: None,
}


class HasStorage(Protocol):
    """What an engine tells of its volumes and plugins; None where it did not."""

    @property
    def volumes(self) -> Mapping[str, VolumeFacts] | None: ...
    @property
    def plugins(self) -> tuple[PluginFacts, ...] | None: ...
    @property
    def volume_warnings(self) -> tuple[str, ...] | None: ...


@dataclass(frozen=True, slots=True)
class Storage:
    """That alone, of a host that nobody asks about the containers of."""

    volumes: Mapping[str, VolumeFacts] | None
    plugins: tuple[PluginFacts, ...] | None
    volume_warnings: tuple[str, ...] | None

    @classmethod
    def read(cls, volumes: Mapping[str, VolumeFacts], *, plugins: Any, warnings: Any) -> Self:
        """Of plugins and warnings as they are stored."""
        told = None if plugins is None else tuple(from_plain(PluginFacts, one) for one in plugins)
        return cls(volumes, told, None if warnings is None else tuple(warnings))


def stored_of(name: str, driver: str | None, at: HasStorage, drivers: Drivers) -> Stored:
    """Of the volume of that name on one host; `driver` is what a mount says of it."""
    volume = (at.volumes or {}).get(name)
    driver = (volume.driver if volume else None) or driver
    if driver is None:
        return Stored(Where.UNKNOWN, "The engine does not tell its driver.", Health.UNKNOWN)
    if driver != "local":
        return _of_a_plugin(driver, volume, at, drivers)
    if volume is None:
        why = "The engine does not list the volume, so its options are not known."
        return Stored(Where.UNKNOWN, why, Health.BUILT_IN)
    return _of_the_engine(volume)


def _of_the_engine(volume: VolumeFacts) -> Stored:
    """Of a volume of the driver `local`, which mounts whatever its options say."""
    options = {key: value for key, value in (volume.options or {}).items() if key in _TOLD}
    kind, device = options.get("type", ""), options.get("device", "")

    def stored(where: Where, why: str, bind: str = "") -> Stored:
        return Stored(where, why, Health.BUILT_IN, options, bind)

    if volume.bind_source:
        return stored(Where.THIS_HOST, f"It is the folder {volume.bind_source} of the host.", volume.bind_source)
    if kind in SERVED | COPIED:
        return stored(*_served(kind, _server(options)))
    if kind in {"tmpfs", "ramfs"}:
        return stored(Where.MEMORY, "It is memory, and empty after every restart.")
    if device.startswith("/dev/"):
        return stored(Where.THIS_HOST, f"It is the host's block device {device}; what is behind that is not seen.")
    if kind and kind != "none":
        return stored(Where.UNKNOWN, f"Where a file system of type {kind} keeps its data is not known.")
    return stored(Where.THIS_HOST, "It lies in the engine's own folder on the host.")


def _served(kind: str, server: str) -> tuple[Where, str]:
    """Of a network file system."""
    if _LOOPBACK.match(server):
        return Where.THIS_HOST, f"It is mounted by {kind} from the host itself ({server})."
    by = f" by {server}" if server else ""
    if kind in COPIED:
        return Where.SEVERAL, f"It is served{by} over {kind}, which keeps several copies."
    return Where.ELSEWHERE, f"It is served{by} over {kind}."


def _server(options: Mapping[str, str]) -> str:
    """Who serves the file system: `addr` of the option `o`, else what stands before the path in `device`."""
    for word in options.get("o", "").split(","):
        key, _, value = word.partition("=")
        if key.strip() == "addr" and value:
            return value.strip()
    device = options.get("device", "")
    if device.startswith("//"):
        return device[2:].partition("/")[0]
    return device.partition(":/")[0] if ":/" in device else ""


def _of_a_plugin(driver: str, volume: VolumeFacts | None, at: HasStorage, drivers: Drivers) -> Stored:
    health, trouble = health_of(driver, at)
    if trouble:
        return Stored(Where.UNKNOWN, trouble, health)
    if volume is None:
        return Stored(Where.UNKNOWN, f"The engine does not list this volume of the plugin {driver}.", Health.UNKNOWN)
    entry = drivers.known(driver)
    if entry is None or entry.keeps == "unknown":
        return _by_its_own_word(driver, volume, health, entry)
    options = {key: value for key, value in (volume.options or {}).items() if key == entry.copies_option}
    return Stored(*_kept(driver, entry, options), health, options)


def _by_its_own_word(driver: str, volume: VolumeFacts, health: Health, entry: Driver | None) -> Stored:
    """A plugin that nobody knows may still say that its volumes belong to all hosts."""
    if volume.scope == "global":
        why = f"The plugin {driver} says of its volumes that every host has them; no more is known of it."
        return Stored(Where.ELSEWHERE, why, health, {"Scope": "global"})
    told = f" ({entry.note.rstrip('.')})" if entry else ""
    return Stored(Where.UNKNOWN, f"Where the plugin {driver}{told} keeps its data is not known.", health)


def _kept(driver: str, entry: Driver, options: Mapping[str, str]) -> tuple[Where, str]:
    if entry.keeps == "this-host":
        return Where.THIS_HOST, f"The plugin {driver} keeps its data on the host."
    if entry.keeps == "elsewhere":
        return Where.ELSEWHERE, f"The plugin {driver} keeps its data on storage that other hosts reach."
    if entry.keeps == "several":
        return Where.SEVERAL, f"The plugin {driver} keeps copies on several machines."
    return _copies(driver, entry, options.get(entry.copies_option, ""))


def _copies(driver: str, entry: Driver, told: str) -> tuple[Where, str]:
    """Where an option says how many copies there are. An engine knows the options of volumes that it made itself."""
    option, number = entry.copies_option, told.strip()
    if not number:
        return Where.UNKNOWN, f"How many copies {driver} keeps is not told: the engine shows no option {option}."
    if not number.isdecimal():
        return Where.UNKNOWN, f"How many copies {driver} keeps is not known: {option} is {told}."
    if int(number) > 1:
        return Where.SEVERAL, f"The plugin {driver} keeps {number} copies on several machines ({option} is {number})."
    return Where.ONE_MACHINE, f"The plugin {driver} keeps a single copy, on one machine's disks ({option} is {number})."


def health_of(driver: str, at: HasStorage) -> tuple[Health, str]:
    """How the plugin of that driver is on one host; a sentence unless it answers."""
    plugin = next((one for one in at.plugins or () if _is(one, driver)), None)
    if plugin is not None and plugin.enabled is False:
        return Health.DISABLED, f"The plugin {driver} is disabled, so nobody reaches the data."
    if at.volume_warnings is None:
        return Health.UNKNOWN, f"The engine did not list its volumes, so the state of the plugin {driver} is not known."
    if any(re.search(rf"(?<![\w./-]){re.escape(driver)}(?![\w/-])", text) for text in at.volume_warnings):
        return Health.SILENT, f"The plugin {driver} does not answer the engine, so nobody reaches the data."
    if at.plugins is None or (plugin is not None and plugin.enabled is None):
        return Health.UNKNOWN, f"The engine does not tell of its plugins, so the state of {driver} is not known."
    return Health.ANSWERS, ""


def _is(plugin: PluginFacts, driver: str) -> bool:
    """A managed plugin is also known without its tag when that is `latest`."""
    return driver in {plugin.name, plugin.name.removesuffix(":latest")}
