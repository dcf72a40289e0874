"""One host in twenty takes the connection and never answers: it costs the others nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from fleet.simulation import spread, synthetic
from tests.installations import until
from tests.survival.engines import Engines, engines
from tests.survival.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.broker]
HOSTS, SHARE = 40, 0.05
INTERVAL = 10
ROUNDS = 2


@pytest.fixture
def fleet() -> Iterator[Engines]:
    with engines(spread(synthetic(engines=HOSTS, containers=2), {"hang": SHARE})) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, fleet: Engines) -> Iterator[Site]:
    made = Site(tmp_path, LOADLINE_SWEEP_SECONDS=str(INTERVAL), LOADLINE_STALE_SECONDS="30")
    made.register(fleet.hosts)
    made.up("--no-demo")
    made.ready()
    made.sign_in()
    yield made
    made.clear()


def test_the_others_are_swept_on_time_and_the_hanging_ones_say_what_is_wrong(site: Site, fleet: Engines) -> None:
    good = HOSTS - round(SHARE * HOSTS)
    until(lambda: site.value("SELECT count(*) FROM fleet_host WHERE answered_at IS NOT NULL") == good, seconds=90)
    until(lambda: site.value("SELECT count(*) FROM fleet_host WHERE error_code = 'timeout'") == HOSTS - good)
    hanging = dict(site.rows("SELECT name, error FROM fleet_host WHERE error <> ''"))
    assert len(hanging) == HOSTS - good
    for name, sentence in hanging.items():
        assert sentence.endswith("."), sentence
        page = site.get(f"/hosts/{name}/").text
        assert "The last sweep failed." in page
    others = [name for name in site.answered() if name not in hanging]
    # From the very first sweep on, while both worker processes still wait for one that hangs.
    until(lambda: all(len(fleet.swept[name]) > ROUNDS for name in others), seconds=ROUNDS * 5 * INTERVAL)
    for name in others:
        for earlier, later in pairwise(fleet.swept[name]):
            assert later - earlier < 3 * INTERVAL  # younger than that is not even late
    assert site.value("SELECT count(*) FROM fleet_host WHERE answered_at IS NOT NULL AND error <> ''") == 0
    assert "unknown" not in site.get(f"/hosts/{others[0]}/").text.partition("</p>")[0]
