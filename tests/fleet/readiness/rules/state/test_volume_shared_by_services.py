from __future__ import annotations

from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.volume_shared_by_services import VolumeSharedByServices
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import container, container_subject, volume_mount, volume_subject

RULE = VolumeSharedByServices()


def user(name: str, service: str | None = None, *, writable: bool | None = True, **changes: Any) -> ContainerSubject:
    mounts = (volume_mount("data", writable=writable),)
    facts = container(**{"id": name.ljust(64, "0"), "name": name, "mounts": mounts, **changes})
    return container_subject(facts, service=service)


def test_two_services_that_write_fail() -> None:
    outcome = RULE.judge(volume_subject(user("web-1", "web"), user("job-1", "job")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Mounts[].RW": {"web-1": "web", "job-1": "job"}}


def test_services_are_told_apart_by_label_when_nobody_named_them() -> None:
    first, second = (user(name, labels={"loadline.service": name}) for name in ("a", "b"))
    assert RULE.judge(volume_subject(first, second)).status is Status.FAIL


def test_two_copies_of_one_datastore_fail() -> None:
    copies = [user(f"db-{number}", "db", image_reference="postgres:16") for number in (1, 2)]
    outcome = RULE.judge(volume_subject(*copies))
    assert outcome.status is Status.FAIL
    assert "copies of the datastore" in outcome.reason


def test_another_driver_is_not_applicable() -> None:
    subject = volume_subject(user("a", "a"), user("b", "b"), driver="portworx")
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_sharing_on_purpose_is_not_applicable() -> None:
    subject = volume_subject(user("a", "a"), user("b", "b"), labels={"loadline.role": "shared"})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="Driver"):
        RULE.judge(volume_subject(driver=None))


def test_whether_a_mount_is_written_must_be_known() -> None:
    with pytest.raises(MissingFactError, match="RW"):
        RULE.judge(volume_subject(user("a", "a", writable=None)))


def test_one_writer_and_any_number_of_readers_pass() -> None:
    subject = volume_subject(user("a", "a"), user("b", "b", writable=False), user("c", "c", writable=False))
    assert RULE.judge(subject).status is Status.PASS


def test_a_stopped_writer_does_not_count() -> None:
    assert RULE.judge(volume_subject(user("a", "a"), user("b", "b", state="exited"))).status is Status.PASS


def test_copies_of_a_web_service_may_share() -> None:
    assert RULE.judge(volume_subject(user("web-1", "web"), user("web-2", "web"))).status is Status.PASS


def test_a_volume_nobody_uses_passes() -> None:
    assert RULE.judge(volume_subject()).status is Status.PASS
