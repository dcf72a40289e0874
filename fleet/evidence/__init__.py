"""Evidence packs: what was known at one moment, with facts enough to work every finding out again."""

from __future__ import annotations

from fleet.evidence.packing import AlteredPackError, begin_pack, document_of, fill_pack, make_pack, pack_waits
from fleet.evidence.verifying import Verified, verify

__all__ = [
    "AlteredPackError",
    "Verified",
    "begin_pack",
    "document_of",
    "fill_pack",
    "make_pack",
    "pack_waits",
    "verify",
]
