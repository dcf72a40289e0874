"""What can be known about a fleet, as frozen dataclasses that do no I/O and know no framework.

Every field that an engine may leave out is `None` when it did: a rule turns `None` into unknown, never into pass.
"""

from __future__ import annotations

from fleet.inventory.container import (
    ContainerFacts,
    Device,
    HandChange,
    HealthCheck,
    Mount,
    NetworkAttachment,
    PublishedPort,
    RestartPolicy,
    SecretHint,
)
from fleet.inventory.host import Component, DiskUsage, HostFacts, Registry, SwarmFacts
from fleet.inventory.image import ImageFacts
from fleet.inventory.neighbour import KeptNeighbour, Neighbour
from fleet.inventory.network import NetworkFacts, Subnet
from fleet.inventory.proven import NOTHING_PROVEN, Proof, Proven, Scanned, Stated, StatedOnce, TagMeaning
from fleet.inventory.reference import ImageReference
from fleet.inventory.snapshot import Gap, Looks, NothingNew, Snapshot
from fleet.inventory.swarm import NodeFacts, PluginFacts, SwarmServiceFacts, TaskFacts
from fleet.inventory.volume import VolumeFacts

__all__ = [
    "NOTHING_PROVEN",
    "Component",
    "ContainerFacts",
    "Device",
    "DiskUsage",
    "Gap",
    "HandChange",
    "HealthCheck",
    "HostFacts",
    "ImageFacts",
    "ImageReference",
    "KeptNeighbour",
    "Looks",
    "Mount",
    "Neighbour",
    "NetworkAttachment",
    "NetworkFacts",
    "NodeFacts",
    "NothingNew",
    "PluginFacts",
    "Proof",
    "Proven",
    "PublishedPort",
    "Registry",
    "RestartPolicy",
    "Scanned",
    "SecretHint",
    "Snapshot",
    "Stated",
    "StatedOnce",
    "Subnet",
    "SwarmFacts",
    "SwarmServiceFacts",
    "TagMeaning",
    "TaskFacts",
    "VolumeFacts",
]
