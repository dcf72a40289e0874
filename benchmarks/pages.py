"""What each page costs the server at some sizes of the fleet, and whether that is what issue 4 asks for.

    .venv/bin/python benchmarks/pages.py --containers 1000 100000
    .venv/bin/python benchmarks/pages.py --containers 1000 1000000 --server /var/tmp/fleets   # keeps what it filled

Fills a PostgreSQL of its own (benchmarks/filling.py), signs somebody in and asks for every page and list through
Django, in this process: with filters, sorts, searches and deep pages, and the API's lists. The time is that of the
whole answer, from the request to the last byte, the database's part with it: the 95th percentile on the wall, which
other work on the machine lengthens, and of processor time, which it hardly does. Counters are counted before, as the
schedule does it; what that takes is printed, too.

Each line ends with its verdict: at most twelve queries; at 95 % of 100 ms, or 200 ms beyond 100,000 containers; and
three times the first size's time at most. It is that of processor time, and what only the wall misses is told as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.filling import database, fill, freshen, server  # noqa: E402
from benchmarks.garbage import Looks  # noqa: E402

TOKEN: Final = "benchmark"
#: What issue 4 asks for: queries, milliseconds at 95 % in fleets of so many containers and in larger ones, and how
#: many times those of the first size.
QUERIES: Final = 12
LARGE: Final = 100_000
LIMIT, LIMIT_OF_LARGE, TIMES = 100, 200, 3
PAGES: Final = (
    "/", "/?stage=staging", "/adoption/", "/services/", "/services/?verdict=not-ready", "/services/?q=shop-7",
    "/services/?team=team-1-1", "/services/?environment=staging", "/services/?sort=-containers_total",
    "/services/?sort=team", "/services/?held_by=privileged-container", "/services/?stage=production&network=ready",
    "/services/{service}/", "/hosts/", "/hosts/?answer=failing", "/hosts/?q=ction-3", "/hosts/?sort=answered_at",
    "/hosts/?environment=staging", "/hosts/{host}/", "/containers/", "/containers/?state=exited",
    "/containers/?q=shop-7", "/containers/?q=nothing-has-this", "/containers/?verdict=unknown",
    "/containers/?environment=production", "/containers/?host={host}", "/containers/?image={image}",
    "/containers/?sort=name", "/containers/?sort=-started_at", "/containers/?sort=host", "/containers/{container}/",
    "/network/", "/network/map/", "/network/map/?by=team", "/network/map/?environment=production",
    "/network/map/?host={host}", "/network/map/?service={service}",
    "/state/", "/trust/", "/trust/images/", "/trust/images/?q=shop-7", "/runtime/", "/resilience/", "/hardening/",
    "/hardening/?stage=staging",
    "/rules/", "/rules/privileged-container/", "/rules/privileged-container/?status=pass", "/search/?q=shop",
    "/search/?q={container_name}", "/fix-next/", "/fix-next/?stage=any", "/fix-next/?team=team-1-1",
    "/fix-next/privileged-container/", "/findings/", "/findings/?status=any",
    "/findings/?status=fail&pillar=hardening&severity=critical", "/findings/?q=shop-7",
    "/findings/?environment=production", "/findings/?host={host}", "/findings/?rule=no-memory-limit&status=pass",
    "/findings/?status=pass", "/findings/?status=pass&q=shop-7", "/findings/?team=team-1-1", "/findings/?cis=5.5",
    "/findings/?sort=first_seen", "/waivers/", "/policy/",
    "/changes/", "/changes/?way=worse", "/changes/?q=shop-7", "/changes/?kind=verdict", "/evidence/", "/doing/",
    "/services/?page=19", "/containers/?page=19", "/findings/?page=19", "/changes/?page=19",
)  # fmt: skip
API: Final = (
    "hosts", "hosts?verdict=ready", "services", "services?verdict=not-ready", "services?q=shop-7", "containers",
    "containers?verdict=unknown", "containers?q=shop-7", "containers?environment=production", "images", "networks",
    "volumes", "findings", "findings?status=fail&severity=critical", "findings?host={host}", "findings?status=pass",
    "findings?status=pass&rule=tag-drift", "rules", "adoption",
    "waivers", "trust", "trust/images",
)  # fmt: skip


def places() -> dict[str, Any]:
    """One thing of each kind from the middle of the fleet, for the addresses that name one."""
    from fleet.models import Container, Host, Service

    hosts = Host.objects.filter(environment__slug="production", error_code="").order_by("pk")
    host = hosts[hosts.count() // 2]
    container = Container.objects.filter(host=host).order_by("pk")[42]
    service = Service.objects.get(pk=container.service_id)
    return {
        "host": host.name,
        "service": service.slug,
        "container": container.pk,
        "container_name": container.name,
        "image": "registry.internal/app-3",
    }


def deep(ask: Callable[[str], Any], first: str, pages: int) -> str:
    """The address so many cursors after the first page."""
    address = first
    for _ in range(pages):
        cursor = ask(address).json()["next_cursor"]
        if cursor is None:
            break
        address = f"{first}{'&' if '?' in first else '?'}cursor={cursor}"
    return address


def clients() -> tuple[Any, Any]:
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from fleet.models import ApiToken

    person = Client()
    user, _ = User.objects.get_or_create(username="benchmark", is_superuser=True, is_staff=True)
    person.force_login(user)
    ApiToken.objects.all().delete()
    _, secret = ApiToken.objects.issue(name="benchmark", role="viewer", now=timezone.now())
    return person, Client(headers={"Authorization": f"Bearer {secret}"})


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page: queries, and milliseconds at the middle and the 95th percentile, on the wall and of processors."""

    queries: int
    half: float
    wall: float
    processor: float

    def missed(self, containers: int, first: Cost | None) -> list[str]:
        """The aims that it misses, in words; `first` is its cost in the first size."""
        most = LIMIT if containers <= LARGE else LIMIT_OF_LARGE
        found = [f"{self.queries} queries"] if self.queries > QUERIES else []
        for name, took in (("processor", self.processor), ("wall", self.wall)):
            found += [f"{name} over {most} ms"] if took > most else []
            before = getattr(first, name) if first else took
            found += [f"{name} {took / before:.1f} times"] if took > TIMES * before else []
        return found


def busy(database: int) -> float:
    """Milliseconds of processor time, of this process and of the database's that serves it, in its steps of ten."""
    words = Path(f"/proc/{database}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (time.process_time() + (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"))


def measured(ask: Callable[[], Any], rounds: int, looks: Looks) -> Cost:
    """The first answers are not counted: they warm what a process keeps."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as asked:
        response = ask()
    queries = len(asked)
    if response.status_code not in {200, 302}:
        raise SystemExit(f"{response.request['PATH_INFO']} answered {response.status_code}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        database = cursor.fetchone()[0]
    took, spent = [], []
    for _ in range(rounds):
        before, began = busy(database), time.perf_counter()
        ended, after = looks.answer(ask, lambda: (time.perf_counter(), busy(database)))
        took.append(1000 * (ended - began))
        spent.append(after - before)
    return Cost(queries, sorted(took)[rounds // 2], *(sorted(one)[int(rounds * 0.95 - 1e-9)] for one in (took, spent)))


def measure(containers: int, *, rounds: int, only: str, counted: bool, first: Path) -> None:
    """`counted` says that counters of an earlier run will do; `first` is where the first size leaves what each page
    cost it.
    """
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from fleet.models import Container, Count

    settings.LOADLINE_METRICS_TOKEN, settings.ALLOWED_HOSTS = TOKEN, ["testserver"]
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "memory://", False
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    if not Container.objects.exists():
        fill(containers)
    freshen()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), (SELECT count(*) FROM fleet_finding),"
            " (SELECT count(*) FROM fleet_answersheet)"
        )
        size, found, sheets = cursor.fetchone()
    stored = f"{found} findings, {sheets} sheets, {size / 2**30:.1f} GiB"
    print(f"{containers} containers, {stored}: {time.perf_counter() - began:.0f} s", flush=True)
    if not (counted and Count.objects.filter(at__isnull=False).exists()):
        count()
    person, machine = clients()
    named = places()
    asked: dict[str, Callable[[], Any]] = {}
    for page in PAGES:
        address = page.format(**named)
        asked[page] = lambda address=address: person.get(address)
    for page in API:
        address = "/api/v1/" + page.format(**named)
        asked[f"/api/v1/{page}"] = lambda address=address: machine.get(address)
    if not only:
        for kind in ("containers", "findings"):
            address = deep(machine.get, f"/api/v1/{kind}?limit=500", 20)
            asked[f"/api/v1/{kind}, 20 pages of 500 on"] = lambda address=address: machine.get(address)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    asked["/metrics"] = lambda: machine.get("/metrics", headers=bearer)
    looks = Looks()
    looks.settle()
    before = {name: Cost(**cost) for name, cost in json.loads(first.read_text()).items()} if first.exists() else {}
    print(f"{'milliseconds':<61} queries   half     95 % processor 95 %")
    found, missing = {}, 0
    for name, ask in asked.items():
        if only in name:
            Count.objects.filter(at__isnull=False).update(at=timezone.now())  # the schedule keeps them young
            cost = found[name] = measured(ask, rounds, looks)
            missed = cost.missed(containers, before.get(name))
            missing += any("wall" not in one for one in missed)
            told = f"{cost.half:>8.1f} {cost.wall:>8.1f} {cost.processor:>9.1f}"
            print(f"{name:<62} {cost.queries:>3} {told}  {', '.join(missed) or 'ok'}", flush=True)
    print(f"{len(found) - missing} of {len(found)} as asked for in queries and processor time")
    print(looks.summary())
    if not before:
        first.write_text(json.dumps({name: asdict(cost) for name, cost in found.items()}))


def count() -> None:
    """The counters of the fleet, which pages read."""
    try:
        from django.utils import timezone

        from fleet.counting import count_all
    except ImportError:
        return
    for name, seconds in count_all(timezone.now()):
        print(f"  counted {name}: {seconds:.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--containers", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--server", type=Path, help="a folder in which the server and its fleets stay")
    parser.add_argument("--only", default="", help="pages whose address holds this")
    parser.add_argument(
        "--counted", action="store_true", help="keep the counters of an earlier run: they take minutes at a million"
    )
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:  # each size has a process of its own, as Django knows one database
        with tempfile.TemporaryDirectory() as data:
            os.environ |= {"DATABASE_URL": options.url, "LOADLINE_DATA": data, "LOADLINE_STALE_SECONDS": "86400"}
            os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
            first = options.first or Path(data, "first")
            told = {"rounds": options.rounds, "only": options.only, "counted": options.counted}
            measure(options.containers[0], **told, first=first)
        return
    with server(options.server) as sockets, tempfile.TemporaryDirectory() as kept:
        for containers in options.containers:
            url = database(sockets, f"fleet_{containers}")
            words = ["--url", url, "--containers", str(containers), "--only", options.only]
            words += ["--rounds", str(options.rounds)]
            words += ["--first", str(Path(kept, "first")), *(["--counted"] if options.counted else [])]
            subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
