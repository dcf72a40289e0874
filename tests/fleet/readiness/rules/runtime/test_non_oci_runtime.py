from __future__ import annotations

import pytest

from fleet.inventory import Component, ContainerFacts, HostFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.non_oci_runtime import NonOciRuntime
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, host

RULE = NonOciRuntime()
LEGACY = "io.containerd.runtime.v1.linux"


def on(*containers: ContainerFacts, facts: HostFacts | None = None) -> HostSubject:
    return HostSubject(around=around(host=facts or host(), containers=containers))


def test_a_container_on_the_old_shim_fails() -> None:
    outcome = RULE.judge(on(container(), container(name="old", runtime=LEGACY)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.Runtime": {"old": LEGACY}}


def test_an_engine_whose_default_is_the_old_shim_fails() -> None:
    outcome = RULE.judge(on(facts=host(default_runtime=LEGACY)))
    assert outcome.evidence == {"DefaultRuntime": LEGACY}


@pytest.mark.parametrize("name", ["rkt", "LXC"])
def test_another_kind_of_execution_fails(name: str) -> None:
    facts = host(components=(Component("Engine", "1.9"), Component(name, "1.30")))
    assert RULE.judge(on(facts=facts)).status is Status.FAIL


def test_a_container_that_was_not_read_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.Runtime of gone"):
        RULE.judge(on(container(), container(name="gone", runtime=None)))


@pytest.mark.parametrize(
    ("changes", "fact"), [({"components": None}, "Components"), ({"default_runtime": None}, "Default")]
)
def test_what_the_engine_left_out_is_a_missing_fact(changes: dict[str, None], fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(on(container(), facts=host(**changes)))


def test_the_old_shim_in_the_list_of_runtimes_proves_nothing() -> None:
    facts = host(runtimes=("io.containerd.runc.v2", LEGACY, "runc"))
    assert RULE.judge(on(container(), facts=facts)).status is Status.PASS


@pytest.mark.parametrize("runtime", ["runc", "io.containerd.runc.v2", "crun", "oci", "runsc", "kata"])
def test_any_oci_runtime_passes(runtime: str) -> None:
    assert RULE.judge(on(container(runtime=runtime))).status is Status.PASS


def test_a_host_without_containers_passes() -> None:
    assert RULE.judge(on()).status is Status.PASS
