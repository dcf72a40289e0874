"""What a draft of the policy would change, as the page shows it while it is worked out and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.previews import Preview, progress_of
from dashboard.words import counted
from fleet.governance.policy import not_previewed
from fleet.models import PolicyVersion
from fleet.readiness.vocabulary import Verdict

_ORDER = [verdict.value for verdict in Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreview(Preview):
    """Services that would change their verdict, and how many would be otherwise."""

    worse: list[dict[str, Any]] = field(default_factory=list)
    better: list[dict[str, Any]] = field(default_factory=list)
    stale: str = ""  # how many services nothing can be told of
    stages: str = ""  # how many services would be of another stage


def preview_of(version: PolicyVersion, now: datetime) -> PolicyPreview:
    """What is known of it, and whether that is enough to adopt it."""
    told: dict[str, Any] = version.preview
    refused = "" if version.adopted_at else not_previewed(version)
    words = {"doing": "Judging every host by it", "done": "judged every host by it"}
    on_the_way = progress_of(version.preview_state, told, since=version.created_at, now=now, **words)
    if on_the_way is not None:
        return PolicyPreview(**on_the_way, refused=refused)
    services = told.get("services", [])
    worse = [one for one in services if _ORDER.index(one["after"]) < _ORDER.index(one["before"])]
    if services:
        sentence = f"{counted(len(services), 'service')} of {told.get('of', 0)} would change verdict."
    else:
        sentence = f"None of {counted(int(told.get('of', 0)), 'service')} would change verdict."
    return PolicyPreview(
        state="done",
        sentence=sentence,
        at=datetime.fromisoformat(told["at"]),
        refused=refused,
        worse=worse,
        better=[one for one in services if one not in worse],
        stale=_services(told, "stale"),
        stages=_services(told, "stages"),
    )


def _services(told: dict[str, Any], name: str) -> str:
    return counted(int(told[name]), "service") if told.get(name) else ""
