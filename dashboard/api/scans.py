"""Scanners' reports: listed for every token, sent by operators' tokens as the scanner wrote them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from dashboard.api.auth import BearerToken, signed_by
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page, refuse_unknown
from fleet.governance.policy import in_force
from fleet.models import ScanReport
from fleet.proving import Fate, Received, keep_scan
from fleet.proving.scans import is_stale
from fleet.trust.scan import MOST_REPORT, UnreadableReportError
from fleet.trust.scan_reading import read_scan

router = Router(tags=["trust"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": f"What `trivy image --format json` or `grype -o json` wrote, "
        f"{MOST_REPORT // 1024 // 1024} MiB at most.",
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class TallyOut(Out):
    severity: str = Field(description="critical, high, medium, low, negligible or unknown.")
    holes: int
    fixable: int


class HoleOut(Out):
    id: str
    severity: str
    package: str
    version: str
    fixed: str
    fixable: bool
    title: str


class ScanOut(Out):
    id: int
    scanner: str = Field(description="trivy or grype.")
    version: str
    image: str = Field(description="As whoever scanned it called it.")
    image_id: str
    digests: list[str] = Field(description="Of manifests and indexes.")
    sha256: str = Field(description="Of the report.")
    made_at: datetime
    as_of: datetime = Field(description="When its database was built, where the report tells and that is earlier.")
    stale: bool = Field(description="Older than the policy's scan_days: it says nothing of today.")
    received_at: datetime
    sent_by: str
    system: str
    system_ended: bool = Field(description="Nobody mends the distribution any more.")
    recognised: bool = Field(description="false: the scanner knew nothing of what is inside.")
    counts: list[TallyOut]
    ignored: int = Field(description="What the scanner was told to leave out, as far as the report tells.")


class ScanDetailOut(ScanOut):
    worst: list[HoleOut] = Field(description="The first 50, the worst first.")


class ReceivedOut(Out):
    fate: Fate = Field(description="new, newer: kept. same: that very report is kept. older: a newer one is kept.")
    report: ScanOut = Field(description="What is kept now.")
    hosts: int = Field(description="Hosts that have the image; what they run is judged again with the next sweep.")
    containers: int


class ScanFilters(Schema):
    scanner: str | None = Field(None, description="trivy or grype.")
    image: str | None = Field(None, description="A digest: the image ID, or that of its manifest or index.")
    q: str | None = Field(None, description="Part of the name that was scanned.")

    def narrow(self, rows: QuerySet[ScanReport]) -> QuerySet[ScanReport]:
        if self.scanner:
            rows = rows.filter(scanner=self.scanner)
        if self.image:
            rows = rows.filter(pk__in=ScanReport.objects.filter(by_digest__digest=self.image))
        if self.q:
            rows = rows.filter(name__icontains=self.q)
        return rows


@router.get("", response=Page[ScanOut], summary="List scanners' reports")
def list_scans(request: HttpRequest, filters: Query[ScanFilters], paging: Query[Paging]) -> Page[ScanOut]:
    """Of each image and scanner the newest."""
    now, days = timezone.now(), in_force().policy.scan_days
    rows = filters.narrow(ScanReport.objects.all())
    return page(request, rows, paging, filters=filters, shape=lambda row: ScanOut(**_told(row, now, days)))


@router.get("/{pk}", response={200: ScanDetailOut, 404: Refusal}, summary="One report with its worst findings")
def get_scan(request: HttpRequest, pk: int) -> ScanDetailOut:
    refuse_unknown(request, set())
    row = _found(pk)
    told = _told(row, timezone.now(), in_force().policy.scan_days)
    return ScanDetailOut(**told, worst=[HoleOut(**hole) for hole in row.document.get("worst", ())])


@router.post(
    "",
    response={200: ReceivedOut, 201: ReceivedOut, 411: Refusal, 413: Refusal, 422: Refusal},
    auth=BearerToken("operator"),
    summary="Send a scanner's report (operator)",
    openapi_extra=_BODY,
)
def send_scan(request: HttpRequest) -> Status[ReceivedOut]:
    """The body is the report itself. Sending it twice changes nothing, and an older one replaces no newer one."""
    refuse_unknown(request, set())
    body, now = _body(request), timezone.now()
    try:
        received = keep_scan(read_scan(body, now), by=signed_by(request), now=now)
    except UnreadableReportError as error:
        raise ApiError(422, "unreadable", str(error)) from None
    kept = received.fate in {Fate.NEW, Fate.NEWER}
    return Status(201 if kept else 200, _received(received, now))


def _body(request: HttpRequest) -> bytes:
    """From the stream: reports are larger than what is kept in memory of other requests."""
    if request.headers.get("Transfer-Encoding"):
        raise ApiError(411, "length-required", "Send the report with its Content-Length, as curl --data-binary does.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise ApiError(422, "unreadable", "Send the report as the scanner wrote it, not packed.")
    limit = ApiError(413, "too-large", f"A report has {MOST_REPORT // 1024 // 1024} MiB at most.")
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length[:12]) > MOST_REPORT:
        raise limit
    body = bytes(request.read(MOST_REPORT + 1))
    if len(body) > MOST_REPORT:
        raise limit
    return body


def _found(pk: int) -> ScanReport:
    found = ScanReport.objects.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise ApiError(404, "not-found", "There is no such report.", field="pk")
    return found


def _received(received: Received, now: datetime) -> ReceivedOut:
    assert received.report is not None  # noqa: S101 - it was kept
    return ReceivedOut(
        fate=received.fate,
        report=ScanOut(**_told(received.report, now, in_force().policy.scan_days)),
        hosts=received.matched.hosts,
        containers=received.matched.containers,
    )


def _told(row: ScanReport, now: datetime, days: int) -> dict[str, Any]:
    scan = row.read()
    return {
        "id": row.pk,
        "scanner": row.scanner,
        "version": scan.version,
        "image": row.name,
        "image_id": row.image_id,
        "digests": list(scan.digests),
        "sha256": row.sha256,
        "made_at": row.made_at.replace(microsecond=0),
        "as_of": row.as_of.replace(microsecond=0),
        "stale": is_stale(row.as_of, now, days),
        "received_at": row.received_at.replace(microsecond=0),
        "sent_by": row.sent_by,
        "system": scan.system,
        "system_ended": scan.ended,
        "recognised": scan.recognised,
        "counts": [TallyOut(severity=one.severity.value, holes=one.holes, fixable=one.fixable) for one in scan.tallies],
        "ignored": scan.ignored,
    }
