"""Which image on which host a report is about: by content, and by a digest of an index only for its own platform."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.trust.scan import Scan, Severity, fits
from fleet.trust.scan_reading import read_scan
from tests.builders import DIGEST, IMAGE_ID, NOW
from tests.fleet.trust.scanners import grype, trivy

OTHER = "sha256:" + "e" * 64


def scan(**changes: Any) -> Scan:
    found = read_scan(trivy(), NOW)
    return Scan(**{**{name: getattr(found, name) for name in Scan.__struct_fields__}, **changes})


def about(found: Scan, **told: Any) -> bool:
    image = {"image_id": IMAGE_ID, "digests": (DIGEST,), "architecture": "amd64", "containerd": False, **told}
    return fits(found, **image)


def test_the_same_configuration_is_the_same_image_however_it_came() -> None:
    assert about(scan())
    assert about(scan(), digests=(), architecture=None)  # loaded from a file


def test_another_configuration_under_the_same_index_is_another_image() -> None:
    assert not about(scan(), image_id=OTHER)
    assert not about(scan(), image_id=OTHER, architecture="arm64")


@pytest.mark.parametrize(("architecture", "it_is"), [("amd64", True), ("arm64", False), (None, False)])
def test_on_the_containerd_store_an_index_is_it_for_the_platform_that_was_scanned(
    architecture: str | None, *, it_is: bool
) -> None:
    told = {"image_id": DIGEST, "digests": (DIGEST,), "containerd": True, "architecture": architecture}
    assert about(scan(), **told) is it_is
    assert about(scan(image_id=DIGEST), **told) is it_is


def test_a_report_without_a_platform_is_about_no_image_of_an_index() -> None:
    assert not about(scan(architecture=""), image_id=DIGEST, containerd=True)


def test_what_was_scanned_through_the_containerd_store_fits_where_it_was_pulled_by_the_same_digest() -> None:
    through = scan(image_id=DIGEST, digests=(DIGEST,))
    assert about(through)
    assert not about(through, digests=(OTHER,))
    assert not about(through, architecture="arm64")


def test_a_severity_nobody_knows_is_unknown() -> None:
    assert Severity.of("Important") is Severity.UNKNOWN
    assert Severity.of(" critical ") is Severity.CRITICAL


def test_both_scanners_say_the_same_of_one_image() -> None:
    first, second = read_scan(trivy(), NOW), read_scan(grype(), NOW)
    assert (first.image_id, first.digests, first.keys) == (second.image_id, second.digests, second.keys)
