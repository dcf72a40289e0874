"""What of adoption is asked for, by the address alone: the day, the window, the team, and the day to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from dashboard.lists import NO_TEAM

#: Days that a trend goes back.
WINDOWS: Final = (7, 30, 90, 365)
USUAL: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`team` is its name, "" for what has none, None for the whole organisation. `since` is the day that `day` is
    compared with, None where the address leaves it open. `wrong` are sentences, each naming the field.
    """

    day: date
    today: date
    days: int = USUAL
    team: str | None = None
    since: date | None = None
    wrong: tuple[str, ...] = ()

    @property
    def now(self) -> bool:
        """Whether the figures of this moment are asked for."""
        return self.day == self.today

    @property
    def first(self) -> date:
        """The first day of the window."""
        return self.day - timedelta(days=self.days - 1)

    def parameters(self, **changes: object) -> dict[str, str]:
        """Of an address that asks for this, what goes without saying left out."""
        made = replace(self, **changes)  # type: ignore[arg-type]
        told = {
            "date": "" if made.now else made.day.isoformat(),
            "days": "" if made.days == USUAL else str(made.days),
            "team": "" if made.team is None else made.team or NO_TEAM,
            "since": made.since.isoformat() if made.since else "",
        }
        return {name: value for name, value in told.items() if value}


def chosen(given: Mapping[str, str], today: date) -> Choice:
    """What is not understood is left at what is usual, and said."""
    wrong: list[str] = []
    day = _day(given, "date", today, wrong) or today
    since = _day(given, "since", today, wrong)
    days = given.get("days", "")
    if days and days not in map(str, WINDOWS):
        words = ", ".join(map(str, WINDOWS))
        wrong.append(f"days: {days} is no window; there are {words}. The trend shows {USUAL}.")
        days = ""
    if since is not None and since >= day:
        wrong.append(f"since: {since} is not before {day}. Choose an earlier day to compare with.")
        since = None
    team = given.get("team")
    named = None if not team else "" if team == NO_TEAM else team
    return Choice(day=day, today=today, days=int(days or USUAL), team=named, since=since, wrong=tuple(wrong))


def _day(given: Mapping[str, str], name: str, today: date, wrong: list[str]) -> date | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        wrong.append(f"{name}: {text} is no day. Write it as {today.isoformat()}.")
        return None
    if found > today:
        wrong.append(f"{name}: {text} is yet to come. Choose a day up to {today.isoformat()}.")
        return None
    return found
