from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.engine_api_without_tls import EngineApiWithoutTls
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import host_subject

RULE = EngineApiWithoutTls()
ADVICE = "\n         Access to the remote API is equivalent to root access on the host."


def plain(address: str, prefix: str = "WARNING:") -> str:
    return f"{prefix} API is accessible on http://{address} without encryption.{ADVICE}"


@pytest.mark.parametrize("prefix", ["WARNING:", "[DEPRECATION NOTICE]:"])
@pytest.mark.parametrize("address", ["0.0.0.0:2375", "10.0.0.4:2375", "[::]:2375", "prod-01:2375", ":2375"])
def test_an_open_port_fails(prefix: str, address: str) -> None:
    outcome = RULE.judge(host_subject(warnings=("WARNING: No swap limit support", plain(address, prefix))))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"Warnings": [f"API is accessible on http://{address}"]}


def test_encryption_without_client_verification_fails() -> None:
    text = f"WARNING: API is accessible on https://0.0.0.0:2376 without TLS client verification.{ADVICE}"
    outcome = RULE.judge(host_subject(warnings=(text,)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"Warnings": ["API is accessible on https://0.0.0.0:2376"]}


@pytest.mark.parametrize("address", ["127.0.0.1:2375", "localhost:2375", "[::1]:2375", "127.8.9.1:2375"])
def test_an_open_port_on_loopback_is_medium(address: str) -> None:
    outcome = RULE.judge(host_subject(warnings=(plain(address),), endpoint_scheme="unix"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.MEDIUM)


def test_one_open_port_beside_one_on_loopback_is_critical() -> None:
    outcome = RULE.judge(host_subject(warnings=(plain("127.0.0.1:2375"), plain("0.0.0.0:2375"))))
    assert outcome.severity is None


@pytest.mark.parametrize("scheme", ["tcp", "http"])
@pytest.mark.parametrize("warnings", [(), None, (plain("127.0.0.1:2375"),)])
@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_being_reached_without_tls_proves_it(scheme: str, warnings: tuple[str, ...] | None, kind: str) -> None:
    outcome = RULE.judge(host_subject(kind=kind, warnings=warnings, endpoint_scheme=scheme, endpoint_loopback=False))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence["endpoint"] == "tcp without TLS, over the network"


def test_being_reached_over_loopback_without_tls_is_medium() -> None:
    outcome = RULE.judge(host_subject(endpoint_scheme="tcp", endpoint_loopback=True))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.MEDIUM)


def test_podman_which_never_warns_is_unknown() -> None:
    outcome = RULE.judge(host_subject(kind="podman", endpoint_scheme="unix", endpoint_loopback=True))
    assert outcome.status is Status.UNKNOWN


def test_unreported_warnings_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Warnings"):
        RULE.judge(host_subject(warnings=None))


@pytest.mark.parametrize("scheme", ["unix", "ssh", "https"])
def test_an_engine_that_warns_of_nothing_passes(scheme: str) -> None:
    outcome = RULE.judge(host_subject(warnings=("WARNING: No swap limit support",), endpoint_scheme=scheme))
    assert outcome.status is Status.PASS
