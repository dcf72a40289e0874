"""What was done by hand, and by which way an engine is reached, on really started engines."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.engines import collect
from fleet.engines.reading.plan import Plan
from fleet.inventory import Snapshot
from fleet.inventory.hand_changes import merged
from fleet.readiness import catalogue
from fleet.readiness.vocabulary import Status
from fleet.transport import Endpoint, EngineClient
from tests.engines.filtering_proxy import filtering_proxy
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine, judge_snapshot, statuses
from tests.engines.looking import container

pytestmark = pytest.mark.engine

SECOND = 1_000_000_000
PROBES = {
    "one-word": ["CMD", "true"],
    "words": ["CMD", "echo", "a  b", ""],
    "shell": ["CMD-SHELL", " true || exit 1 "],
}


@pytest.fixture
def handled(engines_possible: None) -> Iterator[RealEngine]:
    """An engine whose memory of events is its own."""
    with RealEngine("handled") as engine:
        yield engine


def sweep(url: str, since: float | None = None) -> Snapshot:
    with EngineClient(Endpoint(url)) as client:
        return collect(client, now=datetime.now(UTC), plan=Plan(sizes=False, usage=False, events_since=since))


def test_what_was_done_by_hand(handled: RealEngine, tmp_path: Path) -> None:
    for name, test in PROBES.items():
        handled.run(name, healthcheck={"test": test, "interval": SECOND})
    for name in ("entered", "filled", "kept", "updated", "mended"):
        handled.run(name)
    file = tmp_path / "file"
    file.write_text("x")
    handled.docker("exec", "entered", "echo", "hunter2")
    handled.docker("cp", str(file), "filled:/file")
    handled.docker("commit", "kept", "kept:1")
    handled.docker("update", "--memory", "64m", "--memory-swap", "64m", "updated")
    handled.docker("cp", "mended:/etc/hostname", str(tmp_path / "copied"))  # looking changes nothing
    handled.docker("logs", "mended")
    time.sleep(2)  # for a few probes, which are no hands
    first = sweep(handled.url)
    assert {one.name: [change.kind for change in one.hand_changes or ()] for one in first.containers} == {
        **{name: [] for name in (*PROBES, "mended")},
        "entered": ["exec"],
        "filled": ["copy"],
        "kept": ["commit"],
        "updated": ["update"],
    }
    assert first.host.events_whole
    assert "hunter2" not in repr(first)
    found = judge_snapshot(first)
    assert statuses(found, "hand-changes") == {
        **dict.fromkeys((*PROBES, "mended"), "pass"),
        **dict.fromkeys(("entered", "filled", "kept", "updated"), "fail"),
    }

    # The next sweep asks from where this one ended, and what both saw is put together.
    handled.docker("exec", "mended", "true")
    second = sweep(handled.url, first.events_until)
    assert {one.name for one in second.containers if one.hand_changes} == {"mended"}
    old, new = (container(one, "entered").hand_changes for one in (first, second))
    assert merged(old, new, second.taken_at) == old
    assert merged(old, new, second.taken_at + timedelta(days=1)) == ()

    # More than an engine remembers, of any kind: nothing is taken for a clean day any more.
    for number in range(260):
        handled.client.api.create_volume(f"v{number}")
    third = sweep(handled.url, second.events_until)
    assert third.host.events_whole is False
    assert set(statuses(judge_snapshot(third), "hand-changes").values()) == {"unknown"}


def test_an_engine_whose_address_lets_everything_through(three_engines: ThreeEngines, engine: RealEngine) -> None:
    assert judge_engine(three_engines.secured)["unfiltered-endpoint", "secured"].status is Status.FAIL
    assert judge_engine(engine)["unfiltered-endpoint", "engine"].status is Status.NOT_APPLICABLE


def elsewhere(snapshot: Snapshot) -> Snapshot:
    """As if the proxy stood on another machine than this one."""
    return dataclasses.replace(snapshot, host=dataclasses.replace(snapshot.host, endpoint_loopback=False))


def test_an_engine_behind_a_proxy(engine: RealEngine) -> None:
    engine.run("web")
    remedy = next(rule for rule in catalogue.rules() if rule.slug == "unfiltered-endpoint").remedy.docker
    expression = re.search(r"'-allowGET=(.+)'", remedy)
    assert expression
    with filtering_proxy(engine.socket, expression[1]) as url:
        filtered = sweep(url)
    # The proxy of the remedy refuses the question, and everything that a sweep needs goes through it.
    assert (filtered.host.archive_probe, filtered.gaps) == (405, ())
    assert judge_snapshot(elsewhere(filtered))["unfiltered-endpoint", "host"].status is Status.PASS
    assert judge_snapshot(filtered)["unfiltered-endpoint", "host"].status is Status.NOT_APPLICABLE
    both = ("GET", "HEAD")
    with filtering_proxy(engine.socket, expression[1], methods=both) as url:
        assert sweep(url).host.archive_probe == 403
    # A proxy that opens a whole folder of addresses, as many do, keeps nothing back.
    with filtering_proxy(engine.socket, r"(/v1\.\d+)?/(version|info|events|containers|images).*", methods=both) as url:
        assert judge_snapshot(elsewhere(sweep(url)))["unfiltered-endpoint", "host"].status is Status.FAIL
