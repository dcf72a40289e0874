"""What the history of adoption costs the server: 365 days of 2,000 services in under 100 ms, as issue 5 asks.

    .venv/bin/python benchmarks/history.py
    .venv/bin/python benchmarks/history.py --days 365 --services 2000 --rounds 40

Fills a PostgreSQL of its own with services of twenty teams and a history of them: each came at some day, went up the
stages, and its verdict flipped now and then; every day has its figures and those of each team. Then it asks for the
adoption page, its download and the API through Django, in this process. The time is that of the whole answer, from the
request to the last byte, the database's part with it: the 95th percentile on the wall, which other work on the machine
lengthens, and of processor time, which it hardly does. The verdict of each line is on processor time.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.filling import database, server  # noqa: E402
from benchmarks.garbage import Looks  # noqa: E402
from benchmarks.pages import busy, clients  # noqa: E402

LIMIT: Final = 100  # milliseconds of the server, at 95 %
TEAMS: Final = 20
STAGES: Final = ("none", "experiment", "staging", "production")
VERDICTS: Final = ("ready", "at-risk", "not-ready", "unknown")
PAGES: Final = (
    "/adoption/", "/adoption/?days=7", "/adoption/?days=365", "/adoption/?days=365&team=team-3",
    "/adoption/?date={middle}&days=365", "/adoption/?days=90&since={first}", "/adoption/?team=team-3&since={first}",
    "/adoption/figures.csv?days=365",
)  # fmt: skip
API: Final = (
    "adoption", "adoption/figures", "adoption/figures?date={middle}", "adoption/history?days=365",
    "adoption/history?days=365&figure=services-in-production", "adoption/history?days=365&team=team-3",
    "adoption/compare?since={first}", "adoption/compare?since={first}&team=team-3", "adoption/benchmarks",
)  # fmt: skip


def fill(services: int, now: datetime) -> None:
    """Services without containers, declared, so that they are in the catalogue."""
    from fleet.models import Service

    dice = random.Random(1)
    Service.objects.bulk_create(
        Service(
            name=f"service-{number}",
            slug=f"service-{number}",
            team=f"team-{number % TEAMS}",
            declared=True,
            source="label",
            stage=dice.choices(STAGES, (2, 1, 2, 5))[0],
            verdict=dice.choice(VERDICTS),
            first_seen=now - timedelta(days=dice.randrange(30, 400)),
            production_since=now - timedelta(days=dice.randrange(1, 30)),
        )
        for number in range(services)
    )


def remember(now: datetime, *, days: int, flips: int = 6) -> int:
    """Invents a history of the services that there are, so that it ends in what they are; how many spells it wrote."""
    from fleet.models import Service, ServiceSpell
    from fleet.models.writing import insert_rows

    dice, first = random.Random(2), now.date() - timedelta(days=days)
    spells: list[tuple[Any, ...]] = []
    told: dict[date, dict[str, Counter[tuple[str, str]]]] = defaultdict(lambda: defaultdict(Counter))
    rows = Service.objects.in_catalogue().order_by("pk").values_list("pk", "name", "team", "stage", "verdict")
    for pk, name, team, stage, verdict in rows:
        for since, until, then, judged in _life(dice, first, now.date(), stage=stage, verdict=verdict, flips=flips):
            spells.append((pk, name, team, then, judged, "seen", since, until))
            for number in range(since.toordinal(), (until or now.date()).toordinal()):
                told[date.fromordinal(number)][team][then, judged] += 1
    insert_rows(ServiceSpell, ("service", "name", "team", "stage", "verdict", "told", "since", "until"), spells)
    _write_days(dice, told, now.date())
    return len(spells)


def _life(
    dice: random.Random, first: date, today: date, *, stage: str, verdict: str, flips: int
) -> list[tuple[date, date | None, str, str]]:
    span = (today - first).days
    born = 0 if dice.random() < 0.5 else int(span * dice.random() ** 1.5 * 0.9)
    steps = STAGES[: STAGES.index(stage) + 1]
    moves = sorted(dice.sample(range(born, span), min(len(steps) - 1, max(0, span - born))))
    turns = {born: steps[0], **dict(zip(moves, steps[1:], strict=False))}
    marks = sorted({*turns, *(dice.randrange(born, span) for _ in range(dice.randrange(flips + 1)))})
    lives, at = [], steps[0]
    for place, mark in enumerate(marks):
        at = turns.get(mark, at)
        last = place + 1 == len(marks)
        until = None if last else first + timedelta(days=marks[place + 1])
        judged = verdict if last else dice.choices(VERDICTS, (2 + 3 * mark / span, 2, 3, 1))[0]
        lives.append((first + timedelta(days=mark), until, stage if last else at, judged))
    return lives


def _write_days(dice: random.Random, told: dict[date, dict[str, Counter[tuple[str, str]]]], today: date) -> None:
    from fleet.adoption.kept import plain_numbers
    from fleet.models import Day, TeamDay

    days, teams = [], []
    for day in sorted(one for one in told if one < today):
        everybody: Counter[tuple[str, str]] = Counter()
        for team, counts in told[day].items():
            everybody.update(counts)
            use = "adopter" if sum(counts.values()) % 3 else "dabbler"
            teams.append(TeamDay(day=day, team=team, use=use, running=40, numbers=plain_numbers(_numbers(counts))))
        numbers = {**_numbers(everybody), **_of_all(len(told[day]))}
        stages = {one: sum(n for (stage, _), n in everybody.items() if stage == one) for one in STAGES}
        verdicts = {one.replace("-", "_"): everybody["production", one] for one in VERDICTS}
        days.append(
            Day(
                day=day,
                services=sum(stages.values()),
                **{f"stage_{name}": number for name, number in stages.items()},
                **verdicts,
                hosts=60,
                hosts_answering=60 if dice.random() > 0.03 else 58,
                containers=sum(stages.values()) * 4,
                numbers=plain_numbers(numbers),
                carried=0,
            )
        )
    Day.objects.bulk_create(days, batch_size=500)
    TeamDay.objects.bulk_create(teams, batch_size=500)


def _numbers(counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    from fleet.adoption.definitions import Number
    from fleet.adoption.measuring import service_numbers

    stages = Counter[str]()
    for (stage, _), number in counts.items():
        stages[stage] += number
    production, services = stages["production"], sum(stages.values())
    return {
        **service_numbers(stages, {one: counts["production", one] for one in VERDICTS}),
        "hosts-in-production": Number(part=production // 4, whole=services // 2 + 1),
        "containers-in-production": Number(part=production * 3, whole=services * 4),
        "infrastructure-containers": Number(part=services // 4, whole=services * 4 + services // 4),
        "stateful-in-production": Number(part=production // 3, whole=production),
        "state-unknown-in-production": Number(part=production // 20, whole=production),
        "lead-time": Number(value=round(40 - 20 * production / (services + 1), 1), whole=production // 2),
    }


def _of_all(teams: int) -> dict[str, Any]:
    from fleet.adoption.definitions import Number

    return {
        "teams-adopter": Number(part=teams // 2, whole=teams, low=teams // 3, high=2 * teams // 3),
        "teams-dabbler": Number(part=teams // 3, whole=teams, low=teams // 4, high=teams // 2),
        "teams-abandoner": Number(part=1, whole=teams, low=1, high=1),
        "teams-never": Number(part=teams - teams // 2 - teams // 3 - 1, whole=teams, low=0, high=2),
        "hosts-answering": Number(part=58, whole=60),
    }


Times = tuple[float, float]  # milliseconds: the middle, and the 95th percentile


def asked_of(ask: Callable[[], Any], rounds: int, looks: Looks) -> tuple[int, Times, Times]:
    """Queries, times on the wall and of processors; the first answers, which warm a process, are not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as asked:
        response = ask()
    queries = len(asked)
    if response.status_code != 200:
        raise SystemExit(f"{response.request['PATH_INFO']} answered {response.status_code}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    wall, spent = [], []
    for _ in range(rounds):
        before, began = busy(backend), time.perf_counter()
        ended, after = looks.answer(ask, lambda: (time.perf_counter(), busy(backend)))
        wall.append(1000 * (ended - began))
        spent.append(after - before)
    at = int(rounds * 0.95 - 1e-9)
    return (
        queries,
        (sorted(wall)[rounds // 2], sorted(wall)[at]),
        (sorted(spent)[rounds // 2], sorted(spent)[at]),
    )


def measure(services: int, *, days: int, rounds: int, only: str) -> bool:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from fleet.adoption import record_day
    from fleet.counting import count_all
    from fleet.models import Count, Day, ServiceSpell, TeamDay

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "memory://", False
    call_command("migrate", verbosity=0)
    now = timezone.now()
    fill(services, now)
    remember(now, days=days)
    record_day(now)
    count_all(now)
    kept = f"{Day.objects.count()} days, {TeamDay.objects.count()} of teams, {ServiceSpell.objects.count()} spells"
    print(f"{services} services: {kept}")
    person, machine = clients()
    named = {"first": now.date() - timedelta(days=days - 1), "middle": now.date() - timedelta(days=days // 2)}
    asked = [(page.format(**named), person) for page in PAGES]
    asked += [(f"/api/v1/{page.format(**named)}", machine) for page in API]
    fine = True
    looks = Looks()
    looks.settle()
    print(f"{'milliseconds':<61} queries   wall     95 %  processor     95 %")
    for address, client in [one for one in asked if only in one[0]]:
        Count.objects.filter(at__isnull=False).update(at=timezone.now())  # the schedule keeps them young
        queries, wall, spent = asked_of(lambda address=address, client=client: client.get(address), rounds, looks)
        verdict = "ok" if spent[1] <= LIMIT else f"over {LIMIT} ms"
        fine = fine and spent[1] <= LIMIT
        told = f"{wall[0]:>8.1f} {wall[1]:>8.1f} {spent[0]:>10.1f} {spent[1]:>8.1f}"
        print(f"{address:<62} {queries:>3} {told}  {verdict}", flush=True)
    print(looks.summary())
    return fine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=2000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="addresses that hold this")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:
        with tempfile.TemporaryDirectory() as data:
            os.environ |= {"DATABASE_URL": options.url, "LOADLINE_DATA": data, "LOADLINE_STALE_SECONDS": "86400"}
            os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
            sys.exit(not measure(options.services, days=options.days, rounds=options.rounds, only=options.only))
    with server(None) as sockets:
        words = [
            "--only",
            options.only,
            "--services",
            str(options.services),
            "--days",
            str(options.days),
            "--rounds",
            str(options.rounds),
        ]
        done = subprocess.run([sys.executable, __file__, "--url", database(sockets, "history"), *words], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
