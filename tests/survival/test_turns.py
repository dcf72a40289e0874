"""Long jobs beside sweeps, on the embedded queue and on Redis: nobody waits for them, and none is lost."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.simulation import synthetic
from tests import servers
from tests.installations import until
from tests.survival.engines import engines
from tests.survival.site import Site
from tests.survival.workers import Workers

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.postgres]
PACKS = 3
PATIENT = "tests.survival.patient"


@pytest.fixture(params=["embedded", "servers"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with contextlib.ExitStack() as stack:
        addresses = {}
        if request.param == "servers":
            database = stack.enter_context(servers.postgresql_server(migrated=True))
            addresses = {
                "DATABASE_URL": database.url,
                "CELERY_BROKER_URL": stack.enter_context(servers.redis_server()).url,
            }
        made = Site(tmp_path, **addresses)
        made.register(stack.enter_context(engines(synthetic(engines=4, containers=2))).hosts)
        assert made.run("sweep").returncode == 0
        (tmp_path / "data" / "patience").touch()
        yield made
        made.clear()


@pytest.fixture
def workers(site: Site) -> Iterator[Workers]:
    made = Workers(site)
    yield made
    made.clear()


def ask_for_packs(site: Site, number: int) -> None:
    site.ask(
        "from django.utils import timezone; from fleet.evidence import begin_pack;"
        "from dashboard.queueing import ask_for_pack;"
        "[ask_for_pack(begin_pack(scope='fleet', name='', by=None, maker='carla', now=timezone.now()))"
        f" for _ in range({number})]"
    )


def at_it(site: Site) -> dict[int, int]:
    """Processes by the packs that they have begun with, those that are done included."""
    files = (site.folder / "data").glob("pack-*.pid")
    return {int(file.stem.removeprefix("pack-")): int(text) for file in files if (text := file.read_text())}


def told(site: Site, words: str) -> int:
    """Packs that were told that there is no turn for them yet, or whatever else."""
    return int(site.value(f"SELECT count(*) FROM fleet_evidencepack WHERE {words}"))


WAITING = "state = 'queued' AND CAST(summary AS text) LIKE '%at%'"


def test_beside_long_jobs_hosts_are_swept_and_a_killed_one_frees_its_turn(site: Site, workers: Workers) -> None:
    workers.worker("one", app=PATIENT)
    beat = workers.beat()
    ask_for_packs(site, PACKS)
    until(lambda: len(at_it(site)) == 1 and told(site, WAITING) == PACKS - 1)
    site.all_answer_anew()
    workers.kill(beat)
    # Nobody else calls for hosts any more.
    before = site.answered()
    site.ask(
        "from django.utils import timezone; from fleet.models import Host; from dashboard import queueing;"
        "queueing.ask_for_sweep(list(Host.objects.values_list('pk', flat=True)), now=timezone.now())"
    )
    until(lambda: all(then != before[name] for name, then in site.answered().items()), seconds=10)
    ((first, pid),) = at_it(site).items()
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(at_it(site)) == 2)
    assert told(site, WAITING) == PACKS - 2
    (site.folder / "data" / "patience").unlink()
    until(lambda: told(site, "state = 'made'") == PACKS - 1)
    assert told(site, f"id = {first} AND state = 'making'") == 1


def test_a_long_job_goes_to_another_worker_when_its_own_is_told_to_stop(site: Site, workers: Workers) -> None:
    worker = workers.worker("one", app=PATIENT)
    ask_for_packs(site, PACKS)
    until(lambda: len(at_it(site)) == 1 and told(site, WAITING) == PACKS - 1)
    assert workers.stop(worker) < 15
    assert told(site, WAITING) == PACKS
    (site.folder / "data" / "patience").unlink()
    workers.worker("two", app=PATIENT)
    until(lambda: told(site, "state = 'made'") == PACKS)
