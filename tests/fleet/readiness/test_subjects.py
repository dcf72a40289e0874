from __future__ import annotations

import pytest

from fleet.readiness.subjects import Surroundings
from fleet.readiness.vocabulary import Stage
from tests.builders import NOW, around, container_subject, host, host_subject, image


def test_images_that_were_never_seen_give_no_image() -> None:
    assert container_subject(around=Surroundings(host=host(), now=NOW)).image is None


@pytest.mark.parametrize("image_id", [None, "", "sha256:" + "b" * 64])
def test_an_unknown_image_id_gives_no_image(image_id: str | None) -> None:
    assert container_subject(image_id=image_id).image is None


def test_the_containers_own_image_is_found() -> None:
    subject = container_subject(around=around(images=(image(id="sha256:other"), image())))
    assert subject.image == image()


@pytest.mark.parametrize("labels", [None, {}, {"loadline.role": ""}, {"loadline.role": " , "}, {"role": "edge"}])
def test_no_label_is_no_role(labels: dict[str, str] | None) -> None:
    assert container_subject(labels=labels).roles == frozenset()


def test_roles_are_separated_by_commas_in_any_case() -> None:
    assert container_subject(labels={"loadline.role": "Edge, cache,"}).roles == {"edge", "cache"}


def test_the_older_label_counts_where_the_own_one_is_missing() -> None:
    assert container_subject(labels={"readiness.role": "job"}).roles == {"job"}
    assert container_subject(labels={"loadline.role": "edge", "readiness.role": "job"}).roles == {"edge"}


def test_a_host_without_a_stage_is_judged_as_production() -> None:
    assert Surroundings(host=host(), now=NOW).stage is Stage.PRODUCTION


def test_a_hosts_facts_are_those_around_it() -> None:
    subject = host_subject(name="other")
    assert subject.facts is subject.around.host
    assert subject.facts.name == "other"
