"""Of each image and scanner the newest report is kept, and judged with the next sweep of the hosts it is about."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fleet.assessment import add_up_marked, assess_host
from fleet.models import Finding, Host, Image, ScannedDigest, ScanReport
from fleet.proving import Fate, keep_scan, preview_scan, remove_scan
from fleet.proving.scans import MOST_TOLD, is_stale, matched, newest_on, stale_before
from fleet.trust.scan import Scan
from fleet.trust.scan_reading import read_scan
from tests.builders import DIGEST, IMAGE_ID, NOW, container, image
from tests.fleet.trust.scanners import grype, grype_document, trivy, trivy_hole
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
OTHER = "sha256:" + "e" * 64


def scan(*holes: dict[str, Any], ago: timedelta = timedelta(hours=1), **told: Any) -> Scan:
    return read_scan(trivy(*holes, CreatedAt=(NOW - ago).isoformat(), **told), NOW)


def kept(*holes: dict[str, Any], **told: Any) -> Fate:
    return keep_scan(scan(*holes, **told), by="ci", now=NOW).fate


def said(host: Host) -> list[tuple[str, str]]:
    """Status and severity of what the rule says of images there, judged anew."""
    assess_host(host.pk, now=NOW)
    add_up_marked(NOW)
    found = Finding.objects.filter(host=host, rule="vulnerability-scan")
    return list(found.values_list("status", "severity"))


def test_the_newest_by_its_own_date_is_kept_and_the_same_one_changes_nothing() -> None:
    assert kept(trivy_hole(), ago=timedelta(hours=2)) is Fate.NEW
    assert kept(trivy_hole(), ago=timedelta(hours=2)) is Fate.SAME
    assert kept(ago=timedelta(hours=3)) is Fate.OLDER
    assert ScanReport.objects.get().critical_fixable == 1
    assert kept(trivy_hole(severity="HIGH"), ago=timedelta(hours=1)) is Fate.NEWER
    row = ScanReport.objects.get()
    assert (row.critical, row.high, row.high_fixable, row.sent_by) == (0, 1, 1, "ci")
    assert row.read() == scan(trivy_hole(severity="HIGH"))
    assert set(ScannedDigest.objects.values_list("digest", flat=True)) == {IMAGE_ID, DIGEST}


def test_two_scanners_each_keep_theirs_and_the_newest_counts() -> None:
    keep_scan(scan(trivy_hole(), ago=timedelta(days=2)), by="ci", now=NOW)
    keep_scan(read_scan(grype(), NOW), by="ci", now=NOW)
    swept(host_row(), container(), images=(image(),))
    assert ScanReport.objects.count() == 2
    (found,) = newest_on(Image.objects.all()).values()
    assert found.scanner == "grype"


def test_a_report_that_comes_has_its_image_judged_with_the_next_sweep() -> None:
    host = swept(host_row(), container(), images=(image(),))
    other = swept(host_row("prod-02"), container(image_id=OTHER), images=(image(id=OTHER),))
    before = {row.pk: row.judge_again_at for row in Host.objects.all()}
    received = keep_scan(scan(trivy_hole()), by="ci", now=NOW)
    assert (received.matched.hosts, received.matched.containers) == (1, 1)
    after = {row.pk: row.judge_again_at for row in Host.objects.all()}
    assert after[host.pk] == NOW
    assert after[other.pk] == before[other.pk]


def test_what_it_is_about_is_told_by_name_with_its_containers() -> None:
    for number in range(3):
        swept(
            host_row(f"prod-{number}"),
            container(),
            container(id="f" * 64, name="second"),
            images=(image(), image(id=OTHER, digests=())),
        )
    received = preview_scan(scan(trivy_hole()))
    assert (received.matched.hosts, received.matched.containers) == (3, 6)
    assert received.matched.names == (("registry.internal/web:1.4", 6),)
    assert not ScanReport.objects.exists()
    assert not matched(scan(Metadata={"ImageID": OTHER.replace("e", "f")}))
    assert MOST_TOLD > 3


def test_another_image_by_the_same_index_is_not_it_and_one_of_the_containerd_store_is() -> None:
    swept(host_row("arm"), container(image_id=OTHER), images=(image(id=OTHER, architecture="arm64"),))
    swept(
        host_row("new"),
        container(image_id=DIGEST),
        images=(image(id=DIGEST, containerd_store=True, digests=(f"registry.internal/web@{DIGEST}",)),),
    )
    keep_scan(scan(trivy_hole()), by="ci", now=NOW)
    assert {row.host.name for row in Image.objects.filter(pk__in=newest_on(Image.objects.all()))} == {"new"}


def test_a_host_without_the_image_is_told_nothing() -> None:
    swept(host_row(), container(image_id=OTHER), images=(image(id=OTHER, digests=()),))
    keep_scan(scan(trivy_hole()), by="ci", now=NOW)
    assert newest_on(Image.objects.all()) == {}
    assert newest_on([]) == {}


def test_one_that_is_taken_away_says_nothing_any_more() -> None:
    host = swept(host_row(), container(), images=(image(),))
    keep_scan(scan(trivy_hole()), by="ci", now=NOW)
    Host.objects.update(judge_again_at=NOW + timedelta(hours=1))
    remove_scan(ScanReport.objects.get(), now=NOW)
    assert not ScannedDigest.objects.exists()
    host.refresh_from_db()
    assert host.judge_again_at == NOW


def test_what_the_pages_call_stale_is_what_the_list_filters_by() -> None:
    for hours in range(0, 24 * 10, 5):
        moment = NOW - timedelta(hours=hours)
        assert is_stale(moment, NOW, 7) is (moment < stale_before(NOW, 7))


def test_a_database_older_than_the_scan_is_what_counts() -> None:
    document = grype_document()
    document["descriptor"]["db"]["status"]["built"] = "2026-10-01T00:00:00Z"
    keep_scan(read_scan(json.dumps(document).encode(), NOW), by="ci", now=NOW)
    assert ScanReport.objects.get().as_of.date().isoformat() == "2026-10-01"
