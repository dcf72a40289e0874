"""What a draft of a mapping would catch, as the page shows it while it is worked out and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.previews import Preview, progress_of
from dashboard.queueing import ask_for_mapping
from dashboard.words import counted
from fleet.catalogue import not_previewed
from fleet.models import ServiceMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPreview(Preview):
    """`told` is what `fleet.catalogue.preview.look` found."""

    told: dict[str, Any] = field(default_factory=dict)


def begin(mapping: ServiceMapping, now: datetime) -> None:
    """Asks a worker for the preview; without a queue it has failed, and can be asked for again."""
    row = ServiceMapping.objects.filter(pk=mapping.pk)
    row.update(preview_state="", preview={"at": now.isoformat()})
    if not ask_for_mapping(mapping):
        row.update(preview_state="failed", preview={"error": "the queue does not answer."})


def preview_of(mapping: ServiceMapping, now: datetime) -> MappingPreview:
    told: dict[str, Any] = mapping.preview
    refused = "" if mapping.position is not None else not_previewed(mapping)
    words = {"doing": "Looking at every container", "done": "looked at every container"}
    on_the_way = progress_of(mapping.preview_state, told, since=mapping.made_at, now=now, **words)
    if on_the_way is not None:
        return MappingPreview(**on_the_way, refused=refused)
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
