"""Components as engines of the field tell of them."""

from __future__ import annotations

import pytest

from fleet.inventory import Component, HostFacts
from fleet.inventory.builds import Build, containerd_of, engine_of, runc_of
from fleet.inventory.versions import Version

DOCKER = HostFacts(
    kind="docker",
    engine_version="29.7.2",
    engine_commit="1a2b3c4",
    components=(Component("Engine", "29.7.2"), Component("containerd", "v2.3.6"), Component("runc", "1.4.3")),
    containerd_commit="4a1f6c2d9b7e0c3358d1f0a6be92c7745e1d8f30",
    runc_commit="v1.4.3-0-g7d1c2e9",
)
DEBIAN = HostFacts(
    kind="docker",
    engine_version="20.10.24+dfsg1",
    engine_commit="5d6db84",
    components=(
        Component("Engine", "20.10.24+dfsg1"),
        Component("containerd", "1.6.20~ds1"),
        Component("runc", "1.1.5+ds1"),
    ),
    containerd_commit="1.6.20~ds1-1+deb12u3",
    runc_commit="1.1.5+ds1-1+deb12u1",
)
UBUNTU = HostFacts(
    kind="docker",
    engine_version="24.0.7",
    engine_commit="24.0.7-0ubuntu4.1",
    components=(
        Component("Engine", "24.0.7"),
        Component("containerd", "1.7.12"),
        Component("runc", "1.1.12-0ubuntu3.1"),
    ),
)
PODMAN = HostFacts(
    kind="podman",
    engine_version="4.3.1",
    components=(
        Component("Podman Engine", "4.3.1"),
        Component("OCI Runtime (runc)", "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev"),
    ),
)


def builds(host: HostFacts) -> dict[str, Build]:
    found = (engine_of(host), containerd_of(host), runc_of(host))
    return {build.component: build for build in found if build}


def test_a_silent_engine_has_none() -> None:
    assert builds(HostFacts(kind="docker")) == {}


def test_dockers_own_packages_are_upstreams() -> None:
    assert {name: (one.number, one.foreign) for name, one in builds(DOCKER).items()} == {
        "engine": ("29.7.2", False),
        "containerd": ("2.3.6", False),
        "runc": ("1.4.3", False),
    }


def test_debians_suffixes_and_packages_are_told() -> None:
    found = builds(DEBIAN)
    assert all(build.foreign for build in found.values())
    assert [found[name].package for name in ("engine", "containerd", "runc")] == [
        None,
        "1.6.20~ds1-1+deb12u3",
        "1.1.5+ds1-1+deb12u1",
    ]
    assert (found["engine"].suffix, found["engine"].number) == ("+dfsg1", "20.10.24")


def test_ubuntus_plain_number_is_betrayed_by_the_commit_and_so_is_what_came_with_it() -> None:
    found = builds(UBUNTU)
    assert all(build.foreign for build in found.values())
    assert (found["engine"].text, found["engine"].suffix) == ("24.0.7", "-0ubuntu4.1")


def test_podman_tells_its_runcs_package_within_its_output() -> None:
    found = builds(PODMAN)
    assert found.keys() == {"podman", "runc"}
    assert (found["runc"].text, found["runc"].package) == ("1.1.5+ds1", "1.1.5+ds1-1+deb12u1")


def test_podman_with_another_runtime_has_no_runc() -> None:
    crun = (Component("OCI Runtime (crun)", "crun version 1.8.1\ncommit: f8a096b"),)
    assert runc_of(HostFacts(kind="podman", components=crun, runc_commit="")) is None


@pytest.mark.parametrize(("text", "number"), [("library-import", "library-import"), ("1.4.0-rc.3+dev", "1.4.0-rc.3")])
def test_the_number_is_upstreams_or_what_was_told(text: str, number: str) -> None:
    build = engine_of(HostFacts(kind="docker", engine_version=text))
    assert build is not None
    assert build.number == number


def test_the_commit_stands_in_for_a_version_that_cannot_be_read() -> None:
    build = runc_of(HostFacts(kind="docker", components=(Component("runc", "<unknown>"),), runc_commit="v1.1.11-0-g4b"))
    assert build is not None
    assert build.version == Version((1, 1, 11))
