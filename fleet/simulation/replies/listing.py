"""Entries of /containers/json, cut into pieces so that a call only joins bytes."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from fleet.simulation.identifiers import content_id
from fleet.simulation.plan import Engine
from fleet.simulation.replies.attachments import Bindings, Switchboard, bindings, endpoint_settings
from fleet.simulation.replies.mounts import mount_points
from fleet.simulation.spec import Container
from fleet.simulation.states import State

_encode = msgspec.json.encode


def image_id(container: Container) -> str:
    return content_id("image", container.image.reference, container.image.digest)


def labels_of(container: Container) -> dict[str, str]:
    return dict(sorted({**container.image.labels, **container.labels}.items()))


def command_of(container: Container) -> list[str]:
    return [*(container.image.entrypoint or ()), *(container.command or container.image.command)]


class ListEntry:
    """One container's entry, cut for one state; another one needs another cut when it does not fit any more."""

    __slots__ = ("_health", "_mounts", "_ports", "_rest", "_sized", "_start", "_state", "_until_status")

    def __init__(
        self, container: Container, engine: Engine, board: Switchboard, state: State, *, identity: str, began: float
    ) -> None:
        attachments = board.attachments(container, up=state.up)
        networks = {a.network.name: endpoint_settings(container, a, aliases=None) for a in attachments}
        head: dict[str, Any] = {
            "Id": identity,
            "Names": [f"/{container.name}"],
            "Image": container.given_reference,
            "ImageID": image_id(container),
            "Command": shell_words(command_of(container)),
            "Created": int(began - container.created_age),
        }
        self._start = _encode(head)[:-1] + b',"Ports":['
        self._ports = [_encode(port) for port in _ports(bindings(container, up=state.up, attachments=attachments))]
        total = {"SizeRootFs": container.image.size + container.size_rw}
        sizes = {"SizeRw": container.size_rw, **total} if container.size_rw else total
        self._sized = b"]," + _encode(sizes)[1:-1]
        rest = {"Labels": labels_of(container), "State": state.name}
        self._until_status = b"," + _encode(rest)[1:-1] + b',"Status":"'
        mode = {"NetworkMode": container.network_mode}
        end = {"HostConfig": mode, "NetworkSettings": {"Networks": networks}}
        self._rest = b'"' + b"," + _encode(end)[1:-1] + b',"Mounts":['
        self._state, self._health = state.name, state.health or "none"
        self._mounts = [_encode(mount) for mount in mount_points(container, engine, listed=True)]

    def fits(self, state: State) -> bool:
        return self._state == state.name and self._health == (state.health or "none")

    def render(self, state: State, *, size: bool, with_health: bool, dice: random.Random) -> bytes:
        """The entry now. Ports and Mounts come in another order on every call, as from a real engine."""
        health = b""
        if with_health:
            health = b',"Health":' + _encode({"Status": self._health, "FailingStreak": state.failing_streak})
        return b"".join((
            self._start,
            b",".join(_shuffled(self._ports, dice)),
            self._sized if size else b"]",
            self._until_status,
            state.words.encode(),
            self._rest,
            b",".join(_shuffled(self._mounts, dice)),
            b"]",
            health,
            b"}",
        ))  # fmt: skip


def _shuffled(pieces: list[bytes], dice: random.Random) -> list[bytes]:
    return dice.sample(pieces, len(pieces)) if len(pieces) > 1 else pieces


def _ports(bound: Bindings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, entries in bound.items():
        number, _, protocol = name.partition("/")
        if entries is None:
            found.append({"PrivatePort": int(number), "Type": protocol})
        for entry in entries or ():
            public = int(entry["HostPort"])
            found.append({"IP": entry["HostIp"], "PrivatePort": int(number), "PublicPort": public, "Type": protocol})
    return found


def shell_words(words: list[str]) -> str:
    """The command as the list shows it: a word with a space is put in single quotes."""
    return " ".join(f"'{word}'" if " " in word else word for word in words)
