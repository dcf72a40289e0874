"""Writing a day into the history, as often as it is asked for: the last writing of a day stands."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from fleet.adoption.correcting import keep_silences
from fleet.adoption.figures import Figures, figures
from fleet.adoption.kept import plain_numbers
from fleet.adoption.measuring import Measured, measure, numbers_of, numbers_of_teams
from fleet.adoption.spells import keep_spells
from fleet.models import Day, RuleDay, TeamDay
from fleet.models.answers import Answers
from fleet.models.finding import WAIVED
from fleet.models.writing import upsert_rows
from fleet.readiness.vocabulary import Status, Verdict


def record_day(now: datetime) -> Day:
    """Writes today's figures, those of each team, the spells of services and what each rule says; and sets earlier days
    right of which a host tells only now.
    """
    current, measured = figures(now), measure(now)
    day, _ = Day.objects.update_or_create(
        day=now.date(),
        defaults={
            "services": current.services,
            **{f"stage_{stage}": count for stage, count in current.by_stage.items()},
            **{verdict.replace("-", "_"): count for verdict, count in current.verdicts.items()},
            "pillars_ready": {p: counts[Verdict.READY.value] for p, counts in current.pillars.items()},
            "hosts": current.hosts,
            "hosts_answering": current.hosts_answering,
            "containers": current.containers,
            "numbers": plain_numbers(numbers_of(current, measured)),
            "carried": current.carried,
        },
    )
    _record_teams(current, measured, now)
    keep_spells(now)
    keep_silences(now)
    record_rules(now)
    return day


def _record_teams(current: Figures, measured: Measured, now: datetime) -> None:
    rows = []
    for team, numbers in numbers_of_teams(current, measured).items():
        known = measured.teams.get(team)
        use, running = (known.use, known.running) if known else ("", 0)
        rows.append((now.date(), team, use, running, plain_numbers(numbers)))
    upsert_rows(TeamDay, ("day", "team", "use", "running", "numbers"), rows, unique=("team", "day"))


def record_rules(now: datetime) -> None:
    """Writes how many findings each rule has by status into the history; the last writing of a day stands."""
    counts: dict[str, Counter[str]] = {}
    for (rule, status), number in Answers().counts_by_rule().items():
        counts.setdefault(rule, Counter())[_STATUS_FIELDS[status]] += number
    days = [
        RuleDay(rule=rule, day=now.date(), **{name: found[name] for name in _RULE_DAY})
        for rule, found in counts.items()
    ]
    RuleDay.objects.bulk_create(
        days, batch_size=200, update_conflicts=True, update_fields=_RULE_DAY, unique_fields=("rule", "day")
    )


_STATUS_FIELDS = {
    Status.PASS.value: "passed",
    Status.FAIL.value: "failed",
    WAIVED: "waived",
    Status.UNKNOWN.value: "unknown",
    Status.NOT_APPLICABLE.value: "not_applicable",
}
_RULE_DAY = ("passed", "failed", "waived", "unknown", "not_applicable")
