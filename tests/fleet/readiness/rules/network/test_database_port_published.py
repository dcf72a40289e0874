from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.inventory import NetworkAttachment, PublishedPort, SwarmServiceFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.policy import Policy
from fleet.readiness.rules.network.database_port_published import DatabasePortPublished
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container_subject, network

RULE = DatabasePortPublished()


def published(address: str, *, port: int = 5432, bound: bool = True) -> ContainerSubject:
    return container_subject(ports=(PublishedPort(port, "tcp", address, 15432, bound),))


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.5", "203.0.113.7"])
def test_an_address_others_can_reach_fails(address: str) -> None:
    outcome = RULE.judge(published(address))
    assert outcome.status is Status.FAIL
    assert "PostgreSQL" in outcome.reason


@pytest.mark.parametrize(("address", "cis"), [("0.0.0.0", None), ("::", None), ("10.0.0.5", ("5.9",))])
def test_one_address_is_not_every_address(address: str, cis: tuple[str, ...] | None) -> None:
    assert RULE.judge(published(address)).cis == cis


def test_both_families_of_one_port_are_one_line_of_evidence() -> None:
    ports = (PublishedPort(5432, "tcp", "0.0.0.0", 5432), PublishedPort(5432, "tcp", "::", 5432))
    outcome = RULE.judge(container_subject(ports=ports))
    assert outcome.evidence == {"HostConfig.PortBindings": {"5432/tcp": "0.0.0.0:5432, [::]:5432"}}


def test_a_stopped_container_that_would_open_the_port_fails() -> None:
    assert RULE.judge(published("", bound=False)).status is Status.FAIL


def test_an_engines_unprotected_api_counts_as_well() -> None:
    assert RULE.judge(published("0.0.0.0", port=2375)).status is Status.FAIL


def test_a_port_that_the_policy_adds_counts() -> None:
    subject = published("0.0.0.0", port=8080)
    assert RULE.judge(subject).status is Status.PASS
    stricter = around(policy=Policy(datastore_ports={8080: "our own store"}))
    assert RULE.judge(container_subject(subject.facts, around=stricter)).status is Status.FAIL


def swarm_task(services: tuple[SwarmServiceFacts, ...] | None, **changes: object) -> ContainerSubject:
    return container_subject(
        labels={"com.docker.swarm.service.name": "db"},
        networks=(NetworkAttachment("ingress"),),
        around=around(services=services),
        **changes,
    )


def service(*ports: str) -> SwarmServiceFacts:
    return SwarmServiceFacts(id="s", name="db", published_ports=ports)


def test_a_port_that_swarm_publishes_on_every_node_fails() -> None:
    outcome = RULE.judge(swarm_task((service("5432:5432/tcp/ingress"),)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Endpoint.Ports": ["5432:5432/tcp/ingress"]}


def test_a_datastore_on_the_host_network_is_unknown_because_nothing_is_published() -> None:
    subject = container_subject(network_mode="host", exposed_ports=("5432/tcp",))
    assert RULE.judge(subject).status is Status.UNKNOWN
    subject = container_subject(network_mode="host", exposed_ports=(), image_reference="redis:7")
    assert RULE.judge(subject).status is Status.UNKNOWN


def test_a_worker_cannot_say_which_ports_of_a_datastore_swarm_publishes() -> None:
    assert RULE.judge(swarm_task(None, exposed_ports=("5432/tcp",))).status is Status.UNKNOWN


def test_unreported_ports_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"NetworkSettings\.Ports"):
        RULE.judge(container_subject(ports=None))


def test_unreported_exposed_ports_on_the_host_network_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.ExposedPorts"):
        RULE.judge(container_subject(network_mode="host", exposed_ports=None))


def test_an_unbound_port_without_any_network_seen_is_a_missing_fact() -> None:
    subject = published("", bound=False)
    with pytest.raises(MissingFactError, match="/networks"):
        RULE.judge(container_subject(subject.facts, around=replace(around(), networks=None)))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_passes(address: str) -> None:
    assert RULE.judge(published(address)).status is Status.PASS


def test_a_stopped_container_on_a_bridge_that_binds_loopback_passes() -> None:
    local = network(options={"com.docker.network.bridge.host_binding_ipv4": "127.0.0.1"})
    subject = container_subject(published("", bound=False).facts, around=around(networks=(local,)))
    assert RULE.judge(subject).status is Status.PASS


def test_a_port_inside_the_container_counts_and_not_its_number_on_the_host() -> None:
    web = PublishedPort(80, "tcp", "0.0.0.0", 5432)
    assert RULE.judge(container_subject(ports=(web,))).status is Status.PASS


def test_a_web_server_on_the_host_network_passes() -> None:
    assert RULE.judge(container_subject(network_mode="host", exposed_ports=("80/tcp",))).status is Status.PASS


def test_swarm_services_without_a_datastores_port_pass() -> None:
    assert RULE.judge(swarm_task((service("80:8080/tcp/ingress", "5432:5432/tcp/host"),))).status is Status.PASS
    assert RULE.judge(swarm_task(None, exposed_ports=("80/tcp",))).status is Status.PASS


def test_a_container_that_publishes_nothing_passes() -> None:
    assert RULE.judge(container_subject(ports=(), exposed_ports=("5432/tcp",))).status is Status.PASS


def test_it_is_a_critical_gate() -> None:
    assert RULE.severity is Severity.CRITICAL
    assert RULE.core_gate
