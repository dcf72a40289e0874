"""Scanners' reports: which images on which hosts they are about, and that each image has the newest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec
from django.db import transaction

from fleet.inventory import ImageFacts
from fleet.models import Container, Host, Image, ScannedDigest, ScanReport
from fleet.models.remembering import recall
from fleet.trust.scan import Scan, Severity, fits

#: Hosts and names that are told of one report.
MOST_TOLD = 200


class Fate(StrEnum):
    """What becomes of a report that comes in."""

    NEW = "new"  # the first of this scanner on this image
    NEWER = "newer"  # in place of an older one
    SAME = "same"  # that very report is kept
    OLDER = "older"  # a newer one is kept, and stays


@dataclass(frozen=True, slots=True)
class Matched:
    """Images on hosts that are the one that was scanned: hosts, and containers that run it, by the image's name."""

    hosts: int = 0
    containers: int = 0
    names: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return self.hosts > 0


@dataclass(frozen=True, slots=True)
class Received:
    """`report` is the row that is kept now, whether or not that is this one; None of one that was only looked at."""

    scan: Scan
    fate: Fate
    matched: Matched
    report: ScanReport | None


def preview_scan(scan: Scan) -> Received:
    """What would become of it."""
    kept = ScanReport.objects.filter(scanner=scan.scanner, image_id=scan.image_id).first()
    return Received(scan, _fate(kept, scan), matched(scan), kept)


def keep_scan(scan: Scan, *, by: str, now: datetime) -> Received:
    """Keeps it, unless that very one or a newer one is kept; what it is about is judged again with the next sweep."""
    fields = _fields(scan, by, now)
    with transaction.atomic():
        row, is_new = ScanReport.objects.select_for_update().get_or_create(
            scanner=scan.scanner, image_id=scan.image_id, defaults=fields
        )
        fate = Fate.NEW if is_new else _fate(row, scan)
        if fate is Fate.NEWER:
            for name, value in fields.items():
                setattr(row, name, value)
            row.save()
            row.by_digest.all().delete()
        if fate in {Fate.NEW, Fate.NEWER}:
            ScannedDigest.objects.bulk_create(ScannedDigest(report=row, digest=one) for one in scan.keys)
            _judge_again(scan, now)
    return Received(scan, fate, matched(scan), row)


def remove_scan(row: ScanReport, *, now: datetime) -> None:
    """Takes it away; what it is about is unknown with the next sweep."""
    scan = row.read()
    with transaction.atomic():
        row.delete()
        _judge_again(scan, now)


def newest_on(images: Iterable[Image]) -> Mapping[int, Scan]:
    """By the image's key; two queries at most. Images without a report are left out."""
    given = list(images)
    if not given or not ScannedDigest.objects.exists():  # where nobody sends any, nothing has to be read of images
        return {}
    recall(given)
    rows = [(row, row.read_facts()) for row in given]
    wanted = {digest for row, facts in rows for digest in (row.engine_id, *_bare(facts))}
    reports: dict[int, Scan] = {}
    by_digest: dict[str, set[int]] = {}
    told = ScannedDigest.objects.filter(digest__in=wanted).order_by()
    for digest, key, document in told.values_list("digest", "report", "report__document"):
        by_digest.setdefault(digest, set()).add(key)
        if key not in reports:
            reports[key] = msgspec.convert(document, Scan)
    found = {}
    for row, facts in rows:
        keys = set().union(*(by_digest.get(one, set()) for one in (row.engine_id, *_bare(facts))))
        mine = [reports[key] for key in keys if _fits(reports[key], row.engine_id, facts)]
        if mine:
            found[row.pk] = max(mine, key=lambda one: (one.made_at, one.sha256))
    return found


def is_stale(as_of: datetime, now: datetime, days: int) -> bool:
    """By days, as what rests on it is judged anew each day."""
    return (now.date() - as_of.date()).days > days


def stale_before(now: datetime, days: int) -> datetime:
    """The moment before which `is_stale` holds."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def matched(scan: Scan) -> Matched:
    """On hosts that were not swept for long, too: what runs there is the last that is known."""
    rows = _rows(scan)
    running: Counter[int] = Counter()
    present = Container.objects.present().filter(image__in=[row.pk for row in rows]).order_by()
    for key in present.values_list("image", flat=True):
        running[key or 0] += 1
    names: Counter[str] = Counter()
    for row in rows:
        names[row.name] += running[row.pk]
    hosts = len({row.host_id for row in rows})
    return Matched(hosts, running.total(), tuple(names.most_common(MOST_TOLD)))


def _rows(scan: Scan) -> list[Image]:
    rows = Image.objects.present().filter(engine_id__in=scan.keys).only("host_id", "engine_id", "name", "facts")
    return [row for row in rows if _fits(scan, row.engine_id, row.read_facts())]


def _fits(scan: Scan, image_id: str, facts: ImageFacts) -> bool:
    return fits(
        scan,
        image_id=image_id,
        digests=_bare(facts),
        architecture=facts.architecture,
        containerd=bool(facts.containerd_store),
    )


def _bare(facts: ImageFacts) -> Sequence[str]:
    return [one.rpartition("@")[2] for one in facts.digests or ()]


def _judge_again(scan: Scan, now: datetime) -> None:
    """With the next sweep. One that judged without the report and is not stored yet holds its hosts: it is waited for,
    in the order in which everybody locks several.
    """
    hosts = {row.host_id for row in _rows(scan)}
    later = Host.objects.filter(pk__in=hosts, judge_again_at__gt=now)
    mine = list(later.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Host.objects.filter(pk__in=mine).update(judge_again_at=now)


def _fate(kept: ScanReport | None, scan: Scan) -> Fate:
    if kept is None:
        return Fate.NEW
    if kept.sha256 == scan.sha256:
        return Fate.SAME
    return Fate.OLDER if scan.made_at < kept.made_at else Fate.NEWER


def _fields(scan: Scan, by: str, now: datetime) -> dict[str, object]:
    critical, high = scan.count(Severity.CRITICAL), scan.count(Severity.HIGH)
    return {
        "name": scan.name,
        "sha256": scan.sha256,
        "made_at": scan.made_at,
        "as_of": scan.as_of,
        "received_at": now,
        "sent_by": by[:150],
        "critical": critical.holes,
        "high": high.holes,
        "critical_fixable": critical.fixable,
        "high_fixable": high.fixable,
        "document": msgspec.to_builtins(scan),
    }
