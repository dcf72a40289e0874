"""Trust as a use case: publishers and registries that admins registered, and what they prove of the fleet's images."""

from __future__ import annotations

from fleet.proving.due import Looked, look_at_due
from fleet.proving.errors import ProvingError
from fleet.proving.image import Known, known, look_at_one
from fleet.proving.prover import Proof, Prover
from fleet.proving.registries import register_registry, remove_registry, reseal_registries
from fleet.proving.results import Shown, chain_of, shown
from fleet.proving.roots import InForce, closest, edit_root, enable_root, in_force, register_root
from fleet.proving.survey import NOT_LOOKED_AT, Listed, Survey, survey

__all__ = [
    "NOT_LOOKED_AT",
    "InForce",
    "Known",
    "Listed",
    "Looked",
    "Proof",
    "Prover",
    "ProvingError",
    "Shown",
    "Survey",
    "chain_of",
    "closest",
    "edit_root",
    "enable_root",
    "in_force",
    "known",
    "look_at_due",
    "look_at_one",
    "register_registry",
    "register_root",
    "remove_registry",
    "reseal_registries",
    "shown",
    "survey",
]
