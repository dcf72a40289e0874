from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.trust.scan import MOST_KEPT, Severity, UnreadableReportError
from fleet.trust.scans.trivy import read
from tests.builders import DIGEST, IMAGE_ID
from tests.fleet.trust.scanners import NAME, trivy, trivy_document, trivy_hole


def test_a_report_says_which_image_when_and_how_many_holes_of_which_severity_have_a_fix() -> None:
    scan = read(
        trivy(
            trivy_hole("CVE-1", "MEDIUM"),
            trivy_hole("CVE-2", "CRITICAL", fixed=""),
            trivy_hole("CVE-3", "CRITICAL"),
            trivy_hole("CVE-4", "UNKNOWN", fixed=""),
        )
    )
    assert (scan.scanner, scan.version, scan.name, scan.architecture) == ("trivy", "0.68.2", NAME, "amd64")
    assert (scan.image_id, scan.digests) == (IMAGE_ID, (DIGEST,))
    assert scan.made_at == datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)
    assert (scan.system, scan.ended, scan.recognised) == ("alpine 3.20.3", False, True)
    assert {one.severity: (one.holes, one.fixable) for one in scan.tallies} == {
        Severity.CRITICAL: (2, 1),
        Severity.MEDIUM: (1, 1),
        Severity.UNKNOWN: (1, 0),
    }
    assert [hole.id for hole in scan.worst] == ["CVE-3", "CVE-2", "CVE-1", "CVE-4"]
    assert (scan.worst[0].package, scan.worst[0].version, scan.worst[0].fixed) == (
        "libssl1.1",
        "1.1.1c-r0",
        "1.1.1d-r0",
    )
    assert (scan.holes, scan.fixable) == (4, 2)


def test_of_many_holes_the_worst_are_kept_and_all_are_counted() -> None:
    scan = read(trivy(*(trivy_hole(f"CVE-{n}", "LOW") for n in range(MOST_KEPT + 5)), trivy_hole("CVE-X", "HIGH")))
    assert scan.holes == MOST_KEPT + 6
    assert len(scan.worst) == MOST_KEPT
    assert scan.worst[0].id == "CVE-X"


def test_older_versions_tell_neither_their_own_nor_that_a_distribution_ended() -> None:
    document = trivy_document()
    del document["Trivy"]
    document["Metadata"]["OS"]["EOSL"] = True
    scan = read(json.dumps(document).encode())
    assert (scan.version, scan.ended, scan.database_at) == ("", True, None)


def test_what_it_was_told_to_leave_out_is_counted_apart() -> None:
    left = {"Type": "vulnerability", "Status": "ignored", "Source": ".trivyignore", "Finding": trivy_hole()}
    other = {"Type": "secret", "Status": "ignored", "Finding": {}}
    document = trivy_document()
    document["Results"][0]["ExperimentalModifiedFindings"] = [left, other]
    assert read(json.dumps(document).encode()).ignored == 1


@pytest.mark.parametrize("results", [None, [], [{"Target": "x", "Class": "secret"}]])
def test_a_scan_for_something_else_recognised_nothing(results: Any) -> None:
    assert not read(trivy(Results=results)).recognised


def test_fixed_versions_of_nothing_but_blanks_are_no_fix() -> None:
    assert not read(trivy(trivy_hole(fixed=" "))).worst[0].fixable


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"SchemaVersion": 1}, "schema version 1"),
        ({"ArtifactType": "filesystem"}, "scanned filesystem and no image"),
        ({"ArtifactType": "cyclonedx"}, "scanned cyclonedx and no image"),
        ({"CreatedAt": ""}, "does not tell when"),
        ({"CreatedAt": "2026-11-23T10:00:00"}, "does not tell when"),
        ({"Metadata": {"RepoTags": [NAME]}}, "names no image ID"),
        ({"Metadata": {"ImageID": "web:1.4"}}, "names no image ID"),
        ({"Results": {"a": 1}}, "cannot be read"),
        ({"Results": [{"Vulnerabilities": [{"Severity": 3}]}]}, "cannot be read"),
    ],
)
def test_what_cannot_be_tied_to_an_image_and_a_day_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableReportError, match=why):
        read(trivy(**changes))


def test_what_strangers_wrote_is_kept_short_and_printable() -> None:
    hole = read(trivy(trivy_hole(Title="a\x00b\x1b[31m" + "x" * 5000, PkgName="\ufffd\x00"))).worst[0]
    assert len(hole.title) < 300
    assert hole.title.startswith("ab[31mx")
    assert hole.package == "\ufffd"
