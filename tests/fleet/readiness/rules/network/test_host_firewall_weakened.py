from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.host_firewall_weakened import HostFirewallWeakened
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = HostFirewallWeakened()


@pytest.mark.parametrize(
    "warning",
    [
        "WARNING: IPv4 forwarding is disabled",
        "WARNING: bridge-nf-call-iptables is disabled",
        "WARNING: bridge-nf-call-ip6tables is disabled",
        "WARNING: DOCKER_INSECURE_NO_IPTABLES_RAW is set",
    ],
)
def test_what_the_engine_warns_of_fails(warning: str) -> None:
    outcome = RULE.judge(host_subject(warnings=("WARNING: No swap limit support", warning)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Warnings": [warning]}


def test_forwarding_that_is_off_fails_without_a_warning() -> None:
    outcome = RULE.judge(host_subject(ipv4_forwarding=False))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"IPv4Forwarding": False}


def test_the_firewalls_kind_is_evidence() -> None:
    outcome = RULE.judge(host_subject(ipv4_forwarding=False, firewall_backend="iptables+firewalld"))
    assert outcome.evidence["FirewallBackend"] == "iptables+firewalld"


def test_podman_tells_nothing() -> None:
    assert RULE.judge(host_subject(kind="podman")).status is Status.UNKNOWN


def test_unreported_warnings_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Warnings"):
        RULE.judge(host_subject(warnings=None))


def test_warnings_about_other_things_pass() -> None:
    assert RULE.judge(host_subject(warnings=("WARNING: No swap limit support",))).status is Status.PASS


def test_a_quiet_engine_passes_and_says_what_that_does_not_prove() -> None:
    outcome = RULE.judge(host_subject())
    assert outcome.status is Status.PASS
    assert "iptables" in outcome.reason
