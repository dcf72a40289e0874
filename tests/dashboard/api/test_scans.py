"""A scanner's report through the API: the body is the report itself, and sending it twice changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from dashboard.api import scans
from fleet.models import ScanReport
from tests.builders import DIGEST, IMAGE_ID, NOW, container, image
from tests.fleet.trust.scanners import NAME, grype, trivy, trivy_hole
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
URL = "/api/v1/trust/scans"


def send(client: Client, body: bytes, **told: Any) -> Any:
    return client.post(URL, body, content_type="application/json", **told)


def test_a_report_is_kept_once_and_tells_what_it_is_about(operator: Client) -> None:
    swept(host_row(), container(), images=(image(),))
    reply = send(operator, trivy(trivy_hole()))
    assert reply.status_code == 201
    made = reply.json()
    assert (made["fate"], made["hosts"], made["containers"]) == ("new", 1, 1)
    assert made["report"]["counts"] == [{"severity": "critical", "holes": 1, "fixable": 1}]
    assert (made["report"]["image"], made["report"]["image_id"], made["report"]["digests"]) == (
        NAME,
        IMAGE_ID,
        [DIGEST],
    )
    assert (made["report"]["stale"], made["report"]["sent_by"]) == (False, "the token operator-token")
    again = send(operator, trivy(trivy_hole()))
    assert (again.status_code, again.json()["fate"]) == (200, "same")
    older = send(operator, trivy(CreatedAt=(NOW - timedelta(days=3)).isoformat()))
    assert (older.status_code, older.json()["fate"]) == (200, "older")
    assert older.json()["report"] == made["report"]
    assert ScanReport.objects.count() == 1


def test_a_report_larger_than_other_requests_may_be_is_read(operator: Client) -> None:
    body = trivy(trivy_hole(Description="x" * (2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)))
    assert send(operator, body).status_code == 201


def test_what_is_too_large_is_refused_before_it_is_read(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MOST_REPORT", 1000)
    reply = send(operator, trivy(trivy_hole(Description="x" * 1000)))
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too-large")


def test_what_is_no_report_is_refused_with_the_remedy(operator: Client) -> None:
    for body, why in ((b"", "empty"), (b"{}", "no report of Trivy or Grype"), (trivy(Metadata={}), "no image ID")):
        reply = send(operator, body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (422, "unreadable")
        assert why in reply.json()["error"]["message"]
    assert send(operator, trivy(), headers={"Content-Encoding": "gzip"}).status_code == 422
    assert send(operator, trivy(), headers={"Transfer-Encoding": "chunked"}).status_code == 411
    assert not ScanReport.objects.exists()


def test_a_viewer_reads_and_sends_nothing(viewer: Client) -> None:
    assert send(viewer, trivy()).status_code == 403
    assert viewer.get(URL).json() == {"items": [], "next_cursor": None}


def test_reports_are_listed_by_scanner_digest_and_name(operator: Client) -> None:
    send(operator, trivy(trivy_hole()))
    send(operator, grype())
    names = {
        "": 2, "?scanner=grype": 1, f"?image={DIGEST}": 2, f"?image={IMAGE_ID}": 2, "?image=sha256:0": 0,
        "?q=registry.internal": 2, "?q=nothing": 0,
    }  # fmt: skip
    for query, number in names.items():
        assert len(operator.get(URL + query).json()["items"]) == number, query
    assert operator.get(f"{URL}?scaner=grype").status_code == 422


def test_one_report_has_its_worst_findings(operator: Client) -> None:
    key = send(operator, trivy(trivy_hole())).json()["report"]["id"]
    (hole,) = operator.get(f"{URL}/{key}").json()["worst"]
    assert (hole["id"], hole["package"], hole["fixed"], hole["fixable"]) == (
        "CVE-2026-1000", "libssl1.1", "1.1.1d-r0", True,
    )  # fmt: skip
    assert operator.get(f"{URL}/{key + 1}").status_code == 404
    assert operator.get(f"{URL}/{9**30}").status_code == 404
