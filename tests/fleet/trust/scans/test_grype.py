from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.trust.scan import Severity, UnreadableReportError
from fleet.trust.scans.grype import read
from tests.builders import DIGEST, IMAGE_ID
from tests.fleet.trust.scanners import NAME, grype, grype_document, grype_hole


def test_a_report_says_which_image_when_by_which_database_and_what_has_a_fix() -> None:
    scan = read(
        grype(
            grype_hole("CVE-1", "Negligible", fixed=()),
            grype_hole("CVE-2", "High"),
            grype_hole("CVE-3", "High", fixed=(), state="wont-fix"),
            grype_hole("CVE-4", "Critical", fixed=("3.0", "3.1")),
        )
    )
    assert (scan.scanner, scan.version, scan.name, scan.architecture) == ("grype", "0.104.0", NAME, "amd64")
    assert (scan.image_id, scan.digests, scan.system) == (IMAGE_ID, (DIGEST,), "debian 12")
    assert scan.made_at == datetime(2026, 11, 23, 13, 20, 30, 123456, tzinfo=UTC)
    assert scan.database_at == scan.as_of == datetime(2026, 11, 22, 6, 10, tzinfo=UTC)
    assert {one.severity: (one.holes, one.fixable) for one in scan.tallies} == {
        Severity.CRITICAL: (1, 1),
        Severity.HIGH: (2, 1),
        Severity.NEGLIGIBLE: (1, 0),
    }
    assert [(hole.id, hole.fixed) for hole in scan.worst[:2]] == [("CVE-4", "3.0, 3.1"), ("CVE-2", "2.1")]


def test_older_versions_tell_the_database_elsewhere() -> None:
    document = grype_document()
    document["descriptor"]["db"] = {"built": "2025-01-02T03:04:05Z", "schemaVersion": 5, "location": "/x"}
    assert read(json.dumps(document).encode()).database_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_wont_fix_with_a_version_has_no_fix_and_one_without_a_state_has() -> None:
    refused, told = grype_hole("CVE-1", state="wont-fix"), grype_hole("CVE-2")
    told["vulnerability"]["fix"]["state"] = ""
    assert {hole.id: hole.fixable for hole in read(grype(refused, told)).worst} == {"CVE-1": False, "CVE-2": True}


def test_matches_that_it_was_told_to_ignore_are_counted_apart() -> None:
    ignored = {**grype_hole(), "appliedIgnoreRules": [{"vulnerability": "CVE-2026-2000"}]}
    scan = read(grype(ignoredMatches=[ignored]))
    assert (scan.ignored, scan.holes) == (1, 0)


def test_without_a_distribution_and_without_a_match_it_knew_nothing_of_what_is_inside() -> None:
    assert not read(grype(distro={"name": "", "version": "", "idLike": None})).recognised
    assert read(grype()).recognised


def test_where_it_tells_no_image_id_the_manifest_is_the_image() -> None:
    document = grype_document()
    document["source"]["target"]["imageID"] = ""
    assert read(json.dumps(document).encode()).image_id == DIGEST


def test_no_matches_at_all_are_written_as_null_by_some_versions() -> None:
    assert read(grype(matches=None)).holes == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source": {"type": "directory", "target": "/srv"}}, "scanned directory and no image"),
        ({"source": None}, "and no image"),
        ({"source": {"type": "image", "target": "web:1.4"}}, "source.target"),
        ({"source": {"type": "image", "target": {"userInput": NAME}}}, "names no image ID"),
        ({"descriptor": {"name": "grype", "version": "0.60.0"}}, "does not tell when"),
        ({"matches": [{"vulnerability": {}}]}, "cannot be read"),
    ],
)
def test_what_cannot_be_tied_to_an_image_and_a_day_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableReportError, match=why):
        read(grype(**changes))
