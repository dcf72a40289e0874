from __future__ import annotations

from typing import Any

import pytest

from fleet.readiness.policy import Policy
from fleet.readiness.rules.trust.registry_not_allowed import RegistryNotAllowed
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import DIGEST, around, container_subject, image

RULE = RegistryNotAllowed()


def run(reference: str | None, *allowed: str, **of_image: Any) -> ContainerSubject:
    facts = image(**{"digests": (), "tags": (), **of_image})
    surroundings = around(images=(facts,), policy=Policy(allowed_registries=allowed))
    return container_subject(image_reference=reference, around=surroundings)


@pytest.mark.parametrize(
    "reference", ["quay.io/acme/web", "evil.example/registry.internal/web", "web:1", "localhost/web"]
)
def test_another_registry_fails(reference: str) -> None:
    outcome = RULE.judge(run(reference, "registry.internal"))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Config.Image": reference}


def test_another_owner_on_an_allowed_registry_fails() -> None:
    assert RULE.judge(run("ghcr.io/acmee/web", "ghcr.io/acme")).status is Status.FAIL


def test_a_name_that_was_only_put_on_the_image_fails() -> None:
    outcome = RULE.judge(run("registry.internal/web:1", "registry.internal", digests=(f"quay.io/x/web@{DIGEST}",)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence["RepoDigests"] == ["quay.io/x/web"]


def test_where_the_engine_pulled_it_from_outweighs_its_digests() -> None:
    subject = run(
        "registry.internal/web:1",
        "registry.internal",
        digests=(f"registry.internal/web@{DIGEST}",),
        pulled_from=("quay.io/x/web",),
    )
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert outcome.evidence["Identity.Pull"] == ["quay.io/x/web"]


def test_without_a_list_it_is_unknown_and_says_what_to_set() -> None:
    outcome = RULE.judge(run("quay.io/acme/web"))
    assert outcome.status is Status.UNKNOWN
    assert "policy page" in outcome.reason
    assert "LOADLINE_ALLOWED_REGISTRIES" in outcome.reason
    assert not outcome.blind
    assert not RULE.core_gate


def test_an_image_without_any_name_is_unknown() -> None:
    assert RULE.judge(run("sha256:" + "a" * 64, "docker.io")).status is Status.UNKNOWN
    assert RULE.judge(run(None, "docker.io")).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("reference", "allowed"),
    [
        ("registry.internal/team/web:1", "registry.internal"),
        ("registry.internal:5000/web", "registry.internal:5000"),
        ("web", "docker.io"),
        ("web", "index.docker.io"),
        ("index.docker.io/acme/web", "docker.io/acme"),
        ("ghcr.io/acme/web", "ghcr.io/acme"),
        ("ghcr.io/acme/web", "ghcr.io/acme/"),
    ],
)
def test_a_registry_on_the_list_passes(reference: str, allowed: str) -> None:
    assert RULE.judge(run(reference, "other.example", allowed)).status is Status.PASS


def test_a_container_started_from_an_id_is_judged_by_its_images_name() -> None:
    assert RULE.judge(run("sha256:" + "a" * 64, "quay.io", tags=("quay.io/acme/web:1",))).status is Status.PASS


def test_an_image_that_was_mirrored_passes_by_one_of_its_digests() -> None:
    digests = (f"quay.io/acme/web@{DIGEST}", f"registry.internal/acme/web@{DIGEST}")
    assert RULE.judge(run("registry.internal/acme/web:1", "registry.internal", digests=digests)).status is Status.PASS
