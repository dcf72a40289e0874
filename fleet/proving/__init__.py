"""Trust as a use case: publishers and registries that admins registered, and what they prove of the fleet's images."""

from __future__ import annotations

from fleet.proving.due import Looked, look_at_due
from fleet.proving.errors import ProvingError
from fleet.proving.grounds import Grounds, grounds
from fleet.proving.prover import Proof, Prover
from fleet.proving.registries import register_registry, remove_registry, reseal_registries
from fleet.proving.results import Shown, chain_of, no_policy, shown, shown_all
from fleet.proving.roots import InForce, closest, edit_root, enable_root, in_force, register_root
from fleet.proving.tags import tags_of

__all__ = [
    "Grounds",
    "InForce",
    "Looked",
    "Proof",
    "Prover",
    "ProvingError",
    "Shown",
    "chain_of",
    "closest",
    "edit_root",
    "enable_root",
    "grounds",
    "in_force",
    "look_at_due",
    "no_policy",
    "register_registry",
    "register_root",
    "remove_registry",
    "reseal_registries",
    "shown",
    "shown_all",
    "tags_of",
]
