"""Runtime rules about versions, limits and ties, on really started engines."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime

import pytest

from fleet.inventory import Component
from fleet.inventory.versions import Version
from fleet.readiness.policy import Policy
from fleet.readiness.vocabulary import Severity, Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.images import archive
from tests.engines.judging import judge_engine, judge_snapshot, statuses
from tests.engines.looking import look

pytestmark = pytest.mark.engine

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

DEBIAN_9 = 'PRETTY_NAME="Debian GNU/Linux 9 (stretch)"\nNAME="Debian GNU/Linux"\nVERSION_ID="9"\nID=debian\n'
DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
DEBIAN_13 = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'


def of_a_distribution(engine: RealEngine) -> bool:
    version = Version.parse(engine.client.version()["Version"])
    return version is not None and version.patched


def test_a_distributions_engine_lives_as_long_as_the_distribution(engines_possible: None) -> None:
    """The engine is the same: only the system around it says how long somebody maintains it."""
    found = {}
    for name, text in (("old", DEBIAN_9), ("extended", DEBIAN_12), ("mended", DEBIAN_13)):
        with RealEngine(name, binds={"/etc/os-release": text, "/usr/lib/os-release": text}) as engine:
            if not of_a_distribution(engine):
                pytest.skip("the engine here is no distribution's build")
            finding = judge_engine(engine, NOW)["engine-end-of-life", name]
            found[name] = finding.status, finding.severity
    assert found == {
        "old": (Status.FAIL, Severity.CRITICAL),
        "extended": (Status.FAIL, Severity.MEDIUM),
        "mended": (Status.PASS, Severity.HIGH),
    }


def test_versions_of_this_machine_are_never_guessed_at(engine: RealEngine) -> None:
    findings = judge_engine(engine)
    told = {slug: findings[slug, "engine"] for slug in ("runtime-branch-unsupported", "engine-known-vulnerability")}
    if of_a_distribution(engine):
        for slug, finding in told.items():
            assert finding.status in {Status.UNKNOWN, Status.PASS}, slug
    assert all(finding.evidence for finding in told.values())


def test_upstreams_versions_as_an_engine_would_tell_them(engine: RealEngine) -> None:
    """The snapshot is real, its version strings are those of upstream's own packages: no other engine is to be had."""
    seen = look(engine)
    old = dataclasses.replace(seen.host, engine_version="28.0.4", containerd_commit="x", runc_commit="x")
    parts = tuple(
        dataclasses.replace(one, version="1.6.20") for one in seen.host.components or () if one.name == "containerd"
    )
    host = dataclasses.replace(old, components=parts)
    findings = judge_snapshot(dataclasses.replace(seen, host=host), NOW, host="engine")
    slugs = ("engine-end-of-life", "runtime-branch-unsupported", "engine-known-vulnerability")
    assert [findings[slug, "engine"].status for slug in slugs] == [Status.FAIL] * 3
    current = dataclasses.replace(
        old,
        engine_version="29.7.2",
        components=(Component("Engine", "29.7.2"), Component("containerd", "v2.3.6"), Component("runc", "1.4.3")),
    )
    mended = judge_snapshot(dataclasses.replace(seen, host=current), NOW, host="engine")
    assert [mended[slug, "engine"].status for slug in slugs] == [Status.PASS] * 3


def test_settings_of_the_engine(engines_possible: None, engine: RealEngine) -> None:
    with RealEngine("loud", arguments=("--debug", "--experimental")) as loud:
        findings = judge_engine(loud)
    assert findings["experimental-or-debug-engine", "loud"].status is Status.FAIL
    quiet = judge_engine(engine)
    assert quiet["experimental-or-debug-engine", "engine"].status is Status.PASS
    host = look(engine).host
    v1 = quiet["cgroup-v1", "engine"]
    assert v1.status is (Status.FAIL if host.cgroup_version == "1" else Status.PASS)
    whole = all((host.memory_limit, host.swap_limit, host.pids_limit, host.cpu_cfs_quota))
    assert quiet["limits-not-enforced", "engine"].status is (Status.PASS if whole else Status.FAIL)


def test_containers_and_images(engine: RealEngine) -> None:
    engine.run("web")
    engine.create("tied", extra_hosts={"db": "10.0.0.5"}, log_config={"Type": "splunk", "Config": _SPLUNK})
    findings = judge_engine(engine)
    assert statuses(findings, "vendor-specific-driver") == {"web": "pass", "tied": "fail"}
    assert findings["runtime-not-approved", "web"].status is Status.PASS
    strict = judge_engine(engine, policy=Policy(approved_runtimes=("runsc",)))
    assert strict["runtime-not-approved", "web"].status is Status.FAIL
    image = findings["image-format-obsolete", "busybox:local"]
    assert (image.status, image.blind) == (Status.UNKNOWN, True)
    assert findings["architecture-mismatch", "busybox:local"].status is Status.PASS


_SPLUNK = {"splunk-url": "https://127.0.0.1:8088", "splunk-token": "00000000-0000-0000-0000-000000000000"}


def test_an_image_for_another_processor(engine: RealEngine) -> None:
    foreign = "s390x" if look(engine).host.architecture != "s390x" else "amd64"
    engine.client.images.load(image_for(foreign, name="foreign:1"))
    engine.create("web", image="foreign:1")
    assert judge_engine(engine)["architecture-mismatch", "foreign:1"].status is Status.FAIL


def image_for(architecture: str, *, name: str) -> bytes:
    """What `docker save` would write of an image of one layer; import alone always takes the engine's own processor."""
    layer = archive(None)
    root = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = {"architecture": architecture, "os": "linux", "rootfs": root, "config": {"Cmd": ["true"]}}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        texts = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
        for part, content in {"layer.tar": layer, **texts}.items():
            entry = tarfile.TarInfo(part)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def test_engine_version_skew(three_engines: ThreeEngines) -> None:
    seen = look(three_engines.manager)
    assert judge_snapshot(seen, host="m")["engine-version-skew", "m"].status is Status.PASS
    behind = tuple(
        dataclasses.replace(one, engine_version="18.09.1") if one.role == "worker" else one for one in seen.nodes or ()
    )
    mixed = dataclasses.replace(seen, nodes=behind)
    assert judge_snapshot(mixed, host="m")["engine-version-skew", "m"].status is Status.FAIL
    worker = judge_engine(three_engines.worker, datetime.now(UTC))
    assert worker["engine-version-skew", "worker"].status is Status.NOT_APPLICABLE
