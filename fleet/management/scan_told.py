"""A scanner's report as `./loadline trust scan` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fleet.proving import Fate, Received

_FATES: Final = {
    Fate.NEW: "kept",
    Fate.NEWER: "kept, in place of an older one",
    Fate.SAME: "kept before, nothing changed",
    Fate.OLDER: "not kept, as a newer one is",
}


def scan_as_dict(received: Received, *, kept: bool) -> dict[str, Any]:
    """What `--json` prints; `kept` is False when it was only looked at."""
    scan, matched = received.scan, received.matched
    return {
        "kept": kept and received.fate in {Fate.NEW, Fate.NEWER},
        "fate": received.fate.value,
        "scanner": scan.scanner,
        "version": scan.version,
        "image": scan.name,
        "image_id": scan.image_id,
        "made_at": scan.made_at.isoformat(),
        "counts": {one.severity.value: {"holes": one.holes, "fixable": one.fixable} for one in scan.tallies},
        "hosts": matched.hosts,
        "containers": matched.containers,
    }


def scan_as_lines(received: Received, told: dict[str, Any]) -> Iterator[str]:
    scan, matched = received.scan, received.matched
    yield f"{scan.scanner} {scan.version}".strip() + f" on {scan.name}, {scan.made_at:%Y-%m-%d %H:%M} UTC"
    yield f"  image     {scan.image_id}"
    for one in scan.tallies:
        yield f"  {one.severity.value:<10}{one.holes}, {one.fixable} with a fix"
    if not scan.tallies:
        yield "  nothing found" if scan.recognised else "  nothing recognised inside, so that it says nothing"
    if matched:
        yield f"  runs as   {matched.containers} containers; {matched.hosts} hosts have it"
    else:
        yield "  no host has this image now; the report counts as soon as one has"
    fate = _FATES[received.fate]
    yield f"The report is {fate}." if told["kept"] or received.fate in {Fate.SAME, Fate.OLDER} else "Nothing is stored."
