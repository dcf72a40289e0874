from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import docker.errors
import docker.types
import pytest

from fleet.readiness.findings import Finding
from fleet.readiness.vocabulary import Severity, Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import Findings, judge_engine

pytestmark = pytest.mark.engine

SECOND = 1_000_000_000
ANSWERS = {"test": ["CMD", "true"], "interval": SECOND // 2}
REFUSES = {"test": ["CMD", "false"], "interval": SECOND // 2, "retries": 1}
#: Doubles a variable until the shell itself, the container's first process, is out of memory.
FIVE_TIMES = {"Name": "on-failure", "MaximumRetryCount": 5}
DEVOURS = ["sh", "-c", "x=0123456789; while :; do x=$x$x; done"]


def until(engine: RealEngine, condition: Callable[[Findings], bool], *, seconds: float = 30) -> Findings:
    """The findings as soon as they are so, or the last ones for the test to fail on."""
    deadline = time.monotonic() + seconds
    while True:
        found = judge_engine(engine)
        if condition(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("slug", "violating", "mended"),
    [
        ("no-health-check", {}, {"healthcheck": ANSWERS}),
        ("no-restart-policy", {}, {"restart_policy": {"Name": "unless-stopped"}}),
        ("no-restart-policy", {"restart_policy": {"Name": "no"}}, {"restart_policy": {"Name": "on-failure"}}),
        *(
            ("restarts-without-end", {"restart_policy": endless}, {"restart_policy": FIVE_TIMES})
            for endless in ({"Name": "always"}, {"Name": "unless-stopped"}, {"Name": "on-failure"})
        ),
        ("no-memory-limit", {}, {"mem_limit": "64m"}),
    ],
)
def test_a_running_container_fails_and_its_mended_twin_passes(
    engine: RealEngine, slug: str, violating: dict[str, Any], mended: dict[str, Any]
) -> None:
    engine.run("violating", **violating)
    engine.run("mended", **mended)
    found = judge_engine(engine)
    assert found[slug, "violating"].status is Status.FAIL
    assert found[slug, "mended"].status is Status.PASS


def test_an_update_mends_a_running_container(engine: RealEngine) -> None:
    engine.run("web")
    assert judge_engine(engine)["no-memory-limit", "web"].status is Status.FAIL
    engine.docker("update", "--memory", "64m", "--memory-swap", "64m", "--restart", "unless-stopped", "web")
    found = judge_engine(engine)
    assert found["no-memory-limit", "web"].status is Status.PASS
    assert found["no-restart-policy", "web"].status is Status.PASS


def test_an_images_health_check_counts_until_the_container_switches_it_off(engine: RealEngine) -> None:
    engine.import_image("checked:local", changes=["HEALTHCHECK --interval=1s CMD true"])
    engine.run("mended", image="checked:local")
    engine.docker("run", "-d", "--name", "violating", "--no-healthcheck", "checked:local", "sleep", "1000")
    found = judge_engine(engine)
    assert found["no-health-check", "mended"].status is Status.PASS
    assert found["no-health-check", "violating"].status is Status.FAIL


def test_a_failing_probe_fails_and_an_answering_one_passes(engine: RealEngine) -> None:
    sick = engine.run("violating", healthcheck=REFUSES)
    engine.wait_for("healthy", engine.run("mended", healthcheck=ANSWERS))
    engine.wait_for("unhealthy", sick)
    found = judge_engine(engine)
    assert found["unhealthy", "violating"].status is Status.FAIL
    assert found["unhealthy", "mended"].status is Status.PASS


def test_a_paused_container_is_not_called_unhealthy(engine: RealEngine) -> None:
    well = engine.wait_for("healthy", engine.run("web", healthcheck=ANSWERS))
    well.pause()
    well.reload()
    assert well.attrs["State"]["Health"]["Status"] == "unhealthy"  # what the engine makes of every paused container
    assert judge_engine(engine)["unhealthy", "web"].status is Status.NOT_APPLICABLE
    well.unpause()


def test_a_crashing_container_fails_and_a_steady_one_passes(engine: RealEngine) -> None:
    engine.run("violating", command=["false"], restart_policy={"Name": "always"})
    engine.run("mended", restart_policy={"Name": "always"})
    found = until(engine, lambda seen: seen["restart-loop", "violating"].status is Status.FAIL)
    violating = found["restart-loop", "violating"]
    assert (violating.status, violating.severity) == (Status.FAIL, Severity.CRITICAL)
    assert violating.evidence["RestartCount"] >= 3
    assert found["restart-loop", "mended"].status is Status.PASS


def test_restarts_of_long_ago_pass(engine: RealEngine) -> None:
    engine.run("web", command=["false"], restart_policy={"Name": "on-failure", "MaximumRetryCount": 3})
    found = until(engine, lambda seen: seen["should-be-running", "web"].status is Status.FAIL)  # it gave up
    assert found["restart-loop", "web"].status is Status.FAIL
    later = datetime.now(UTC) + timedelta(minutes=11)
    assert judge_engine(engine, later, restarts={"web": 0})["restart-loop", "web"].status is Status.PASS


@pytest.fixture
def manager(three_engines: ThreeEngines) -> Iterator[RealEngine]:
    yield three_engines.manager
    three_engines.manager.remove_all()


def test_a_crashing_swarm_service_fails_and_a_steady_one_passes(manager: RealEngine) -> None:
    for name, command in (("violating", ["false"]), ("mended", ["sleep", "1000"])):
        manager.client.services.create(
            BUSYBOX,
            command=command,
            name=name,
            constraints=["node.role==manager"],
            restart_policy=docker.types.RestartPolicy("any", delay=0),
        )
    found = until(manager, lambda seen: Status.FAIL in statuses(seen, "restart-loop", "violating."), seconds=60)
    assert Status.FAIL in statuses(found, "restart-loop", "violating.")
    assert statuses(found, "restart-loop", "mended.") == {Status.PASS}
    assert statuses(found, "no-restart-policy", "mended.") == {Status.NOT_APPLICABLE}


def statuses(found: Findings, slug: str, prefix: str) -> set[Status]:
    return {finding.status for (rule, name), finding in found.items() if rule == slug and name.startswith(prefix)}


def test_a_container_out_of_memory_fails_and_one_with_enough_passes(engine: RealEngine) -> None:
    limit = {"mem_limit": "16m", "memswap_limit": "16m"}
    engine.wait_for("exited", engine.run("violating", command=DEVOURS, **limit))
    engine.run("mended", **limit)
    found = judge_engine(engine)
    assert found["out-of-memory-kill", "violating"].status is Status.FAIL
    assert found["out-of-memory-kill", "violating"].evidence["State.ExitCode"] == 137
    assert found["out-of-memory-kill", "mended"].status is Status.PASS


def test_one_that_may_not_be_killed_and_has_no_limit_is_critical(engine: RealEngine) -> None:
    engine.create("violating", oom_kill_disable=True)
    engine.create("mended", oom_kill_disable=True, mem_limit="64m")
    # With cgroup v2 no container can be kept from being killed: there the engine drops the option.
    kept = engine.client.containers.get("violating").attrs["HostConfig"]["OomKillDisable"]
    found = judge_engine(engine)
    assert found["out-of-memory-kill", "violating"].status is (Status.FAIL if kept else Status.PASS)
    assert found["out-of-memory-kill", "violating"].severity is (Severity.CRITICAL if kept else Severity.HIGH)
    assert found["out-of-memory-kill", "mended"].status is Status.PASS


def should_run(engine: RealEngine, name: str) -> Finding:
    return judge_engine(engine)["should-be-running", name]


def test_one_that_the_engine_could_not_start_is_critical_and_its_twin_on_a_free_port_passes(
    engine: RealEngine,
) -> None:
    policy = {"Name": "unless-stopped"}
    engine.run("holder", ports={"80/tcp": ("127.0.0.1", 18080)})
    with pytest.raises(docker.errors.APIError, match="port is already allocated"):
        engine.run("violating", ports={"80/tcp": ("127.0.0.1", 18080)}, restart_policy=policy)
    engine.run("mended", ports={"80/tcp": ("127.0.0.1", 18081)}, restart_policy=policy)
    violating = should_run(engine, "violating")
    assert (violating.status, violating.severity) == (Status.FAIL, Severity.CRITICAL)
    assert "port is already allocated" in violating.evidence["State.Error"]
    assert should_run(engine, "mended").status is Status.PASS


def test_one_that_was_never_started_fails_once_it_has_settled(engine: RealEngine) -> None:
    engine.create("violating", restart_policy={"Name": "always"})
    assert should_run(engine, "violating").status is Status.FAIL
    engine.client.containers.get("violating").start()
    assert should_run(engine, "violating").status is Status.PASS


@pytest.mark.parametrize(("policy", "status"), [("always", Status.FAIL), ("unless-stopped", Status.UNKNOWN)])
def test_a_stop_by_hand_is_a_failure_only_where_the_policy_forbids_it(
    engine: RealEngine, policy: str, status: Status
) -> None:
    engine.run("web", restart_policy={"Name": policy}).stop(timeout=0)
    assert should_run(engine, "web").status is status


def test_one_that_used_up_its_retries_fails_and_one_that_ended_well_is_left_out(engine: RealEngine) -> None:
    policy = {"Name": "on-failure", "MaximumRetryCount": 1}
    engine.run("violating", command=["false"], restart_policy=policy)
    engine.wait_for("exited", engine.run("mended", command=["true"], restart_policy=policy))
    found = until(engine, lambda seen: seen["should-be-running", "violating"].status is Status.FAIL)
    assert found["should-be-running", "violating"].status is Status.FAIL
    assert found["should-be-running", "mended"].status is Status.NOT_APPLICABLE
