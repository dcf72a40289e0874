"""A scanner's report as it came, from whichever scanner it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from fleet.trust.scan import MOST_REPORT, Scan, UnreadableReportError
from fleet.trust.scans import grype, trivy

#: How far ahead of Loadline's a scanner's clock may be.
_AHEAD: Final = timedelta(hours=1)
#: Each list holds as many parts as it has commas, and one more: none grows to gigabytes out of a few bytes each.
_MOST_PARTS: Final = 2_000_000
_MEMBERS: Final[msgspec.json.Decoder[dict[str, msgspec.Raw]]] = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_scan(body: bytes, now: datetime) -> Scan:
    """Raises UnreadableReportError for what is no report of one image, of a known scanner, made before now."""
    if len(body) > MOST_REPORT:
        raise UnreadableReportError(
            f"The report is larger than {MOST_REPORT // 1024 // 1024} MiB: make it without --list-all-pkgs."
        )
    if body.count(b",") > _MOST_PARTS:
        raise UnreadableReportError("The report holds more than any scan of an image finds.")
    scan = _read(body)
    if scan.made_at > now + _AHEAD:
        raise UnreadableReportError(
            f"The report says that it was made on {scan.made_at:%Y-%m-%d at %H:%M} UTC, which is still to come: "
            "set the clock of whoever scanned."
        )
    return scan


def _read(body: bytes) -> Scan:
    if not body.strip():
        raise UnreadableReportError("The report is empty: the scanner may have failed, so look at what it said.")
    try:
        names: dict[str, Any] = _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableReportError(
            "This is no report: send what trivy image --format json or grype -o json writes."
        ) from None
    if trivy.is_trivy(names):
        return trivy.read(body)
    if grype.is_grype(names):
        return grype.read(body)
    if names.keys() & {"bomFormat", "spdxVersion"}:
        raise UnreadableReportError("This is a list of parts and no scan: run trivy image or grype over the image.")
    if "runs" in names:
        raise UnreadableReportError("This is SARIF, which does not say which image it is about: use --format json.")
    raise UnreadableReportError("This is JSON, and no report of Trivy or Grype: use --format json, or -o json.")
