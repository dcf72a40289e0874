"""Trust rules about where an image comes from, on really started engines and a real registry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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
    findings = judge_engine(engine)
    assert findings["tag-drift", "moved"].status is Status.FAIL
    assert findings["tag-drift", "mended"].status is Status.NOT_APPLICABLE
    assert findings["tag-drift", "fresh"].status is Status.UNKNOWN
    assert findings["tag-drift", "fresh"].blind
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
    assert findings["image-not-built", "silent:1"].status is Status.FAIL  # every image here is imported


def test_a_committed_image_has_no_comment_of_an_import(engine: RealEngine) -> None:
    engine.run("source")
    engine.docker("commit", "source", "committed:1")
    engine.run("web", image="committed:1")
    assert judge_engine(engine)["image-not-built", "committed:1"].status is Status.PASS


@pytest.mark.parametrize("slug", ["signature-missing", "sbom-missing", "provenance-missing", "vulnerability-scan"])
def test_what_no_engine_tells_is_a_blind_spot(engine: RealEngine, slug: str) -> None:
    engine.import_image("shop:1")
    engine.run("web", image="shop:1")
    finding = judge_engine(engine)[slug, "shop:1"]
    assert finding.status is Status.UNKNOWN
    assert finding.blind


def test_same_tag_different_content(three_engines: ThreeEngines) -> None:
    pair = {"a": three_engines.manager, "b": three_engines.worker}
    labels = {"loadline.service": "shop"}
    with RealRegistry(pair["a"]) as one, RealRegistry(pair["b"]) as other:
        for number, (registry, engine) in enumerate(((one, pair["a"]), (other, pair["b"]))):
            engine.import_image("shop:1", files={"/content": str(number)})
            registry.push("shop:1")
            engine.docker("tag", f"{registry.name}/shop:1", "registry.internal/shop:1")
            engine.run("shop", image="shop:1", labels=labels)
        seen = {name: look(engine) for name, engine in pair.items()}
        later = datetime.now(UTC) + timedelta(hours=1)
        assert judge_service("shop", seen, later)["same-tag-different-content"].status is Status.FAIL
        assert judge_service("shop", seen)["same-tag-different-content"].status is Status.NOT_APPLICABLE
        alone = {"a": seen["a"]}
        assert judge_service("shop", alone, later)["same-tag-different-content"].status is Status.NOT_APPLICABLE
    for engine in pair.values():
        engine.remove_all()
