"""What would happen if: some rules passed everywhere, or another policy were adopted. Recomputed, never estimated."""

from __future__ import annotations

from fleet.foresight.fixes import Fix, Plan, fix_next, held_back, plan_of
from fleet.foresight.preview import preview_policy

__all__ = ["Fix", "Plan", "fix_next", "held_back", "plan_of", "preview_policy"]
