"""Scanners' reports on pages: previewed before they are kept, found again, and said stale when they are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.roles import OPERATORS
from dashboard.scan_forms import sealed, unsealed
from fleet.models import ScanReport
from fleet.proving import keep_scan
from fleet.trust.scan_reading import read_scan
from tests.builders import NOW, container, image
from tests.fleet.trust.scanners import grype, trivy, trivy_hole
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after", "kept_counts")]


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("otto")
    user.groups.add(Group.objects.get(name=OPERATORS))
    client.force_login(user)
    return client


def upload(client: Client, body: bytes) -> str:
    reply = client.post("/trust/scans/add/", {"file": SimpleUploadedFile("report.json", body)})
    assert reply.status_code == 200
    return reply.content.decode()


def seal_in(page: str) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_report_is_previewed_with_what_it_is_about_and_kept_on_a_second_word(operator: Client) -> None:
    swept(host_row(), container(), images=(image(),))
    page = upload(operator, trivy(trivy_hole(), trivy_hole("CVE-2", "HIGH", fixed="")))
    assert "Nothing is stored yet" in page
    assert "1 critical with a fix" in page
    assert "CVE-2026-1000" in page
    assert 'href="/containers/?image=registry.internal%2Fweb"' in page
    assert not ScanReport.objects.exists()
    reply = operator.post("/trust/scans/add/", {"seal": seal_in(page)})
    row = ScanReport.objects.get()
    assert (reply.status_code, reply["Location"]) == (302, f"/trust/scans/{row.pk}/")
    assert (row.sent_by, row.critical, row.high, row.high_fixable) == ("otto", 1, 1, 0)
    assert "CVE-2026-1000" in operator.get(reply["Location"]).content.decode()


def test_what_cannot_be_read_is_said_beside_the_file(operator: Client) -> None:
    assert "list of parts" in upload(operator, b'{"bomFormat": "CycloneDX"}')
    assert "Choose the file" in operator.post("/trust/scans/add/").content.decode()
    assert "empty" in upload(operator, b"")


def test_one_that_is_kept_already_and_an_older_one_cannot_be_stored(operator: Client) -> None:
    keep_scan(read_scan(trivy(trivy_hole()), NOW), by="ci", now=NOW)
    same = upload(operator, trivy(trivy_hole()))
    older = upload(operator, trivy(CreatedAt=(NOW - timedelta(days=3)).isoformat()))
    assert "kept already" in same
    assert "would not count" in older
    assert 'name="seal"' not in same + older
    page = upload(operator, trivy(CreatedAt=NOW.isoformat()))
    assert "replaces the older report" in page


def test_nobody_can_send_a_preview_that_loadline_did_not_make(operator: Client) -> None:
    scan = read_scan(trivy(), NOW)
    seal = sealed(scan)
    assert unsealed(seal) == scan
    assert unsealed(seal[:-2] + "xx") is None
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert unsealed(seal) is None
    reply = operator.post("/trust/scans/add/", {"seal": "x"})
    assert (reply.status_code, reply["Location"]) == (302, "/trust/scans/add/")
    assert not ScanReport.objects.exists()


def test_the_list_says_what_each_report_says_and_filters_by_it(operator: Client) -> None:
    reports: dict[str, bytes] = {
        "fails": trivy(trivy_hole(), ArtifactName="registry.internal/bad:1"),
        "passes": trivy(ArtifactName="registry.internal/good:1", **_image("b")),
        "stale": trivy(ArtifactName="registry.internal/old:1", CreatedAt="2026-11-01T00:00:00Z", **_image("c")),
    }
    for body in reports.values():
        keep_scan(read_scan(body, NOW), by="ci", now=NOW)
    everything = operator.get("/trust/scans/").content.decode()
    for name in ("bad", "good", "old"):
        assert f"registry.internal/{name}:1" in everything
    for says, name in (("fails", "bad"), ("passes", "good"), ("stale", "old")):
        page = operator.get(f"/trust/scans/?says={says}").content.decode()
        assert re.findall(r"registry\.internal/(\w+):1", page) == [name], says
    by_digest = operator.get(f"/trust/scans/?q=sha256:{'b' * 64}").content.decode()
    assert re.findall(r"registry\.internal/(\w+):1", by_digest) == ["good"]
    rows = operator.get("/trust/scans/?format=csv").content.decode().splitlines()
    assert len(rows) == 4
    assert ",Stale," in rows[3] or ",Stale," in "".join(rows)


def _image(letter: str) -> dict[str, Any]:
    return {"Metadata": {"ImageID": f"sha256:{letter * 64}", "ImageConfig": {"architecture": "amd64"}}}


def test_without_any_report_the_list_says_how_one_comes(operator: Client, client: Client) -> None:
    page = operator.get("/trust/scans/").content.decode()
    assert "No scan yet" in page
    assert 'href="/trust/scans/add/"' in page
    client.force_login(User.objects.create_user("vera"))
    assert 'href="/trust/scans/add/"' not in client.get("/trust/scans/").content.decode()


def test_a_report_that_says_nothing_says_why(operator: Client) -> None:
    keep_scan(read_scan(trivy(Results=[]), NOW), by="ci", now=NOW)
    keep_scan(read_scan(grype(), NOW), by="ci", now=NOW)
    silent, other = ScanReport.objects.get(scanner="trivy"), ScanReport.objects.get(scanner="grype")
    page = operator.get(f"/trust/scans/{silent.pk}/").content.decode()
    assert "knew nothing of what is inside" in page
    assert f'href="/trust/scans/{other.pk}/"' in page
    assert "No host has this very image" in page


def test_an_operator_takes_a_report_away(operator: Client) -> None:
    keep_scan(read_scan(trivy(), NOW), by="ci", now=NOW)
    key = ScanReport.objects.get().pk
    assert operator.post(f"/trust/scans/{key}/remove/")["Location"] == "/trust/scans/"
    assert not ScanReport.objects.exists()
    assert "gone already" in operator.post(f"/trust/scans/{key}/remove/", follow=True).content.decode()
