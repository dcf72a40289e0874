from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.anonymous_volume import AnonymousVolume
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, bind_mount, container_subject, volume, volume_mount

RULE = AnonymousVolume()
GENERATED = "0123456789abcdef" * 4


def test_a_generated_name_fails() -> None:
    outcome = RULE.judge(container_subject(mounts=(volume_mount(GENERATED),)))
    assert outcome.status is Status.FAIL
    assert outcome.severity is None
    assert outcome.evidence == {"Mounts": {"/data": GENERATED}}


def test_the_engines_label_fails_whatever_the_name() -> None:
    labelled = volume(name="odd", labels={"com.docker.volume.anonymous": ""})
    subject = container_subject(mounts=(volume_mount("odd"),), around=around(volumes=(labelled,)))
    assert RULE.judge(subject).status is Status.FAIL


def test_a_container_that_removes_itself_makes_it_critical() -> None:
    outcome = RULE.judge(container_subject(mounts=(volume_mount(GENERATED),), auto_remove=True))
    assert outcome.severity is Severity.CRITICAL


def test_one_nameless_volume_among_named_ones_fails() -> None:
    mounts = (volume_mount("named"), volume_mount(GENERATED, "/log"))
    outcome = RULE.judge(container_subject(mounts=mounts))
    assert outcome.evidence == {"Mounts": {"/log": GENERATED}}


def test_a_cache_is_not_applicable() -> None:
    subject = container_subject(mounts=(volume_mount(GENERATED),), labels={"loadline.role": "cache"})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_a_volume_that_is_only_read_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(mounts=(volume_mount(GENERATED, writable=False),))).status is Status.NOT_APPLICABLE
    )


def test_a_container_without_volumes_is_not_applicable() -> None:
    assert RULE.judge(container_subject(mounts=(bind_mount("/srv"),))).status is Status.NOT_APPLICABLE


def test_unreported_mounts_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Mounts"):
        RULE.judge(container_subject(mounts=None))


def test_whether_it_removes_itself_must_be_known() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.AutoRemove"):
        RULE.judge(container_subject(mounts=(volume_mount(GENERATED),), auto_remove=None))


@pytest.mark.parametrize("name", ["data", "shop_data", GENERATED[:63], GENERATED.upper()])
def test_a_name_that_somebody_chose_passes(name: str) -> None:
    assert RULE.judge(container_subject(mounts=(volume_mount(name),))).status is Status.PASS
