from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from fleet.engines.reading import image
from fleet.inventory import HostFacts, ImageFacts
from tests.fleet.engines.recordings import recorded

DOCKER = recorded("docker-20.10")
ENTRY = DOCKER["/images/json"][0]
DETAIL = DOCKER[f"/images/{ENTRY['Id']}/json"]


def read(entry: dict[str, Any], detail: dict[str, Any] | None, **host: Any) -> ImageFacts:
    machine = HostFacts(**{"kind": "docker", "storage_status": {"Backing Filesystem": "extfs"}} | host)
    return image.from_replies(entry, detail, identity="sha256:x", host=machine)


def changed(reply: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(reply) | changes


def test_a_used_image_is_read_in_full() -> None:
    facts = read(ENTRY, DETAIL)
    assert (facts.tags, facts.digests, facts.layers) == (("busybox:local",), (), 1)
    assert (facts.architecture, facts.comment, facts.declared_volumes) == ("amd64", "Imported from -", ())
    assert (facts.inspected, facts.containerd_store) == (True, False)
    assert (facts.pulled_from, facts.built_here) == (None, None)
    assert facts.created_at == datetime(2026, 11, 24, 2, 19, 58, 511507, tzinfo=UTC)


def test_an_unused_image_is_known_from_the_list_alone() -> None:
    facts = read(ENTRY, None)
    assert facts.tags == ("busybox:local",)
    assert (facts.inspected, facts.declared_volumes, facts.layers, facts.comment) == (False, None, None, None)


def test_an_untagged_image_has_no_tags_and_no_digests() -> None:
    facts = read(changed(ENTRY, RepoTags=["<none>:<none>"], RepoDigests=["<none>@<none>"]), None)
    assert (facts.tags, facts.digests) == ((), ())


def test_a_containerd_store_shows_by_its_descriptor_or_its_driver() -> None:
    assert read(changed(ENTRY, Descriptor={"mediaType": "application/x"}), None).containerd_store is True
    status = {"driver-type": "io.containerd.snapshotter.v1"}
    assert read(ENTRY, None, storage_status=status).containerd_store is True
    assert read(ENTRY, None, storage_status=None).containerd_store is None
    assert read(ENTRY, None, kind="podman").containerd_store is None


def test_where_the_engine_pulled_it_from_survives_a_new_tag() -> None:
    identity = {"Pull": [{"Repository": "docker.io/library/nginx"}]}
    facts = read(ENTRY, changed(DETAIL, Identity=identity))
    assert (facts.pulled_from, facts.built_here, facts.signatures) == (("docker.io/library/nginx",), False, 0)


def test_signatures_are_counted_that_the_engine_could_verify() -> None:
    identity = {"Signature": [{"Name": "Docker"}, {"Error": "no such key"}, {"Name": "GitHub", "Error": ""}]}
    assert read(ENTRY, changed(DETAIL, Identity=identity)).signatures == 2
    assert read(ENTRY, changed(DETAIL, Identity={"Signature": "odd"})).signatures is None
    assert read(ENTRY, DETAIL).signatures is None


def test_declared_volumes_are_the_sorted_keys() -> None:
    detail = changed(DETAIL, Config={"Volumes": {"/z": {}, "/a": {}}, "Labels": {"token": "hunter2"}})
    facts = read(ENTRY, detail)
    assert facts.declared_volumes == ("/a", "/z")
    assert "hunter2" not in repr(facts)
