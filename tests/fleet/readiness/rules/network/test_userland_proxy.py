from __future__ import annotations

from fleet.readiness.rules.network.userland_proxy import UserlandProxy
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = UserlandProxy()


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(host_subject(kind="podman")).status is Status.NOT_APPLICABLE


def test_what_the_engine_does_not_tell_is_unknown() -> None:
    assert RULE.judge(host_subject(labels=())).status is Status.UNKNOWN


def test_a_daemon_label_passes_as_a_claim() -> None:
    assert RULE.judge(host_subject(labels=("loadline.userland-proxy=off",))).status is Status.PASS
