"""Why something flipped: which part of what a judgement rests on is not what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fleet.assessment.flips import SIGNED
from fleet.models import Host
from fleet.readiness.standing import Standing
from fleet.readiness.subjects import ImageSubject, Subject

_WORDS: Mapping[str, str] = {
    "rules": "Loadline's own rules changed",
    "state": "Loadline's own reading of where state lies changed",
    "policy": "another policy was adopted",
    "tables": "the reference tables were refreshed",
    "environment": "{host} moved to {environment}",
    "engine": "what the engine of {host} says of itself changed",
    "twins": "{host} has another name, or other hosts report its engine",
    "networks": "networks on {host} changed",
    "silence": "a part of the engine of {host} stopped answering, or answers again",
    "day": "a day passed, and evidence or a support window with it",
}


def causes_of(host: Host, parts: Mapping[str, str], notes: Sequence[str]) -> tuple[str, ...]:
    """Sentences without a full stop, what people did first; empty for a host that is judged for the first time."""
    before: Mapping[str, str] = host.judged_on
    if not before:
        return ()
    found = [part for part in _WORDS if before.get(part) != parts.get(part)]
    if notes:
        found = [part for part in found if part != "engine"]
    words = {"host": host.name, "environment": host.environment.name}
    return (*notes, *(_WORDS[part].format(**words) for part in found))


def turned(subject: Subject, before: Standing, after: Standing) -> str:
    """Of an image of which something else is proven than when it was judged last; empty for nothing of that kind."""
    if not isinstance(subject, ImageSubject) or _of_signature(before) == _of_signature(after):
        return ""
    said = "; ".join(f"{one.name or 'an image without a name'} is {one.state}" for one in subject.proven.proofs)
    return said or "no trust root speaks for its image any more"


def _of_signature(standing: Standing) -> list[tuple[str, str]]:
    return [(one.status, one.severity) for one in standing.open if one.rule == SIGNED]
