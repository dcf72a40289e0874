from __future__ import annotations

from typing import Any

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.state.state_in_writable_layer import StateInWritableLayer
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Status
from tests.builders import around, bind_mount, container_subject, image, volume_mount

RULE = StateInWritableLayer()
DATA = "/var/lib/postgresql/data"


def postgres(*, declared: tuple[str, ...] = (), **changes: Any) -> ContainerSubject:
    facts = {"image_reference": "postgres:16", "exposed_ports": ("5432/tcp",), **changes}
    return container_subject(around=around(images=(image(declared_volumes=declared),)), **facts)


def test_a_known_datastore_without_any_mount_fails() -> None:
    outcome = RULE.judge(postgres())
    assert outcome.status is Status.FAIL
    assert DATA in outcome.reason
    assert outcome.evidence == {"Config.Image": "postgres:16", "Mounts[].Destination": []}


@pytest.mark.parametrize("destination", ["/var/lib/postgresql/data/pg_wal", "/backup", "/var/lib/postgresql/database"])
def test_a_mount_that_does_not_cover_the_directory_fails(destination: str) -> None:
    outcome = RULE.judge(postgres(mounts=(volume_mount(destination=destination),)))
    assert outcome.status is Status.FAIL


def test_one_uncovered_directory_of_several_fails() -> None:
    subject = postgres(image_reference="mongo:7", mounts=(volume_mount(destination="/data/db"),))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert "/data/configdb" in outcome.reason


def test_the_owners_own_directory_is_looked_for() -> None:
    subject = container_subject(labels={"loadline.data-directory": "/srv/ledger"}, mounts=(volume_mount(),))
    assert RULE.judge(subject).status is Status.FAIL


def test_an_ordinary_web_server_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("role", ["cache", "ephemeral", "test", "cache,edge"])
def test_what_may_be_lost_is_not_applicable(role: str) -> None:
    assert RULE.judge(postgres(labels={"loadline.role": role})).status is Status.NOT_APPLICABLE


def test_a_renamed_datastore_without_declared_volumes_is_unknown() -> None:
    outcome = RULE.judge(postgres(image_reference="acme/orders-db:3"))
    assert outcome.status is Status.UNKNOWN
    assert "loadline.data-directory" in outcome.reason


def test_a_program_that_is_told_its_directory_is_unknown_when_mounts_are_elsewhere() -> None:
    etcd = {"image_reference": "quay.io/coreos/etcd:v3.5", "exposed_ports": ("2379/tcp",)}
    assert RULE.judge(postgres(**etcd, mounts=(volume_mount(),))).status is Status.UNKNOWN
    assert RULE.judge(postgres(**etcd)).status is Status.FAIL


@pytest.mark.parametrize("changes", [{"mounts": None}, {"tmpfs": None}])
def test_unreported_mounts_are_a_missing_fact(changes: dict[str, None]) -> None:
    with pytest.raises(MissingFactError, match="Mounts"):
        RULE.judge(postgres(**changes))


@pytest.mark.parametrize("destination", [DATA, "/var/lib/postgresql", "/var/lib"])
def test_a_volume_on_or_above_the_directory_passes(destination: str) -> None:
    assert RULE.judge(postgres(mounts=(volume_mount(destination=destination),))).status is Status.PASS


def test_a_bind_mount_passes() -> None:
    assert RULE.judge(postgres(mounts=(bind_mount("/srv/pg", DATA),))).status is Status.PASS


def test_a_tmpfs_passes_here_because_another_rule_judges_it() -> None:
    assert RULE.judge(postgres(tmpfs=(DATA,))).status is Status.PASS


def test_a_renamed_datastore_that_declares_its_volume_passes_on_a_mount() -> None:
    subject = postgres(declared=(DATA,), image_reference="acme/orders-db:3", mounts=(volume_mount(destination=DATA),))
    assert RULE.judge(subject).status is Status.PASS


def test_a_container_nobody_inspected_may_be_a_renamed_datastore() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.ExposedPorts"):
        RULE.judge(container_subject(exposed_ports=None))
