from __future__ import annotations

import pytest

from fleet.inventory import Component
from fleet.readiness.rules.runtime.runc_known_escape import RuncKnownEscape
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = RuncKnownEscape()


def runc(version: str, commit: str | None = None) -> HostSubject:
    return host_subject(components=(Component("Engine", "29.7.2"), Component("runc", version)), runc_commit=commit)


@pytest.mark.parametrize(
    ("version", "commit", "flaw"),
    [
        ("1.0.0-rc6", "ccb5efd37fb7c86364786e9137e22948751de7ed", "CVE-2019-5736"),
        ("1.1.11", "v1.1.11-0-g4bccb38", "CVE-2024-21626"),
        ("1.2.7", "v1.2.7-0-g1111111", "CVE-2025-52881"),
        ("1.1.15", None, "CVE-2025-31133"),
    ],
)
def test_upstreams_release_with_a_known_flaw_fails(version: str, commit: str | None, flaw: str) -> None:
    outcome = RULE.judge(runc(version, commit))
    assert outcome.status is Status.FAIL
    assert flaw in outcome.reason
    assert outcome.evidence["Components[runc].Version"] == version


def test_podman_with_crun_is_not_applicable() -> None:
    components = (
        Component("Podman Engine", "4.3.1"),
        Component("OCI Runtime (crun)", "crun version 1.8.1\ncommit: f8a096b"),
    )
    assert (
        RULE.judge(host_subject(kind="podman", components=components, runc_commit="")).status is Status.NOT_APPLICABLE
    )


@pytest.mark.parametrize(
    ("version", "commit"),
    [
        ("1.1.5+ds1", "1.1.5+ds1-1+deb12u9"),
        ("1.1.5", "1.1.5+ds1-1+deb12u9"),
        ("1.1.12-0ubuntu3.1", ""),
        ("1.2.0-rc1+dev", ""),
    ],
)
def test_a_distributions_build_is_unknown_with_upstreams_answer_as_a_hint(version: str, commit: str) -> None:
    outcome = RULE.judge(runc(version, commit))
    assert outcome.status is Status.UNKNOWN
    assert "CVE-2025-31133" in outcome.reason


@pytest.mark.parametrize("version", ["", "unknown", "<unknown>"])
def test_a_version_that_cannot_be_read_is_unknown(version: str) -> None:
    assert RULE.judge(runc(version, "51d5e94601ceffbbd85688df1c928ecccbfa4685")).status is Status.UNKNOWN


def test_unreported_components_are_unknown() -> None:
    assert RULE.judge(host_subject(components=None, runc_commit=None)).status is Status.UNKNOWN


def test_the_commit_tells_the_version_when_the_component_does_not() -> None:
    assert RULE.judge(host_subject(components=(), runc_commit="v1.1.11-0-g4bccb38")).status is Status.FAIL


def test_podman_with_runc_is_judged() -> None:
    text = "runc version 1.1.11\ncommit: v1.1.11-0-g4bccb38\nspec: 1.0.2-dev"
    subject = host_subject(kind="podman", components=(Component("OCI Runtime (runc)", text),), runc_commit="")
    assert RULE.judge(subject).status is Status.FAIL


@pytest.mark.parametrize("version", ["1.2.8", "1.3.3", "1.4.3", "1.3.4-0ubuntu1", "1.3.3+ds1"])
def test_a_number_with_every_repair_passes_whoever_built_it(version: str) -> None:
    assert RULE.judge(runc(version, "")).status is Status.PASS


def test_a_distributions_build_whose_changelog_was_read_fails_for_what_it_left_open() -> None:
    outcome = RULE.judge(runc("1.1.5+ds1", "1.1.5+ds1-1+deb12u1"))
    assert outcome.status is Status.FAIL
    assert "CVE-2025-31133" in outcome.reason
    assert "CVE-2024-21626" not in outcome.reason
