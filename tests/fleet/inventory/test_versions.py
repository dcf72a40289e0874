from __future__ import annotations

import pytest

from fleet.inventory.versions import Version


@pytest.mark.parametrize("text", ["", None, "unknown", "51d5e94", "v"])
def test_a_text_without_a_version_is_none(text: str | None) -> None:
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    "text",
    ["1.1.5+ds1", "1.1.5+ds1-1+deb12u1", "1.6.20~ds1-1+deb12u3", "1.1.12-0ubuntu3.1", "1.1.12-1.el9", "1.0.0-rc6+dev"],
)
def test_a_distributions_suffix_marks_a_patched_build(text: str) -> None:
    version = Version.parse(text)
    assert version is not None
    assert version.patched


@pytest.mark.parametrize("text", ["20.10.17-ce", "18.09.9-ce", "4.9.4-rhel", "18.06.1-ce+mine"])
def test_an_edition_behind_a_release_that_had_none_any_more_is_a_distributions(text: str) -> None:
    version = Version.parse(text)
    assert version is not None
    assert version.patched


@pytest.mark.parametrize("text", ["1.1.12", "v1.1.12", "v1.1.12-0-g51d5e946", "1.4.0-rc.3", "18.06.3-ce", "17.09.1-ce"])
def test_upstreams_own_releases_are_not_patched(text: str) -> None:
    version = Version.parse(text)
    assert version is not None
    assert not version.patched


def test_versions_are_ordered_as_upstream_released_them() -> None:
    released = [
        "1.0.0-rc6",
        "1.0.0-rc7",
        "1.0.0~rc93+ds1",
        "1.0.0",
        "1.1",
        "1.1.5+ds1",
        "1.1.12",
        "1.4.0-rc.3",
        "1.4.0",
        "18.06.0-ce-rc2",
        "18.06.0-ce",
    ]
    orders = [version.order for text in released if (version := Version.parse(text))]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(released)
