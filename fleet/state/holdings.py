"""What one container holds: every place that it writes to or may write to, with where that lies and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from fleet.inventory import ContainerFacts, Mount
from fleet.inventory.places import LAYER, place_of, within
from fleet.state.kinds import Form, Holding, StateMember, Where
from fleet.state.paths import no_state
from fleet.state.storage import SURVIVES, stored_of
from fleet.tables import Tables
from fleet.tables.keeping import Datastore, datastore_of, image_name_of

#: What an owner says with the label `loadline.role`: that whatever is kept may be lost.
MAY_BE_LOST: Final = frozenset({"cache", "ephemeral", "test"})
#: Bytes. Less than this in a writable layer is what every program leaves behind: pid files, a history, a log.
MUCH: Final = 100 * 1024 * 1024
_MIB: Final = 1024 * 1024
_GIB: Final = 1024 * _MIB
_STEP: Final = 50 * _MIB
_GENERATED: Final = re.compile(r"^[0-9a-f]{64}$")
_ANONYMOUS: Final = "com.docker.volume.anonymous"
_FORMS: Final = {"bind": Form.BIND, "volume": Form.VOLUME, "cluster": Form.CLUSTER, "tmpfs": Form.TMPFS}


def holdings_of(member: StateMember, *, tables: Tables, roles: Collection[str] = ()) -> tuple[Holding, ...]:
    """Every place of one container, in the order of its paths. A fact that is missing is a place of its own, which
    counts and of which nobody knows where it lies. `roles` are those of its service.
    """
    found = tuple(_Reading(member, tables).all())
    spared = sorted(MAY_BE_LOST.intersection(roles))
    if not spared:
        return found
    why = f"Its role is {spared[0]}: what it keeps may be lost."
    return tuple(replace(one, counts=False, reason=f"{one.reason} {why}") if one.counts else one for one in found)


@dataclass(frozen=True)
class _Reading:
    member: StateMember
    tables: Tables

    @property
    def facts(self) -> ContainerFacts:
        return self.member.facts

    @cached_property
    def store(self) -> Datastore | None:
        return datastore_of(self.facts, self.member.image, self.tables.datastores)

    def all(self) -> Iterator[Holding]:
        facts = self.facts
        if facts.mounts is None:
            yield self._missing("/", "The engine did not tell of its mounts.")
        for mount in facts.mounts or ():
            yield self._mounted(mount)
        for path in facts.tmpfs or ():
            yield self._in_memory(path)
        yield from self._doubts()
        yield from self._data()
        yield from self._layer()

    def _holding(self, form: Form, destination: str, where: Where, reason: str, **more: Any) -> Holding:
        told = {"counts": True, "survives": SURVIVES[where], **more}
        return Holding(
            container=self.facts.name,
            host=self.member.host,
            form=form,
            destination=destination,
            where=where,
            reason=reason,
            **told,
        )

    def _missing(self, destination: str, reason: str, form: Form = Form.OTHER) -> Holding:
        return self._holding(form, destination, Where.UNKNOWN, reason)

    # Mounts

    def _mounted(self, mount: Mount) -> Holding:
        if mount.kind == "tmpfs":
            return self._in_memory(mount.destination)
        if mount.kind == "bind":
            held = self._bound(mount)
        elif mount.kind in {"volume", "cluster"}:
            held = self._of_volume(mount)
        elif mount.kind in {"npipe", "image"}:
            return self._holding(
                Form.OTHER, mount.destination, Where.NOWHERE, "Nothing is written there.", counts=False
            )
        else:
            return self._missing(mount.destination, f"What a mount of type {mount.kind} holds is not known.")
        return held if mount.writable or not held.counts else _not_written(held, mount)

    def _bound(self, mount: Mount) -> Holding:
        source = mount.source or ""
        if not source:
            return self._missing(mount.destination, "The engine does not tell which folder is mounted.", Form.BIND)
        return self._folder(mount.destination, source, f"It is the folder {source} of the host.", source=source)

    def _folder(self, destination: str, path: str, reason: str, **more: Any) -> Holding:
        """Of a folder of the host, mounted openly or by a local volume that hides it."""
        harmless = no_state(path, destination)
        if harmless:
            return self._holding(Form.BIND, destination, Where.NOWHERE, harmless, counts=False, **more)
        return self._holding(Form.BIND, destination, Where.THIS_HOST, reason, **more)

    def _of_volume(self, mount: Mount) -> Holding:
        form = _FORMS[mount.kind]
        if not mount.name:
            return self._missing(mount.destination, "The engine does not tell which volume is mounted.", form)
        stored = stored_of(mount.name, mount.driver, self.member, self.tables.drivers)
        volume = (self.member.volumes or {}).get(mount.name)
        told: dict[str, Any] = {
            "source": mount.name,
            "driver": self._driver(mount),
            "options": stored.options,
            "health": stored.health,
            "size": volume.size if volume else None,
        }
        if stored.bind:
            return self._folder(mount.destination, stored.bind, stored.why, **told)
        if stored.where is Where.MEMORY:
            return self._in_memory(mount.destination, stored.why, form=form, **told)
        if form is Form.VOLUME and self._anonymous(mount.name):
            why = f"{stored.why} It has no name, so the next container does not get it."
            return self._holding(Form.ANONYMOUS, mount.destination, stored.where, why, **told)
        return self._holding(form, mount.destination, stored.where, stored.why, **told)

    def _driver(self, mount: Mount) -> str:
        volume = (self.member.volumes or {}).get(mount.name or "")
        return (volume.driver if volume else None) or mount.driver or ""

    def _anonymous(self, name: str) -> bool:
        volume = (self.member.volumes or {}).get(name)
        return bool(_GENERATED.match(name)) or (volume is not None and _ANONYMOUS in (volume.labels or {}))

    def _in_memory(self, path: str, why: str = "It is memory.", *, form: Form = Form.TMPFS, **more: Any) -> Holding:
        """Scratch, unless a datastore keeps its data there."""
        keeps = self.store is not None and any(within(one, path) for one in self.store.directories)
        if keeps and self.store is not None:
            why = f"{self.store.name} keeps its data in memory: they go with the container."
        return self._holding(form, path, Where.MEMORY, why, counts=keeps, **more)

    # What no mount tells

    def _doubts(self) -> Iterator[Holding]:
        """Facts without which a datastore would go unnoticed."""
        facts, image = self.facts, self.member.image
        if not facts.inspected:
            yield self._missing("/", "Only the list told of the container: it was not inspected yet.")
            return
        if facts.labels is None:
            yield self._missing("/", "The engine did not tell its labels, which may name where its data lie.")
        if image_name_of(facts, image) is None:
            yield self._missing("/", "Its image has no name, so whether it is a datastore is not known.")
        elif facts.exposed_ports is None and self.store is None:
            yield self._missing("/", "The engine did not tell its ports, by which a renamed datastore is known.")
        if facts.tmpfs is None:
            yield self._missing("/", "The engine did not tell which of its folders are memory.")

    def _data(self) -> Iterator[Holding]:
        """Data directories of a datastore that no mount covers."""
        store = self.store
        if store is None:
            return
        image = self.member.image
        if (image is None or image.declared_volumes is None) and store.told_by != "label":
            yield self._missing("/", f"Where the image of {store.name} keeps its data was not told.")
        if not store.directories:
            why = f"It listens on a port of {store.name}; where it keeps data is told by no label and no image."
            yield self._missing("/", why)
        for path in store.directories:
            place = place_of(self.facts, path)
            if place is None or place.kind != LAYER:
                continue  # without mounts nobody knows, which is said already; a tmpfs and a mount speak for themselves
            if store.movable and (self.facts.mounts or self.facts.tmpfs):
                yield self._missing(path, f"{store.name} may keep its data in {path} or in another of its folders.")
                continue
            why = f"{store.name} keeps its data in {path}, which no mount covers: they go with the container."
            yield self._holding(Form.LAYER, path, Where.THIS_HOST, why)

    def _layer(self) -> Iterator[Holding]:
        facts = self.facts
        if facts.readonly_root:
            return
        if facts.size_rw is None:
            yield self._missing("/", "How much it wrote into its own layer was not told yet.", Form.LAYER)
        elif facts.size_rw > MUCH:
            why = f"It wrote more than {_size(facts.size_rw)} into its own layer, which goes with the container."
            yield self._holding(Form.LAYER, "/", Where.THIS_HOST, why)
        else:
            why = "It wrote next to nothing into its own layer."
            yield self._holding(Form.LAYER, "/", Where.NOWHERE, why, counts=False)


def _size(number: int) -> str:
    """In steps, so that evidence does not move with every line of a log."""
    return f"{number // _GIB} GiB" if number >= 2 * _GIB else f"{number // _STEP * _STEP // _MIB} MiB"


def _not_written(held: Holding, mount: Mount) -> Holding:
    """What cannot be written is no state; of what may not be writable nobody knows."""
    if mount.writable is None:
        why = f"{held.reason} Whether it can be written was not told."
        return replace(held, where=Where.UNKNOWN, survives=None, reason=why)
    return replace(held, counts=False, where=Where.NOWHERE, survives=True, reason="It is mounted read-only.")
