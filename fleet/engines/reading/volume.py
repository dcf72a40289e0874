"""/volumes entries, read into facts."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.fields import pairs, text
from fleet.engines.reading.options import redact_options
from fleet.engines.reading.redaction import without_secrets
from fleet.inventory import VolumeFacts


def from_entry(entry: dict[str, object]) -> VolumeFacts | None:
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
        secret_hints=secret,
    )
