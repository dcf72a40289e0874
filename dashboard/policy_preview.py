"""What a draft of the policy would change, as the page shows it while it is worked out and after."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from dashboard.words import counted
from fleet.governance.policy import not_previewed
from fleet.models import PolicyVersion
from fleet.readiness.vocabulary import Verdict
from fleet.turns import LONG_SECONDS

#: A message that no worker took is thrown away by then; one that waits for its turn says so every few seconds. A worker
#: that judges says so every second, except while it judges the services of a big fleet at the end.
NOT_TAKEN_AFTER: Final = timedelta(seconds=LONG_SECONDS)
SILENT_AFTER: Final = timedelta(minutes=3)
_ORDER = [verdict.value for verdict in Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`state`: waiting, running, done or failed."""

    state: str
    sentence: str
    done: int = 0
    total: int = 0
    at: datetime | None = None
    worse: list[dict[str, Any]] = field(default_factory=list)
    better: list[dict[str, Any]] = field(default_factory=list)
    stale: str = ""  # how many services nothing can be told of
    stages: str = ""  # how many services would be of another stage
    refused: str = ""  # why this draft cannot be adopted as it stands
    again: bool = False  # what is shown is not worth anything any more, or was never worked out


def preview_of(version: PolicyVersion, now: datetime) -> Preview:
    """What is known of it, and whether that is enough to adopt it."""
    refused = "" if version.adopted_at else not_previewed(version)
    told = _told(version, now)
    return replace(told, refused=refused, again=bool(refused) and told.state in {"done", "failed"})


def _told(version: PolicyVersion, now: datetime) -> Preview:
    told: dict[str, Any] = version.preview
    silence = now - (datetime.fromisoformat(told["at"]) if "at" in told else version.created_at)
    if version.preview_state == "running" and silence > SILENT_AFTER:
        return Preview(state="failed", sentence="The worker that judged every host by it stopped before the end.")
    if version.preview_state == "" and silence > NOT_TAKEN_AFTER:
        return Preview(state="failed", sentence="No worker has begun with it.")
    if version.preview_state == "failed":
        return Preview(state="failed", sentence=f"It could not be worked out: {told.get('error', '')}")
    if version.preview_state == "running":
        done, total = int(told.get("done", 0)), int(told.get("total", 0))
        return Preview(state="running", sentence="Judging every host by it…", done=done, total=total)
    if version.preview_state != "done":
        return Preview(state="waiting", sentence="Waiting for its turn…")
    services = told.get("services", [])
    worse = [one for one in services if _ORDER.index(one["after"]) < _ORDER.index(one["before"])]
    better = [one for one in services if one not in worse]
    if services:
        sentence = f"{counted(len(services), 'service')} of {told.get('of', 0)} would change verdict."
    else:
        sentence = f"None of {counted(int(told.get('of', 0)), 'service')} would change verdict."
    stale = counted(int(told.get("stale", 0)), "service") if told.get("stale") else ""
    at = datetime.fromisoformat(told["at"])
    stages = counted(int(told.get("stages", 0)), "service") if told.get("stages") else ""
    return Preview(state="done", sentence=sentence, at=at, worse=worse, better=better, stale=stale, stages=stages)
