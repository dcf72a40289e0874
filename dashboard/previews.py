"""How far a preview has come, of whatever draft: a worker works it out, and a page follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fleet.turns import LONG_SECONDS

#: A message that no worker took is thrown away by then; one that waits for its turn says so every few seconds. A worker
#: that works says so every second, except while it judges the services of a big fleet at the end.
NOT_TAKEN_AFTER: Final = timedelta(seconds=LONG_SECONDS)
SILENT_AFTER: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`state`: waiting, running, done or failed."""

    state: str
    sentence: str
    done: int = 0
    total: int = 0
    at: datetime | None = None
    refused: str = ""  # why this draft cannot be put in force as it stands

    @property
    def again(self) -> bool:
        """Whether what is shown is not worth anything any more, or was never worked out."""
        return bool(self.refused) and self.state in {"done", "failed"}


def progress_of(
    state: str, told: Mapping[str, Any], *, since: datetime, now: datetime, doing: str, done: str
) -> dict[str, Any] | None:
    """The fields of a preview that is not there yet, None of one that is. `state` and `told` are as stored, `since` is
    when the draft was made; `doing` and `done` say what the worker does: "Judging every host", "judged every host".
    """
    silence = now - (datetime.fromisoformat(told["at"]) if "at" in told else since)
    if state == "done":
        return None
    if state == "failed":
        return {"state": "failed", "sentence": f"It could not be worked out: {told.get('error', '')}"}
    if state != "running":
        if silence > NOT_TAKEN_AFTER:
            return {"state": "failed", "sentence": "No worker has begun with it."}
        return {"state": "waiting", "sentence": "Waiting for its turn…"}
    if silence > SILENT_AFTER:
        return {"state": "failed", "sentence": f"The worker that {done} stopped before the end."}
    counts = {"done": int(told.get("done", 0)), "total": int(told.get("total", 0))}
    return {"state": "running", "sentence": f"{doing}…", **counts}
