"""Resilience rules about limits, logs and the engine's settings, on really started engines."""

from __future__ import annotations

import dataclasses

import pytest
from docker.types import LogConfig

from fleet.readiness.vocabulary import Severity, Status
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine, judge_snapshot, statuses
from tests.engines.looking import look

pytestmark = pytest.mark.engine

MIB = 1024 * 1024


def test_limits(engine: RealEngine) -> None:
    engine.run("bare")
    engine.run("mended", nano_cpus=500_000_000, pids_limit=50, mem_limit=64 * MIB, init=True)
    engine.run("quota", cpu_period=100_000, cpu_quota=50_000)
    engine.run("shares", cpu_shares=512)
    engine.run("without-init", init=False)
    findings = judge_engine(engine)
    cpu = statuses(findings, "no-cpu-limit")
    assert cpu["bare"] == "fail"
    assert cpu["mended"] == cpu["quota"] == cpu["shares"] == "pass"
    assert statuses(findings, "no-pids-limit")["bare"] == "fail"
    assert statuses(findings, "no-pids-limit")["mended"] == "pass"
    init = statuses(findings, "no-init-process")
    assert (init["mended"], init["without-init"], init["bare"]) == ("pass", "fail", "unknown")
    assert findings["memory-overcommitted", "engine"].status is Status.FAIL


def test_memory_that_fits_and_that_does_not(engine: RealEngine) -> None:
    total = engine.client.info()["MemTotal"]
    engine.run("one", mem_limit=64 * MIB)
    assert judge_engine(engine)["memory-overcommitted", "engine"].status is Status.PASS
    engine.run("greedy", mem_limit=total)
    assert judge_engine(engine)["memory-overcommitted", "engine"].status is Status.FAIL


def test_logs(engine: RealEngine) -> None:
    engine.run("endless")
    engine.run("mended", log_config=LogConfig(type="json-file", config={"max-size": "10m"}))
    engine.run("local", log_config=LogConfig(type="local", config={}))
    findings = judge_engine(engine)
    expected = {"endless": "fail", "mended": "pass", "local": "not-applicable"}
    assert statuses(findings, "log-without-rotation") == expected
    assert findings["logs-stay-on-host", "engine"].status is Status.FAIL


@pytest.mark.parametrize(
    ("arguments", "status", "severity"),
    [
        (("--log-driver", "none"), Status.FAIL, Severity.HIGH),
        (("--label", "loadline.logs=collected", "--live-restore"), Status.PASS, Severity.MEDIUM),
        (("--log-driver", "syslog"), Status.PASS, Severity.MEDIUM),
    ],
)
def test_where_logs_go(engines_possible: None, arguments: tuple[str, ...], status: Status, severity: Severity) -> None:
    with RealEngine("logging", arguments=arguments) as logging:
        findings = judge_engine(logging)
    finding = findings["logs-stay-on-host", "logging"]
    assert (finding.status, finding.severity) == (status, severity)
    restore = findings["live-restore-off", "logging"].status
    assert restore is (Status.PASS if "--live-restore" in arguments else Status.FAIL)


def test_a_datastores_time_to_stop(engine: RealEngine) -> None:
    engine.import_image("postgres:16")
    engine.run("hurried", image="postgres:16")
    engine.docker("run", "-d", "--name", "mended", "--stop-timeout", "60", "postgres:16", "sleep", "1000")
    engine.run("web")
    expected = {"hurried": "fail", "mended": "pass", "web": "not-applicable"}
    assert statuses(judge_engine(engine), "short-stop-grace") == expected


def test_clock_skew(engine: RealEngine) -> None:
    """The clock is the machine's own, so the offset is measured for real and then moved."""
    seen = look(engine)
    assert judge_snapshot(seen, host="engine")["clock-skew", "engine"].status is Status.PASS
    assert seen.host.clock_offset is not None
    late = dataclasses.replace(seen.host, clock_offset=seen.host.clock_offset - 60)
    skewed = judge_snapshot(dataclasses.replace(seen, host=late), host="engine")["clock-skew", "engine"]
    assert skewed.status is Status.FAIL
    assert "behind" in str(skewed.evidence)
