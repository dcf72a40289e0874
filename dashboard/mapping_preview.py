"""What a draft of a mapping would catch, as the page shows it while it is worked out and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.policy_preview import NOT_TAKEN_AFTER, SILENT_AFTER
from dashboard.words import counted
from fleet.catalogue import not_previewed
from fleet.models import ServiceMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPreview:
    """`state`: waiting, running, done or failed; `told` is what `fleet.catalogue.preview.look` found."""

    state: str
    sentence: str
    done: int = 0
    total: int = 0
    at: datetime | None = None
    told: dict[str, Any] = field(default_factory=dict)
    refused: str = ""  # why this draft cannot be put in force as it stands

    @property
    def again(self) -> bool:
        """Whether what is shown is not worth anything any more, or was never worked out."""
        return bool(self.refused) and self.state in {"done", "failed"}


def preview_of(mapping: ServiceMapping, now: datetime) -> MappingPreview:
    told: dict[str, Any] = mapping.preview
    refused = "" if mapping.position is not None else not_previewed(mapping)
    silence = now - (datetime.fromisoformat(told["at"]) if "at" in told else mapping.made_at)
    if mapping.preview_state == "failed":
        return MappingPreview(
            state="failed", sentence=f"It could not be worked out: {told.get('error', '')}", refused=refused
        )
    if mapping.preview_state == "running":
        if silence > SILENT_AFTER:
            return MappingPreview(
                state="failed",
                sentence="The worker that looked at every container stopped before the end.",
                refused=refused,
            )
        done, total = int(told.get("done", 0)), int(told.get("total", 0))
        return MappingPreview(state="running", sentence="Looking at every container…", done=done, total=total)
    if mapping.preview_state != "done":
        if silence > NOT_TAKEN_AFTER:
            return MappingPreview(state="failed", sentence="No worker has begun with it.", refused=refused)
        return MappingPreview(state="waiting", sentence="Waiting for its turn…")
    at = datetime.fromisoformat(told["at"])
    return MappingPreview(state="done", sentence=_sentence(told), at=at, told=told, refused=refused)


def _sentence(told: dict[str, Any]) -> str:
    matched, moved, of = told["matched"], told["moved"], told["of"]
    if not matched:
        return f"It fits none of {counted(of, 'container')}."
    fits = f"It fits {counted(matched, 'container')} of {of}"
    if not moved:
        return f"{fits}; none of them would belong to another service."
    return f"{fits}; {counted(moved, 'container')} would belong to another service."
