"""Rules of adoption on really started engines."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from fleet.readiness.assess import judge
from fleet.readiness.findings import Finding
from fleet.readiness.subjects import HostSubject, Surroundings
from fleet.readiness.vocabulary import Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_service, judge_snapshot, statuses, surroundings_of
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
    labels = {"loadline.service": "pair", "com.docker.compose.config-hash": "one"}
    # What somebody wrote down once, and what each client and each host makes of it.
    pair["a"].run("pair", labels=labels, ports={"80/tcp": 8001}, cap_add=["SYS_TIME", "CAP_NET_ADMIN"])
    pair["b"].run(
        "pair",
        labels=labels,
        ports={"80/tcp": ("127.0.0.1", 8002)},
        cap_add=["NET_ADMIN", "SYS_TIME"],
        restart_policy={"Name": "no"},
    )

    def said() -> Finding:
        later = datetime.now(UTC) + timedelta(hours=1)
        return judge_service("pair", {name: look(one) for name, one in pair.items()}, later)["replicas-differ"]

    assert said().status is Status.PASS
    pair["b"].docker("update", "--memory", "64m", "--memory-swap", "64m", "pair")
    by_hand = said()
    assert (by_hand.status, by_hand.evidence["differing"]) == (Status.FAIL, ["HostConfig.Memory"])
    pair["b"].docker("rm", "-f", "pair")
    pair["b"].run("pair", labels=labels | {"com.docker.compose.config-hash": "two"}, environment={"NEW": "1"})
    forgotten = said()
    assert forgotten.status is Status.FAIL
    assert {"com.docker.compose.config-hash", "Config.Env", "HostConfig.CapAdd"} <= set(forgotten.evidence["differing"])
    for one in pair.values():
        one.remove_all()


def said_of(around: Surroundings) -> dict[str, Status]:
    return {one.rule: one.status for one in judge(HostSubject(around=around))}


def test_hosts(engine: RealEngine, engines_possible: None) -> None:
    around = surroundings_of(look(engine), datetime.now(UTC))
    found = said_of(around)
    assert found["environment-not-declared"] is Status.PASS
    undeclared = dataclasses.replace(around, environment_declared=False)
    assert said_of(undeclared)["environment-not-declared"] is Status.FAIL
    with RealEngine("clone", engine_id_of=engine, arguments=("--label", "env=staging")) as clone:
        seen = look(clone)
    assert seen.host.engine_id == around.host.engine_id  # which is what makes it a clone
    twin = dataclasses.replace(surroundings_of(seen, datetime.now(UTC)), twins=("engine",), environment_declared=False)
    copied = said_of(twin)
    assert copied["unknown-or-cloned-host"] is Status.FAIL
    assert copied["environment-not-declared"] is Status.PASS  # its own label says so
    assert found["unknown-or-cloned-host"] is Status.PASS
