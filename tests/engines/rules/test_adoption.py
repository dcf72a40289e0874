"""Rules of adoption, and what was done by hand, on really started engines."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta

import pytest

from fleet.readiness.assess import judge
from fleet.readiness.subjects import HostSubject, Surroundings
from fleet.readiness.vocabulary import Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine, judge_service, judge_snapshot, statuses, surroundings_of
from tests.engines.looking import look

pytestmark = pytest.mark.engine

TOLD = {"loadline.tier": "1", "loadline.runbook": "https://wiki.internal/web", "loadline.oncall": "web@internal"}


def test_services_that_say_who_and_what_they_are_and_others(engine: RealEngine) -> None:
    engine.run("web", labels={"loadline.service": "web", "loadline.team": "payments", **TOLD})
    engine.run("toy", labels={"loadline.service": "toy"})
    engine.run("loose")
    seen = {"a": look(engine)}
    told, silent = judge_service("web", seen, team=""), judge_service("toy", seen, team="")
    for slug in ("no-owner", "no-tier", "no-runbook"):
        assert told[slug].status is Status.PASS, slug
        assert silent[slug].status is Status.FAIL, slug
    unmanaged = statuses(judge_snapshot(seen["a"]), "unmanaged-container")
    assert unmanaged == {"web": "pass", "toy": "pass", "loose": "fail"}


def test_replicas_that_differ(three_engines: ThreeEngines) -> None:
    pair = {"a": three_engines.secured, "b": three_engines.worker}
    labels = {"loadline.service": "pair"}
    pair["a"].run("pair", labels=labels)
    pair["b"].run("pair", labels=labels)
    later = datetime.now(UTC) + timedelta(hours=1)
    alike = {name: look(one) for name, one in pair.items()}
    assert judge_service("pair", alike, later)["replicas-differ"].status is Status.PASS
    pair["b"].docker("rm", "-f", "pair")
    pair["b"].run("pair", labels=labels, mem_limit=64 * 1024 * 1024)
    unlike = {name: look(one) for name, one in pair.items()}
    assert judge_service("pair", unlike, later)["replicas-differ"].status is Status.FAIL
    for one in pair.values():
        one.remove_all()


def said_of(around: Surroundings) -> dict[str, Status]:
    return {one.rule: one.status for one in judge(HostSubject(around=around))}


def test_hosts(engine: RealEngine, engines_possible: None) -> None:
    around = surroundings_of(look(engine), datetime.now(UTC))
    found = said_of(around)
    assert found["environment-not-declared"] is Status.PASS
    undeclared = dataclasses.replace(around, environment_declared=False)
    assert {one.rule: one.status for one in judge(HostSubject(around=undeclared))}[
        "environment-not-declared"
    ] is Status.FAIL
    with RealEngine("clone", engine_id_of=engine, arguments=("--label", "env=staging")) as clone:
        seen = look(clone)
    assert seen.host.engine_id == around.host.engine_id  # which is what makes it a clone
    twin = dataclasses.replace(surroundings_of(seen, datetime.now(UTC)), twins=("engine",), environment_declared=False)
    copied = said_of(twin)
    assert copied["unknown-or-cloned-host"] is Status.FAIL
    assert copied["environment-not-declared"] is Status.PASS  # its own label says so
    assert found["unknown-or-cloned-host"] is Status.PASS


def test_what_was_done_by_hand(engine: RealEngine) -> None:
    second = 1_000_000_000
    touched = engine.run("touched")
    engine.run("probed", healthcheck={"test": ["CMD-SHELL", "true"], "interval": second})
    engine.run("mended")
    touched.exec_run(["true"])
    time.sleep(2.5)  # for a few probes, which are no hands
    found = judge_engine(engine)
    told = {name: found["hand-changes", name].status for name in ("touched", "probed", "mended")}
    whole = look(engine).host.events_whole
    quiet = Status.PASS if whole else Status.UNKNOWN  # the shared engine may have seen more than it remembers
    assert told == {"touched": Status.FAIL, "probed": quiet, "mended": quiet}
    assert "true" not in str(found["hand-changes", "touched"].evidence)


def test_an_endpoint_that_lets_everything_through(three_engines: ThreeEngines, engine: RealEngine) -> None:
    assert judge_engine(three_engines.secured)["unfiltered-endpoint", "secured"].status is Status.FAIL
    assert judge_engine(engine)["unfiltered-endpoint", "engine"].status is Status.NOT_APPLICABLE
