"""Trust rules about where an image comes from, on really started engines and a real registry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.readiness.vocabulary import Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine, judge_service, judge_snapshot
from tests.engines.looking import look
from tests.engines.registry import RealRegistry

pytestmark = pytest.mark.engine

LABEL = "org.opencontainers.image."
TOLD = [f"LABEL {LABEL}{name}={name}" for name in ("source", "revision", "version", "base.name")]


@pytest.fixture
def registry(engine: RealEngine) -> Iterator[RealRegistry]:
    with RealRegistry(engine) as registry:
        yield registry


def test_tags(engine: RealEngine, registry: RealRegistry) -> None:
    engine.import_image("shop:1", files={"/one": "1"})
    pinned = registry.push("shop:1")
    engine.run("moved", image="shop:1")
    engine.run("mended", image=pinned)
    engine.docker("tag", "shop:1", "shop:latest")
    engine.run("latest", image="shop:latest")
    engine.import_image("shop:1", files={"/two": "2"})  # the tag means another image from now on
    engine.run("fresh", image="shop:1")
    engine.docker("tag", "shop:1", "shop:gone")
    engine.run("untagged", image="shop:gone")
    engine.docker("rmi", "shop:gone")
    engine.run("by-id", image=engine.client.images.get("shop:1").id)
    findings = judge_engine(engine)
    assert findings["tag-drift", "moved"].status is Status.FAIL
    assert findings["tag-drift", "mended"].status is Status.NOT_APPLICABLE
    assert findings["tag-drift", "fresh"].status is Status.UNKNOWN
    assert findings["tag-drift", "fresh"].blind
    assert findings["tag-drift", "untagged"].status is Status.UNKNOWN
    assert "gone" in findings["tag-drift", "untagged"].reason
    assert findings["tag-drift", "by-id"].status is Status.NOT_APPLICABLE
    assert findings["latest-tag", "by-id"].status is Status.NOT_APPLICABLE
    assert findings["latest-tag", "latest"].status is Status.FAIL
    assert findings["latest-tag", "moved"].status is Status.PASS
    assert findings["latest-tag", "mended"].status is Status.NOT_APPLICABLE


def test_what_an_image_says_of_itself(engine: RealEngine) -> None:
    created = f"LABEL {LABEL}created={datetime.now(UTC).date().isoformat()}"
    engine.import_image("silent:1")
    engine.import_image("told:1", changes=[*TOLD, created], files={"/told": "1"})
    engine.run("silent", image="silent:1")
    engine.run("told", image="told:1")
    seen = look(engine)
    findings = judge_snapshot(seen)
    for slug in ("origin-labels-missing", "base-image-unknown"):
        assert findings[slug, "silent:1"].status is Status.FAIL, slug
        assert findings[slug, "told:1"].status is Status.PASS, slug
    assert findings["image-too-old", "told:1"].status is Status.PASS
    later = judge_snapshot(seen, datetime.now(UTC) + timedelta(days=91))
    assert later["image-too-old", "told:1"].status is Status.FAIL


def test_image_not_built(engine: RealEngine, tmp_path: Path) -> None:
    engine.import_image("silent:1")
    engine.run("source", image="silent:1")
    engine.docker("commit", "source", "committed:1")
    (tmp_path / "Dockerfile").write_text("FROM silent:1\nLABEL made=here\n")
    engine.client.images.build(path=str(tmp_path), tag="built:1")
    for name in ("committed", "built"):
        engine.run(name, image=f"{name}:1")
    # What BuildKit leaves behind; this machine has the builder before it only, which leaves what a commit leaves.
    engine.docker("commit", "--message", "buildkit.dockerfile.v0", "source", "mended:1")
    engine.run("mended", image="mended:1")
    findings = judge_engine(engine)
    assert findings["image-not-built", "silent:1"].status is Status.FAIL
    for name in ("committed:1", "built:1"):
        assert findings["image-not-built", name].status is Status.UNKNOWN, name
        assert findings["image-not-built", name].blind, name
    assert findings["image-not-built", "mended:1"].status is Status.PASS


@pytest.mark.parametrize("slug", ["signature-missing", "sbom-missing", "provenance-missing", "vulnerability-scan"])
def test_what_no_engine_tells_is_a_blind_spot(engine: RealEngine, slug: str) -> None:
    engine.import_image("shop:1")
    engine.run("web", image="shop:1")
    finding = judge_engine(engine)[slug, "shop:1"]
    assert finding.status is Status.UNKNOWN
    assert finding.blind


def test_same_tag_different_content(three_engines: ThreeEngines) -> None:
    slug = "same-tag-different-content"
    pair = {"a": three_engines.manager, "b": three_engines.worker}
    pair["a"].import_image("mended:1", files={"/content": "both"})
    pair["b"].client.images.load(b"".join(pair["a"].client.images.get("mended:1").save(named=True)))
    for number, engine in enumerate(pair.values()):
        engine.import_image("shop:1", files={"/content": str(number)})
        with RealRegistry(engine) as registry:
            for name in ("shop", "mended"):
                registry.push(f"{name}:1")
                engine.run(name, image=f"{name}:1", labels={"loadline.service": name})
    seen = {name: look(engine) for name, engine in pair.items()}
    later = datetime.now(UTC) + timedelta(hours=1)
    failing = judge_service("shop", seen, later)[slug]
    assert failing.status is Status.FAIL
    assert sorted(hosts for hosts in failing.evidence["RepoDigests"]["shop:1"].values()) == [["a"], ["b"]]
    assert judge_service("shop", seen)[slug].status is Status.NOT_APPLICABLE  # a rollout, for all that is known
    assert judge_service("shop", {"a": seen["a"]}, later)[slug].status is Status.NOT_APPLICABLE
    mended = judge_service("mended", seen, later)[slug]
    assert mended.status is Status.PASS
    assert mended.evidence == {"Config.Image": ["mended:1"]}
    for engine in pair.values():
        engine.remove_all()
