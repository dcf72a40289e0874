"""/volumes entries, read into facts, with their sizes out of /system/df."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fleet.engines.reading import fields
from fleet.engines.reading.fields import pairs, text, whole
from fleet.engines.reading.options import redact_options
from fleet.engines.reading.redaction import without_secrets
from fleet.inventory import VolumeFacts

NO_SIZES: Final[Mapping[str, int]] = MappingProxyType({})
_DIGITS: Final = 5  # binary ones that are kept of a size: at most a sixteenth is cut off


def sizes(usage: object) -> dict[str, int]:
    """Bytes by volume, of a reply of /system/df: until API 1.52 it lists them at its top, from then on in a part.

    Missing are volumes that the engine does not count: of plugins, and with options. It says -1 of them or nothing.
    """
    found = {}
    for entry in fields.rows(usage, "Volumes") or fields.rows(usage, "VolumeUsage", "Items") or ():
        name, size = fields.filled(entry, "Name"), whole(entry, "UsageData", "Size")
        if name is not None and size is not None and size >= 0:
            found[name] = _cut(size)
    return found


def _cut(size: int) -> int:
    step = 1 << max(0, size.bit_length() - _DIGITS)
    return size // step * step


def from_entry(entry: dict[str, object], *, sizes: Mapping[str, int] = NO_SIZES) -> VolumeFacts | None:
    name = fields.filled(entry, "Name")
    if name is None:
        return None
    given = pairs(entry, "Options")
    options, secret = (None, ()) if given is None else redact_options(given)
    return VolumeFacts(
        name=name,
        driver=fields.filled(entry, "Driver"),
        scope=fields.filled(entry, "Scope"),
        mountpoint=text(entry, "Mountpoint"),
        options=options,
        labels=without_secrets(pairs(entry, "Labels")),
        created_at=fields.moment(entry, "CreatedAt"),
        size=sizes.get(name),
        secret_hints=secret,
    )
