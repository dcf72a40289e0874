"""/networks entries, read into facts."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.fields import flag, pairs, rows, text
from fleet.engines.reading.redaction import without_secrets
from fleet.inventory import NetworkFacts, Subnet


def from_entry(entry: dict[str, object]) -> NetworkFacts | None:
    identity, name = fields.filled(entry, "Id"), fields.filled(entry, "Name")
    if identity is None or name is None:
        return None
    return NetworkFacts(
        id=identity,
        name=name,
        driver=fields.filled(entry, "Driver"),
        scope=fields.filled(entry, "Scope"),
        internal=flag(entry, "Internal"),
        attachable=flag(entry, "Attachable"),
        ingress=flag(entry, "Ingress"),
        ipv6=flag(entry, "EnableIPv6"),
        options=without_secrets(pairs(entry, "Options")),
        labels=without_secrets(pairs(entry, "Labels")),
        subnets=fields.read_all(rows(entry, "IPAM", "Config"), _subnet),
    )


def _subnet(row: dict[str, object]) -> Subnet | None:
    cidr = text(row, "Subnet")
    return None if cidr is None else Subnet(cidr, fields.filled(row, "Gateway"))
