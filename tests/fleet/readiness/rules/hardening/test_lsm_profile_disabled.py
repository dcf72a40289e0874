from __future__ import annotations

from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.lsm_profile_disabled import LsmProfileDisabled
from fleet.readiness.subjects import Surroundings
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container_subject, host

RULE = LsmProfileDisabled()


def on(*options: str, kind: str = "docker") -> Surroundings:
    return around(host=host(security_options=options, kind=kind))


APPARMOR = on("name=apparmor", "name=seccomp,profile=builtin")
SELINUX = on("name=selinux")
NEITHER = on("name=seccomp,profile=builtin")


@pytest.mark.parametrize("profile", ["", "unconfined"])
def test_a_running_container_without_a_profile_fails(profile: str) -> None:
    outcome = RULE.judge(container_subject(apparmor_profile=profile, around=APPARMOR))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, None, ("5.2",))
    assert outcome.evidence == {"AppArmorProfile": profile}


@pytest.mark.parametrize(
    ("option", "there", "cis"),
    [
        ("apparmor=unconfined", APPARMOR, "5.2"),
        ("apparmor:unconfined", APPARMOR, "5.2"),
        ("label=disable", SELINUX, "5.3"),
        ("label:disable", SELINUX, "5.3"),
    ],
)
def test_switching_off_is_medium_where_the_module_is_and_low_where_it_is_not(
    option: str, there: Surroundings, cis: str
) -> None:
    for surroundings, severity in ((there, None), (NEITHER, Severity.LOW)):
        outcome = RULE.judge(container_subject(security_options=(option,), around=surroundings))
        assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, severity, (cis,))
        assert outcome.evidence == {"HostConfig.SecurityOpt": [option]}


def test_switching_off_the_other_module_is_low() -> None:
    outcome = RULE.judge(container_subject(security_options=("label=disable",), around=APPARMOR))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.LOW, ("5.3",))


def test_switching_off_both_names_both() -> None:
    options = ("label=disable", "apparmor=unconfined")
    outcome = RULE.judge(container_subject(security_options=options, around=APPARMOR))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, None, ("5.2", "5.3"))


def test_switching_off_fails_where_the_host_did_not_report_its_modules() -> None:
    surroundings = around(host=host(security_options=None))
    outcome = RULE.judge(container_subject(security_options=("apparmor=unconfined",), around=surroundings))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_an_empty_profile_fails_also_in_the_hosts_namespace() -> None:
    subject = container_subject(
        pid_mode="host", security_options=("label=disable",), apparmor_profile="", around=APPARMOR
    )
    assert RULE.judge(subject).evidence == {"AppArmorProfile": ""}


@pytest.mark.parametrize("mode", ["pid_mode", "ipc_mode"])
def test_what_the_engine_switches_off_by_itself_is_left_to_the_namespaces_rule(mode: str) -> None:
    for surroundings in (SELINUX, NEITHER):
        subject = container_subject(security_options=("label=disable",), around=surroundings, **{mode: "host"})
        assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    subject = container_subject(privileged=True, security_options=("label=disable",), apparmor_profile="unconfined")
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_asking_for_no_profile_besides_privileged_is_low() -> None:
    options = ("label=disable", "apparmor=unconfined")
    outcome = RULE.judge(container_subject(privileged=True, security_options=options, around=APPARMOR))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.LOW, ("5.2",))
    assert outcome.evidence == {"HostConfig.SecurityOpt": ["apparmor=unconfined"]}


def test_a_host_without_a_module_has_nothing_to_confine_with() -> None:
    assert RULE.judge(container_subject(apparmor_profile="", around=NEITHER)).status is Status.NOT_APPLICABLE


def test_podmans_silence_on_selinux_is_a_blind_spot() -> None:
    outcome = RULE.judge(container_subject(apparmor_profile="", around=on("name=seccomp", kind="podman")))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)


def test_a_container_that_never_started_has_no_profile_yet() -> None:
    outcome = RULE.judge(container_subject(state="created", apparmor_profile="", around=APPARMOR))
    assert outcome.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"security_options": None}, r"HostConfig\.SecurityOpt"),
        ({"apparmor_profile": None}, "AppArmorProfile"),
        ({"around": around(host=host(security_options=None))}, "SecurityOptions"),
    ],
)
def test_what_is_not_reported_is_a_missing_fact(changes: dict[str, Any], fact: str) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(container_subject(**changes))


@pytest.mark.parametrize("profile", ["docker-default", "web-profile"])
def test_a_profile_passes(profile: str) -> None:
    outcome = RULE.judge(container_subject(apparmor_profile=profile, around=APPARMOR))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"AppArmorProfile": profile}


@pytest.mark.parametrize("options", [(), ("label=type:svirt_apache_t",), ("apparmor=docker-default",)])
def test_selinux_with_labels_passes(options: tuple[str, ...]) -> None:
    assert RULE.judge(container_subject(security_options=options, around=SELINUX)).status is Status.PASS
