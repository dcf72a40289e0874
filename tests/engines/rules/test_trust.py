"""Each trust rule on a really started engine: the violating state fails and its mended twin passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.readiness.policy import Policy
from fleet.readiness.vocabulary import Stage, Status
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine
from tests.engines.registry import RealRegistry

pytestmark = pytest.mark.engine


@pytest.fixture
def registry(engine: RealEngine) -> Iterator[RealRegistry]:
    with RealRegistry(engine) as registry:
        yield registry


def test_image_not_pinned(engine: RealEngine, registry: RealRegistry) -> None:
    engine.import_image("shop:1")
    pinned = registry.push("shop:1")
    tagged = f"{registry.name}/shop:1"
    engine.run("tagged", image=tagged)
    engine.run("local", image="shop:1")
    engine.run("mended", image=pinned)
    engine.run("by-id", image=engine.client.images.get(tagged).id)
    findings = judge_engine(engine)
    assert findings["image-not-pinned", "tagged"].status is Status.FAIL
    assert findings["image-not-pinned", "tagged"].evidence == {"Config.Image": tagged, "RepoDigests": [pinned]}
    assert findings["image-not-pinned", "local"].status is Status.FAIL
    assert findings["image-not-pinned", "mended"].status is Status.PASS
    assert findings["image-not-pinned", "by-id"].status is Status.PASS
    staging = judge_engine(engine, stage=Stage.STAGING)
    assert staging["image-not-pinned", "tagged"].status is Status.NOT_APPLICABLE


def test_registry_not_allowed(engine: RealEngine, registry: RealRegistry) -> None:
    engine.import_image("mirrored:1", files={"/mirrored": "other content makes another image"})
    pinned = registry.push("mirrored:1")
    engine.docker("tag", f"{registry.name}/mirrored:1", "trusted.example/mirrored:1")
    engine.run("hub")
    engine.run("renamed", image="trusted.example/mirrored:1")
    engine.run("mended", image=pinned)
    findings = judge_engine(engine, policy=Policy(allowed_registries=(registry.name, "trusted.example")))
    assert findings["registry-not-allowed", "hub"].status is Status.FAIL
    assert findings["registry-not-allowed", "mended"].status is Status.PASS
    elsewhere = judge_engine(engine, policy=Policy(allowed_registries=("trusted.example",)))
    assert elsewhere["registry-not-allowed", "renamed"].status is Status.FAIL
    assert elsewhere["registry-not-allowed", "mended"].status is Status.FAIL
    undecided = judge_engine(engine)
    assert undecided["registry-not-allowed", "mended"].status is Status.UNKNOWN


def test_image_without_origin(engine: RealEngine, registry: RealRegistry) -> None:
    engine.import_image("homemade:1", files={"/homemade": "made on this host"})
    engine.run("user", image="homemade:1")
    assert judge_engine(engine)["image-without-origin", "homemade:1"].status is Status.FAIL
    registry.push("homemade:1")
    finding = next(
        finding
        for (slug, name), finding in judge_engine(engine).items()
        if slug == "image-without-origin" and "homemade" in name
    )
    assert finding.status is Status.PASS


def test_insecure_registry(engine: RealEngine) -> None:
    arguments = ("--insecure-registry", "registry.example:5000", "--insecure-registry", "10.0.0.0/8")
    with RealEngine("insecure", arguments=arguments) as insecure:
        failing = judge_engine(insecure)["insecure-registry", "insecure"]
    with RealEngine("mirrored", arguments=("--registry-mirror", "http://mirror.example")) as mirrored:
        mirror = judge_engine(mirrored)["insecure-registry", "mirrored"]
    assert failing.status is Status.FAIL
    assert failing.evidence == {
        "RegistryConfig.IndexConfigs": {"registry.example:5000": {"Secure": False}},
        "RegistryConfig.InsecureRegistryCIDRs": ["10.0.0.0/8"],
    }
    assert mirror.status is Status.FAIL
    assert judge_engine(engine)["insecure-registry", "engine"].status is Status.PASS
