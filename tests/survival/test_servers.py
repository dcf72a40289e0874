"""On PostgreSQL and Redis, with two workers and two beats: what becomes of sweeps when something goes away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from dashboard.celery_settings import processes
from fleet.simulation import synthetic
from fleet.sweeping.claims import LEASE
from tests import servers
from tests.installations import until
from tests.survival.engines import Engines, engines
from tests.survival.site import STALE_SECONDS, SWEEP_SECONDS, Site

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.postgres]
HOSTS, CONTAINERS = 3, 4
INTERVALS = 2


class Ground:
    """All that a test may pull away."""

    def __init__(self, site: Site, fleet: Engines, database: servers.Postgresql, broker: servers.Redis) -> None:
        self.site, self.fleet, self.database, self.broker = site, fleet, database, broker

    def whole_and_single(self) -> None:
        """Nothing is there twice and nothing in part."""
        rows = self.site.rows
        kept = "FROM fleet_container WHERE gone_at IS NULL"
        assert rows(f"SELECT count(*), count(DISTINCT (host_id, engine_id)) {kept}") == [
            (HOSTS * CONTAINERS, HOSTS * CONTAINERS)
        ]
        assert rows("SELECT 1 FROM fleet_finding GROUP BY rule, subject_kind, subject_pk HAVING count(*) > 1") == []
        # A container that is stored is judged, and its findings are stored with it.
        assert rows(f"SELECT count(*) {kept} AND judged_at IS NULL") == [(0,)]
        judged = "SELECT count(*) AS n FROM fleet_finding WHERE container_id IS NOT NULL GROUP BY container_id"
        assert len(rows(judged)) == HOSTS * CONTAINERS

    def hold_in_mid_sweep(self) -> None:
        """Returns when every engine has been asked and none has answered."""
        self.fleet.held = True
        # Sooner than the interval; what is under way keeps its lease.
        self.site.rows("UPDATE fleet_host SET next_sweep_at = now() WHERE claim = ''")
        until(lambda: len(self.fleet.waiting) == HOSTS)


@pytest.fixture(scope="module")
def _ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(servers.postgresql_server(migrated=True))
        broker = stack.enter_context(servers.redis_server())
        fleet = stack.enter_context(engines(synthetic(engines=HOSTS, containers=CONTAINERS)))
        folder = tmp_path_factory.mktemp("survival")
        site = Site(folder, DATABASE_URL=database.url, CELERY_BROKER_URL=broker.url)
        stack.callback(site.clear)
        site.up("--no-demo")
        site.ready()
        site.start_second()
        site.register(fleet.hosts)
        site.sign_in()
        yield Ground(site, fleet, database, broker)


@pytest.fixture
def ground(_ground: Ground) -> Ground:
    """All is well: every host has just been swept, and no lease keeps one from the next sweep."""
    site = _ground.site
    _ground.fleet.held = False
    _ground.database.start()
    _ground.broker.start()
    late = f"answered_at < now() - interval '{STALE_SECONDS} s' OR next_sweep_at > now() + interval '30 s'"
    until(lambda: site.rows(f"SELECT 1 FROM fleet_host WHERE answered_at IS NULL OR {late}") == [])
    return _ground


def test_a_worker_killed_while_it_asks_leaves_nothing_and_its_hosts_are_swept_when_the_lease_ends(
    ground: Ground,
) -> None:
    site, fleet = ground.site, ground.fleet
    ground.hold_in_mid_sweep()
    before = site.answered()
    site.kill_sweepers()
    fleet.held = False
    longest = site.value("SELECT max(next_sweep_at) - now() FROM fleet_host")
    assert timedelta(0) < longest <= LEASE
    assert site.answered() == before
    site.all_answer_anew()
    ground.whole_and_single()


def test_a_worker_killed_while_it_stores_leaves_no_half_and_what_changed_is_told_once(ground: Ground) -> None:
    site, fleet = ground.site, ground.fleet
    # A service is known for a while before a change of it is news.
    site.rows("UPDATE fleet_service SET first_seen = first_seen - interval '1 hour'")
    privileged = "SELECT count(*) FROM fleet_container WHERE facts->>'privileged' = 'true'"
    before = site.value(privileged)
    site.rows("DELETE FROM fleet_change")
    with contextlib.closing(site.connect()) as blocker:
        blocker.cursor().execute("LOCK TABLE fleet_finding IN EXCLUSIVE MODE")
        fleet.privileged = not fleet.privileged
        stuck = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%fleet_finding%'"
        until(lambda: site.value(stuck) > 0)
        site.kill_sweepers()
        blocker.rollback()
    until(lambda: site.value(stuck) == 0)
    ground.whole_and_single()
    assert site.value(privileged) == before
    until(lambda: site.value(privileged) == HOSTS - before)
    ground.whole_and_single()
    changes = "SELECT host_id, service_id, flips FROM fleet_change WHERE rule = 'privileged-container'"
    until(lambda: site.rows(changes))  # services are added up a moment after what they rest on was stored
    told = site.rows(changes)
    assert [row for row in told if row[-1] != 1] == []
    assert len({row[:-1] for row in told}) == len(told)


def test_without_a_broker_pages_answer_and_say_what_is_stale_and_sweeps_go_on_when_it_is_back(ground: Ground) -> None:
    site = ground.site
    assert "<strong>Stale.</strong>" not in site.get("/").text
    ground.broker.stop()
    reply = site.post("/hosts/sweep/", form="/hosts/")
    assert reply.status_code == 200
    assert "The queue does not answer" in reply.text
    until(lambda: site.get("/readyz").json()["broker"] == "the broker does not answer")
    until(lambda: "<strong>Stale.</strong>" in site.get("/").text, seconds=STALE_SECONDS + 30)
    assert "unknown" in site.get("/hosts/").text.lower()
    assert site.get("/containers/").status_code == 200
    ground.broker.start()
    site.all_answer_anew()
    assert "<strong>Stale.</strong>" not in site.get("/").text
    ground.whole_and_single()


def test_a_database_that_crashes_in_mid_sweep_is_found_again_by_workers_and_pages(ground: Ground) -> None:
    site, fleet = ground.site, ground.fleet
    ground.hold_in_mid_sweep()
    ground.database.stop()
    fleet.held = False
    down = site.get("/")
    assert (down.status_code, "database" in down.text) == (503, True)
    ground.database.start()
    before = site.answered()
    until(lambda: site.get("/").status_code == 200)
    # Their results waited for the database: no lease had to end first.
    until(lambda: all(then != before[name] for name, then in site.answered().items()), seconds=60)
    assert site.value("SELECT count(*) FROM fleet_host WHERE error <> ''") == 0
    ground.whole_and_single()


def test_two_beats_and_two_workers_sweep_each_host_once_an_interval(ground: Ground) -> None:
    site, fleet = ground.site, ground.fleet
    until(lambda: len(site.sweepers()) == 2 * processes(embedded=False))
    seen = {name: len(times) for name, times in fleet.swept.items()}
    until(lambda: all(len(fleet.swept[name]) > count + INTERVALS for name, count in seen.items()), seconds=90)
    for name, count in seen.items():
        # Half of it is what a host is left in peace for when its last sweep took longer than the interval.
        assert min(later - earlier for earlier, later in pairwise(fleet.swept[name][count:])) > SWEEP_SECONDS / 2
    assert site.value("SELECT count(*) FROM fleet_host WHERE error <> ''") == 0
    ground.whole_and_single()
