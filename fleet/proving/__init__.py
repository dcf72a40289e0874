"""Trust as a use case: publishers and registries that admins registered, and what they prove of the fleet's images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleet.lazily import lazily
from fleet.proving.errors import ProvingError
from fleet.proving.grounds import Grounds, grounds

if TYPE_CHECKING:
    from fleet.proving.drafts import adopt_draft, coverage_of, draft_root, preview_root
    from fleet.proving.due import Looked, look_at_due
    from fleet.proving.image import Known, known, look_at_one
    from fleet.proving.memories import forget_memory
    from fleet.proving.prover import Proof, Prover
    from fleet.proving.registries import (
        RegistryTerms,
        add_registry,
        change_registry,
        found_registry,
        register_registry,
        remove_registry,
        reseal_registries,
    )
    from fleet.proving.results import Shown, chain_of, no_policy, shown, shown_all
    from fleet.proving.roots import InForce, closest, edit_root, enable_root, in_force, latest, register_root
    from fleet.proving.scans import Fate, Received, keep_scan, newest_on, preview_scan, remove_scan
    from fleet.proving.stated import stated_of
    from fleet.proving.surveying import NOT_LOOKED_AT, Listed, Survey, survey
    from fleet.proving.tags import tags_of
    from fleet.proving.trials import (
        begin_candidate,
        begin_registry_trial,
        confirm_candidate,
        confirmed_material,
        run_trust_trial,
    )

# Every sweep asks whether anything is registered; keys, signatures and the client of registries are only for who did.
__getattr__ = lazily(
    __name__,
    {
        "drafts": ["adopt_draft", "coverage_of", "draft_root", "preview_root"],
        "due": ["Looked", "look_at_due"],
        "image": ["Known", "known", "look_at_one"],
        "memories": ["forget_memory"],
        "prover": ["Proof", "Prover"],
        "registries": [
            "RegistryTerms",
            "add_registry",
            "change_registry",
            "found_registry",
            "register_registry",
            "remove_registry",
            "reseal_registries",
        ],
        "results": ["Shown", "chain_of", "no_policy", "shown", "shown_all"],
        "roots": ["InForce", "closest", "edit_root", "enable_root", "in_force", "latest", "register_root"],
        "scans": ["Fate", "Received", "keep_scan", "newest_on", "preview_scan", "remove_scan"],
        "stated": ["stated_of"],
        "surveying": ["NOT_LOOKED_AT", "Listed", "Survey", "survey"],
        "tags": ["tags_of"],
        "trials": [
            "begin_candidate",
            "begin_registry_trial",
            "confirm_candidate",
            "confirmed_material",
            "run_trust_trial",
        ],
    },
)

__all__ = [
    "NOT_LOOKED_AT",
    "Fate",
    "Grounds",
    "InForce",
    "Known",
    "Listed",
    "Looked",
    "Proof",
    "Prover",
    "ProvingError",
    "Received",
    "RegistryTerms",
    "Shown",
    "Survey",
    "add_registry",
    "adopt_draft",
    "begin_candidate",
    "begin_registry_trial",
    "chain_of",
    "change_registry",
    "closest",
    "confirm_candidate",
    "confirmed_material",
    "coverage_of",
    "draft_root",
    "edit_root",
    "enable_root",
    "forget_memory",
    "found_registry",
    "grounds",
    "in_force",
    "keep_scan",
    "known",
    "latest",
    "look_at_due",
    "look_at_one",
    "newest_on",
    "no_policy",
    "preview_root",
    "preview_scan",
    "register_registry",
    "register_root",
    "remove_registry",
    "remove_scan",
    "reseal_registries",
    "run_trust_trial",
    "shown",
    "shown_all",
    "stated_of",
    "survey",
    "tags_of",
]
