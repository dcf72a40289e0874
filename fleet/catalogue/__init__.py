"""The catalogue: every service, in containers or not, as people enter it, import it and map containers to it."""

from __future__ import annotations

from fleet.catalogue.entries import change, enter, remove, trail_of
from fleet.catalogue.entry import COLUMNS, FIELDS, CatalogueError, Entry, Valid, validate
from fleet.catalogue.exporting import as_csv
from fleet.catalogue.importing import Changed, ImportReport, import_services
from fleet.catalogue.mappings import adopt, draft, move, not_previewed, take_away
from fleet.catalogue.preview import preview_mapping, preview_waits
from fleet.catalogue.renaming import rename_due, renaming_under_way
from fleet.catalogue.suggesting import Suggestion, Unmapped, suggest, unmapped

__all__ = [
    "COLUMNS",
    "FIELDS",
    "CatalogueError",
    "Changed",
    "Entry",
    "ImportReport",
    "Suggestion",
    "Unmapped",
    "Valid",
    "adopt",
    "as_csv",
    "change",
    "draft",
    "enter",
    "import_services",
    "move",
    "not_previewed",
    "preview_mapping",
    "preview_waits",
    "remove",
    "rename_due",
    "renaming_under_way",
    "suggest",
    "take_away",
    "trail_of",
    "unmapped",
    "validate",
]
