"""Trust as a use case: publishers and registries that admins registered, and what they prove of the fleet's images."""

from __future__ import annotations

from fleet.proving.due import Looked, look_at_due
from fleet.proving.errors import ProvingError
from fleet.proving.grounds import Grounds, grounds
from fleet.proving.prover import Proof, Prover
from fleet.proving.registries import register_registry, remove_registry, reseal_registries
from fleet.proving.results import Shown, chain_of, no_policy, shown, shown_all
from fleet.proving.roots import InForce, closest, edit_root, enable_root, in_force, register_root
from fleet.proving.scans import Fate, Received, keep_scan, newest_on, preview_scan, remove_scan
from fleet.proving.stated import stated_of
from fleet.proving.tags import tags_of

__all__ = [
    "Fate",
    "Grounds",
    "InForce",
    "Looked",
    "Proof",
    "Prover",
    "ProvingError",
    "Received",
    "Shown",
    "chain_of",
    "closest",
    "edit_root",
    "enable_root",
    "grounds",
    "in_force",
    "keep_scan",
    "look_at_due",
    "newest_on",
    "no_policy",
    "preview_scan",
    "register_registry",
    "register_root",
    "remove_registry",
    "remove_scan",
    "reseal_registries",
    "shown",
    "shown_all",
    "stated_of",
    "tags_of",
]
