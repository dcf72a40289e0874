"""Each runtime rule on a really started engine: the violating state fails and its mended twin passes."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.readiness.findings import Finding
from fleet.readiness.vocabulary import Severity, Status
from fleet.tables import Tables
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine

pytestmark = pytest.mark.engine

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

#: Answers with another version and hands everything else to the real one.
_RUNC = """#!/bin/sh
if [ "$1" = --version ]; then
  printf 'runc version %s\\ncommit: v%s-0-g1234567\\nspec: 1.0.2-dev\\n' {version} {version}
else
  exec {real} "$@"
fi
"""


def with_runc(version: str, folder: Path) -> Finding:
    wrapper = folder / version / "runc"
    wrapper.parent.mkdir()
    wrapper.write_text(_RUNC.format(version=version, real=shutil.which("runc")))
    wrapper.chmod(0o755)
    with RealEngine("older", environment={"PATH": f"{wrapper.parent}:{os.environ['PATH']}"}) as engine:
        engine.run("web")  # the wrapped runc still runs containers
        return judge_engine(engine, NOW)["runc-known-escape", "older"]


def test_runc_known_escape(engines_possible: None, tmp_path: Path) -> None:
    failing = with_runc("1.1.11", tmp_path)
    mended = with_runc("1.3.4", tmp_path)
    assert failing.status is Status.FAIL
    assert failing.severity is Severity.CRITICAL
    assert failing.evidence == {"Components[runc].Version": "1.1.11", "RuncCommit.ID": "v1.1.11-0-g1234567"}
    assert "CVE-2024-21626" in failing.reason
    assert mended.status is Status.PASS


def test_this_machines_own_runc_is_never_guessed_at(engine: RealEngine) -> None:
    """A distribution's build is unknown where upstream's number would fail, unless its changelog was read."""
    finding = judge_engine(engine, NOW)["runc-known-escape", "engine"]
    parts = engine.client.version()["Components"]
    told = next(part["Version"] for part in parts if part["Name"] == "runc")
    assert finding.evidence["Components[runc].Version"] == told
    read = Tables.shipped().vulnerabilities.build("runc", told, engine.client.info()["RuncCommit"]["ID"])
    if ("+" in told or "~" in told) and read is None:
        assert finding.status in {Status.UNKNOWN, Status.PASS}
    if read and "CVE-2025-31133" in read.affected:
        assert (finding.status, finding.severity) == (Status.FAIL, Severity.CRITICAL)
        assert "CVE-2024-21626" not in finding.reason  # upstream's 1.1.5 has it, Debian's package does not


def on_system(name: str, version: str) -> Finding:
    release = f'PRETTY_NAME="{name}"\nNAME="{name}"\nVERSION_ID="{version}"\n'
    with RealEngine("other", binds={"/etc/os-release": release}) as engine:
        return judge_engine(engine, NOW)["host-os-end-of-life", "other"]


def test_host_os_end_of_life(engines_possible: None) -> None:
    failing = on_system("CentOS Linux 7 (Core)", "7")
    extended = on_system("Ubuntu 20.04.6 LTS", "20.04")
    mended = on_system("Debian GNU/Linux 13 (trixie)", "13")
    assert failing.status is Status.FAIL
    assert failing.severity is Severity.HIGH
    assert (extended.status, extended.severity) == (Status.FAIL, Severity.MEDIUM)
    assert mended.status is Status.PASS
    assert mended.evidence["OSVersion"] == "13"


def test_non_oci_runtime(engine: RealEngine) -> None:
    legacy = "io.containerd.runtime.v1.linux"
    old = engine.create("old", runtime=legacy)
    engine.run("mended")
    failing = judge_engine(engine, NOW)["non-oci-runtime", "engine"]
    old.remove()
    assert failing.status is Status.FAIL
    assert failing.evidence == {"HostConfig.Runtime": {"old": legacy}}
    assert judge_engine(engine, NOW)["non-oci-runtime", "engine"].status is Status.PASS


def test_deprecated_storage_driver(engine: RealEngine) -> None:
    with RealEngine("copying", arguments=("--storage-driver", "vfs")) as copying:
        failing = judge_engine(copying, NOW)["deprecated-storage-driver", "copying"]
    assert failing.status is Status.FAIL
    assert failing.severity is Severity.MEDIUM
    assert failing.evidence == {"Driver": "vfs"}
    assert judge_engine(engine, NOW)["deprecated-storage-driver", "engine"].status is Status.PASS
