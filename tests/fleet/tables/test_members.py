from __future__ import annotations

from dataclasses import dataclass

from fleet.inventory import ContainerFacts, ImageFacts, Mount
from fleet.tables import Tables
from fleet.tables.members import data_volumes, family_of
from tests.builders import container, image

TABLE = Tables.shipped().datastores


@dataclass(frozen=True)
class Running:
    facts: ContainerFacts
    image: ImageFacts | None = None


def test_a_service_of_ordinary_containers_replicates_nothing() -> None:
    assert family_of([Running(container())], TABLE) is None


def test_a_program_that_runs_alone_is_no_family_that_replicates() -> None:
    assert family_of([Running(container(image_reference="postgres:16"))], TABLE) is None


def test_one_member_that_votes_makes_a_quorum() -> None:
    family = family_of([Running(container()), Running(container(image_reference="quay.io/coreos/etcd:v3.5"))], TABLE)
    assert family is not None
    assert family.replicates == "quorum"


def test_an_ordinary_containers_volume_holds_no_datastores_data() -> None:
    facts = container(mounts=(Mount("volume", "/cache", name="cache"),))
    assert data_volumes(facts, image(), TABLE) == ()


def test_only_volumes_that_can_be_written_hold_data() -> None:
    mounts = (
        Mount("volume", "/var/lib/postgresql/data", name="data"),
        Mount("volume", "/etc/certificates", name="certificates", writable=False),
        Mount("bind", "/backup", source="/srv/backup"),
    )
    facts = container(image_reference="postgres:16", mounts=mounts)
    assert [mount.name for mount in data_volumes(facts, image(), TABLE)] == ["data"]
