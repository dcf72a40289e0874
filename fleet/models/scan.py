"""What scanners said of images; of each image and scanner the newest report."""

from __future__ import annotations

import msgspec
from django.db import models

from fleet.models.fields import JsonField
from fleet.trust.scan import Scan


class ScanReport(models.Model):
    """`document` is the plain form of fleet.trust.scan.Scan, and what lists sort and filter by stands beside it."""

    scanner = models.CharField(max_length=16)
    image_id = models.CharField(max_length=71)
    name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_index=True)
    as_of = models.DateTimeField()
    received_at = models.DateTimeField()
    sent_by = models.CharField(max_length=150, blank=True)
    critical = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    critical_fixable = models.PositiveIntegerField()
    high_fixable = models.PositiveIntegerField()
    document = JsonField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scanner", "image_id"], name="one_report_of_a_scanner_and_image")
        ]
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.scanner} on {self.name}"

    def read(self) -> Scan:
        return msgspec.convert(self.document, Scan)


class ScannedDigest(models.Model):
    """A digest by which what runs may be the image of a report."""

    report = models.ForeignKey(ScanReport, on_delete=models.CASCADE, related_name="by_digest")
    digest = models.CharField(max_length=71, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "digest"], name="each_digest_of_a_report_once")]

    def __str__(self) -> str:
        return self.digest
