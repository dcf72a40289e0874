from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import Mount, VolumeFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.datastore_on_tmpfs import DatastoreOnTmpfs
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, image, volume, volume_mount

RULE = DatastoreOnTmpfs()
DATA = "/var/lib/mysql"
IN_MEMORY = volume(options={"type": "tmpfs", "device": "tmpfs"})


def mysql(*, volumes: tuple[VolumeFacts, ...] | None = (), **changes: Any) -> ContainerSubject:
    facts = {"image_reference": "mysql:8", "exposed_ports": ("3306/tcp",), **changes}
    return container_subject(around=around(images=(image(declared_volumes=()),), volumes=volumes), **facts)


@pytest.mark.parametrize("path", [DATA, "/var/lib"])
def test_a_tmpfs_option_over_the_directory_fails(path: str) -> None:
    outcome = RULE.judge(mysql(tmpfs=(path,)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Mounts": {DATA: "tmpfs"}}


def test_a_tmpfs_mount_fails() -> None:
    assert RULE.judge(mysql(mounts=(Mount("tmpfs", DATA),))).status is Status.FAIL


def test_a_volume_that_is_a_tmpfs_in_disguise_fails() -> None:
    outcome = RULE.judge(mysql(mounts=(volume_mount(destination=DATA),), volumes=(IN_MEMORY,)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"Mounts": {DATA: "volume data"}}


def test_a_web_server_with_a_tmpfs_is_not_applicable() -> None:
    assert RULE.judge(container_subject(tmpfs=("/data",))).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("role", ["cache", "test"])
def test_what_may_be_lost_is_not_applicable(role: str) -> None:
    assert RULE.judge(mysql(tmpfs=(DATA,), labels={"loadline.role": role})).status is Status.NOT_APPLICABLE


def test_a_renamed_datastore_with_a_tmpfs_somewhere_is_unknown() -> None:
    assert RULE.judge(mysql(image_reference="acme/orders", tmpfs=("/srv/db",))).status is Status.UNKNOWN


def test_volumes_nobody_saw_are_a_missing_fact() -> None:
    subject = mysql(mounts=(volume_mount(destination=DATA),))
    with pytest.raises(MissingFactError, match="the volume data"):
        RULE.judge(subject)
    with pytest.raises(MissingFactError, match="/volumes"):
        RULE.judge(replace(subject, around=replace(subject.around, volumes=None)))


@pytest.mark.parametrize("changes", [{"mounts": None}, {"tmpfs": None}])
def test_unreported_mounts_are_a_missing_fact(changes: dict[str, None]) -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(mysql(**changes))


@pytest.mark.parametrize("options", [None, {}, {"type": "nfs", "o": "addr=10.0.0.1"}])
def test_an_ordinary_volume_passes(options: dict[str, str] | None) -> None:
    subject = mysql(mounts=(volume_mount(destination=DATA),), volumes=(volume(options=options),), tmpfs=("/tmp",))
    assert RULE.judge(subject).status is Status.PASS


def test_a_volume_inside_a_tmpfs_passes() -> None:
    subject = mysql(mounts=(volume_mount(destination=DATA),), volumes=(volume(),), tmpfs=("/var/lib",))
    assert RULE.judge(subject).status is Status.PASS


def test_a_volume_of_a_plugin_passes_without_a_look_at_its_options() -> None:
    assert RULE.judge(mysql(mounts=(volume_mount(destination=DATA, driver="flocker"),))).status is Status.PASS


def test_a_renamed_datastore_with_scratch_space_only_passes() -> None:
    assert RULE.judge(mysql(image_reference="acme/orders", tmpfs=("/tmp", "/run/mysqld"))).status is Status.PASS


def test_a_container_nobody_inspected_may_be_a_renamed_datastore() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.ExposedPorts"):
        RULE.judge(container_subject(exposed_ports=None))
