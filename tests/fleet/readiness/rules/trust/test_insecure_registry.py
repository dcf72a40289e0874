from __future__ import annotations

import pytest

from fleet.inventory import Registry
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.insecure_registry import InsecureRegistry
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = InsecureRegistry()
HUB = Registry("docker.io", secure=True, official=True)


def test_a_registry_without_verified_tls_fails() -> None:
    outcome = RULE.judge(host_subject(registries=(HUB, Registry("registry.internal:5000", secure=False))))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"RegistryConfig.IndexConfigs": {"registry.internal:5000": {"Secure": False}}}


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "0.0.0.0/0", "127.0.0.0/7", "::/0", "fd00::/8", "what"])
def test_a_range_beyond_loopback_fails(cidr: str) -> None:
    outcome = RULE.judge(host_subject(insecure_registry_cidrs=("127.0.0.0/8", cidr)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"RegistryConfig.InsecureRegistryCIDRs": [cidr]}


def test_a_mirror_over_plain_http_fails() -> None:
    mirrored = Registry("docker.io", secure=True, official=True, mirrors=("https://a.internal/", "http://b.internal/"))
    outcome = RULE.judge(host_subject(registries=(mirrored,)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"RegistryConfig.Mirrors": ["http://b.internal/"]}


def test_podman_tells_nothing() -> None:
    assert RULE.judge(host_subject(kind="podman", registries=())).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "fact"), [({"registries": None}, "IndexConfigs"), ({"insecure_registry_cidrs": None}, "CIDRs")]
)
def test_unreported_settings_are_missing_facts(changes: dict[str, None], fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(host_subject(**changes))


@pytest.mark.parametrize("cidrs", [(), ("127.0.0.0/8",), ("127.0.0.0/8", "::1/128"), ("127.0.0.1/32",)])
def test_the_loopback_ranges_every_engine_allows_pass(cidrs: tuple[str, ...]) -> None:
    assert RULE.judge(host_subject(registries=(HUB,), insecure_registry_cidrs=cidrs)).status is Status.PASS
