"""Workers on other machines: what they need, how they end, and how many sessions they cost the database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from fleet.simulation import spread, synthetic
from fleet.sweeping.claims import LEASE
from tests import servers
from tests.installations import until
from tests.survival.engines import Engines, engines
from tests.survival.site import Site
from tests.survival.workers import Workers

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.postgres]
HOSTS, HANGING = 8, 2
TASKS = 200


@pytest.fixture(scope="module")
def fleet() -> Iterator[Engines]:
    with engines(spread(synthetic(engines=HOSTS, containers=2), {"hang": HANGING / HOSTS})) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, fleet: Engines) -> Iterator[Site]:
    with servers.postgresql_server(migrated=True) as database, servers.redis_server() as broker:
        made = Site(tmp_path, DATABASE_URL=database.url, CELERY_BROKER_URL=broker.url)
        made.register(fleet.hosts)
        yield made
        made.clear()


@pytest.fixture
def workers(site: Site) -> Iterator[Workers]:
    made = Workers(site)
    with contextlib.ExitStack() as stack:
        stack.callback(made.clear)
        yield made


def good(site: Site) -> int:
    return int(site.value("SELECT count(*) FROM fleet_host WHERE answered_at IS NOT NULL"))


def test_a_worker_told_to_stop_hands_back_what_hangs_and_loses_nothing(
    site: Site, workers: Workers, fleet: Engines
) -> None:
    worker = workers.worker("first")
    workers.beat()
    until(lambda: good(site) == HOSTS - HANGING)
    fleet.held = True
    try:
        site.rows("UPDATE fleet_host SET failures = 0, next_sweep_at = now() WHERE claim = ''")
        under_way = "SELECT count(*) FROM fleet_host WHERE claim <> ''"
        until(lambda: site.value(under_way) == HOSTS)
        failures = site.rows("SELECT id, failures FROM fleet_host ORDER BY id")
        assert workers.stop(worker) < 15
    finally:
        fleet.held = False
    # Due at once, for any other worker: no lease has to end, and nobody is said to have failed.
    assert site.value(under_way) == 0
    assert site.value("SELECT count(*) FROM fleet_host WHERE next_sweep_at > now()") == 0
    assert site.rows("SELECT id, failures FROM fleet_host ORDER BY id") == failures
    before = site.value("SELECT now()")
    workers.worker("second")
    until(lambda: site.value(f"SELECT count(*) FROM fleet_host WHERE answered_at > '{before}'") == HOSTS - HANGING)
    assert site.value("SELECT count(*) FROM fleet_container") == 2 * (HOSTS - HANGING)


def test_a_worker_with_nothing_but_two_addresses_sweeps(site: Site, workers: Workers) -> None:
    workers.beat()
    workers.worker("elsewhere", workers.bare("elsewhere"))
    until(lambda: good(site) == HOSTS - HANGING)


def test_a_worker_whose_keys_open_no_credentials_says_so_and_does_not_start(site: Site, workers: Workers) -> None:
    """It would say of each such host that it fails."""
    site.ask("from fleet.models import Host; from fleet.sealing import seal; Host.objects.update(sealed_key=seal('k'))")
    wrong = workers.worker("elsewhere", workers.bare("elsewhere"))
    assert wrong.wait(timeout=40) == 1
    last = workers.log("elsewhere").strip().splitlines()[-1]
    assert last.startswith("LOADLINE_SEALING_KEYS holds none of the keys")
    keys = (site.folder / "data" / "sealing-keys").read_text().strip()
    workers.worker("here", {**workers.bare("elsewhere"), "LOADLINE_SEALING_KEYS": keys})
    until(lambda: "ready." in workers.log("here"))


def test_two_hundred_tasks_cost_three_sessions_for_each_process(site: Site, workers: Workers) -> None:
    queue = Redis.from_url(site.environment["CELERY_BROKER_URL"].replace("redis+socket", "unix"))
    # One session for all that this test looks at.
    with contextlib.closing(site.connect()) as own, own.cursor() as cursor:

        def value(query: str) -> int:
            own.rollback()
            cursor.execute(query)
            return int(cursor.fetchone()[0])

        sessions = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
        worker = workers.worker("one")
        until(lambda: len(workers.children(worker)) == 2)
        before = value(sessions)
        # The first find hosts that hang, which a thread keeps under way, with a session of its own.
        site.ask(
            "import dashboard.celery; from fleet.tasks import catch_up, sweep_due;"
            f"[(sweep_due.delay(most=25), catch_up.delay()) for _ in range({TASKS // 2})]"
        )
        answered = "SELECT count(*) FROM fleet_host WHERE answered_at IS NOT NULL"
        until(lambda: queue.llen("sweep") == 0 and value(answered) == HOSTS - HANGING)
        workers.stop(worker)
        # The worker's own look at its keys, and three of each of its two processes.
        assert 2 <= value(sessions) - before <= 1 + 3 * 2


def test_a_lease_is_what_a_killed_worker_costs(site: Site, workers: Workers, fleet: Engines) -> None:
    workers.beat()
    workers.worker("other")
    worker = workers.worker("killed")
    until(lambda: good(site) == HOSTS - HANGING)
    fleet.held = True
    try:
        site.rows("UPDATE fleet_host SET next_sweep_at = now() WHERE claim = ''")
        until(lambda: site.value("SELECT count(*) FROM fleet_host WHERE claim <> ''") == HOSTS)
        workers.kill(worker)
    finally:
        fleet.held = False
    before = site.value("SELECT now()")
    until(lambda: site.value(f"SELECT count(*) FROM fleet_host WHERE answered_at > '{before}'") == HOSTS - HANGING)
    assert site.value("SELECT now()") - before < LEASE + timedelta(seconds=25)
