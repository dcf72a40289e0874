"""What has to become of spells so that they say what services are now: pure, so that every case of it can be tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a spell says of a service: where it is, whose it is and how it is judged; `told` is how that is known."""

    name: str
    team: str
    stage: str
    verdict: str
    told: str


@dataclass(frozen=True, slots=True)
class Open:
    """A spell that lasts, by its row's key."""

    pk: int
    service: int | None
    since: date
    standing: Standing


@dataclass(slots=True)
class Turns:
    """Spells to begin (service and what it says), to rewrite in place, to end, and to drop as if they had not been."""

    begin: list[tuple[int, Standing]] = field(default_factory=list)
    rewrite: list[tuple[int, Standing]] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    drop: list[int] = field(default_factory=list)


def turns(now: Mapping[int, Standing], lasting: Iterable[Open], day: date) -> Turns:
    """Of a day the last word stands: a spell that began on it is rewritten, an earlier one ends and another begins. A
    service that is in the catalogue no more has its spell ended, or dropped when it came and went within the day.
    """
    found, seen = Turns(), set()
    for one in lasting:
        current = now.get(one.service) if one.service is not None and one.service not in seen else None
        if current is None:
            (found.drop if one.since >= day else found.end).append(one.pk)
            continue
        seen.add(one.service)
        if current == one.standing:
            continue
        if one.since >= day or _only_renamed(current, one.standing):
            found.rewrite.append((one.pk, current))
        else:
            found.end.append(one.pk)
            found.begin.append((one.service, current))  # type: ignore[arg-type]  # not None, as `current` is not
    found.begin += [(service, standing) for service, standing in now.items() if service not in seen]
    return found


def _only_renamed(one: Standing, other: Standing) -> bool:
    return (one.team, one.stage, one.verdict, one.told) == (other.team, other.stage, other.verdict, other.told)
