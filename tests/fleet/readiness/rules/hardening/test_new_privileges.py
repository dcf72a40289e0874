from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.new_privileges import NewPrivileges
from fleet.readiness.subjects import Surroundings
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host

RULE = NewPrivileges()
SHOWN = ("name=seccomp,profile=builtin", "name=no-new-privileges")


def on(
    version: str = "29.7.2", options: tuple[str, ...] | None = ("name=seccomp",), kind: str = "docker"
) -> Surroundings:
    return around(host=host(engine_version=version, security_options=options, kind=kind))


@pytest.mark.parametrize("version", ["24.0.0", "24.0.7+dfsg1", "29.7.2"])
def test_a_container_without_it_on_an_engine_without_it_fails_both_items(version: str) -> None:
    outcome = RULE.judge(container_subject(security_options=("label=disable",), around=on(version)))
    assert (outcome.status, outcome.cis) == (Status.FAIL, None)
    assert outcome.evidence == {"HostConfig.SecurityOpt": [], "SecurityOptions": []}
    assert RULE.cis == ("5.26", "2.14")


@pytest.mark.parametrize(
    "surroundings",
    [
        on("20.10.24+dfsg1"),
        on("23.0.6"),
        on("a build of our own"),
        on("4.3.1", kind="podman"),
        on("5.4.0", kind="podman"),
    ],
)
def test_where_the_engine_tells_no_default_only_the_containers_own_item_fails(surroundings: Surroundings) -> None:
    outcome = RULE.judge(container_subject(security_options=(), around=surroundings))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("5.26",))
    assert "does not tell" in outcome.reason


@pytest.mark.parametrize("option", ["no-new-privileges=false", "no-new-privileges:false", "no-new-privileges:0"])
def test_a_container_that_switches_it_off_fails_whatever_the_default(option: str) -> None:
    outcome = RULE.judge(container_subject(security_options=(option,), around=on(options=SHOWN)))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("5.26",))
    assert outcome.evidence == {"HostConfig.SecurityOpt": option}


def test_the_last_of_several_counts() -> None:
    options = ("no-new-privileges", "no-new-privileges=false")
    assert RULE.judge(container_subject(security_options=options)).status is Status.FAIL
    assert RULE.judge(container_subject(security_options=options[::-1])).status is Status.PASS


def test_a_privileged_container_is_judged_too() -> None:
    assert RULE.judge(container_subject(security_options=(), privileged=True)).status is Status.FAIL


def test_unreported_options_of_the_container_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.SecurityOpt"):
        RULE.judge(container_subject(security_options=None, around=on(options=SHOWN)))


def test_unreported_options_of_the_host_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="SecurityOptions"):
        RULE.judge(container_subject(security_options=(), around=on(options=None)))


@pytest.mark.parametrize(
    "option", ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true", "no-new-privileges=1"]
)
def test_a_container_with_it_passes_on_every_engine(option: str) -> None:
    outcome = RULE.judge(container_subject(security_options=("label=disable", option), around=on("20.10.24")))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"HostConfig.SecurityOpt": option}


def test_an_engine_that_tells_no_default_passes_where_its_label_claims_it() -> None:
    claims = ("loadline.no-new-privileges=on",)
    for version, status in (("20.10.24", Status.PASS), ("29.7.2", Status.FAIL)):
        silent = around(host=host(engine_version=version, security_options=("name=seccomp",), labels=claims))
        assert RULE.judge(container_subject(security_options=(), around=silent)).status is status


def test_an_engine_whose_default_it_is_passes() -> None:
    outcome = RULE.judge(container_subject(security_options=(), around=on(options=SHOWN)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"SecurityOptions": "name=no-new-privileges"}
