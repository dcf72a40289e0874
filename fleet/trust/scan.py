"""What a scanner found in an image, whichever it is: how many known holes, how bad, and how many have a fix."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from fleet.trust.names import is_digest

T = TypeVar("T")
#: Bytes of a report. Trivy's of an image with three thousand holes has a third of that.
MOST_REPORT: Final = 32 * 1024 * 1024
#: Of the holes in a report, the worst are kept one by one; of all others the number.
MOST_KEPT: Final = 50
_MOST_DIGESTS: Final = 64
_LONGEST: Final = 255


class Severity(StrEnum):
    """From worst to least, as scanners call them."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEGLIGIBLE = "negligible"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, text: str) -> Severity:
        """UNKNOWN for a word that no scanner is known to say."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            return cls.UNKNOWN


_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


class UnreadableReportError(Exception):
    """`str()` is one sentence with the remedy."""


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """One known vulnerability in one package; `fixed` is the version that mends it, empty where there is none yet."""

    id: str  # CVE-2026-12345
    severity: Severity
    package: str
    version: str
    fixed: str = ""
    fixable: bool = False
    title: str = ""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many holes of one severity, and how many of them have a fix."""

    severity: Severity
    holes: int
    fixable: int


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One report. `image_id` is the digest of the configuration, or of whatever the engine calls the image by;
    `digests` are those of manifests and indexes. `name` is what was scanned, as whoever scanned it wrote it.

    `database_at` is None where the report does not tell it. `recognised` is False when the scanner knew none of what
    is inside, so that finding nothing says nothing. `ended` says that nobody mends the distribution any more.
    `ignored` are holes that the scanner was told to leave out, as far as the report tells.
    """

    scanner: str
    version: str
    made_at: datetime
    name: str
    image_id: str
    digests: tuple[str, ...]
    sha256: str  # of the report
    database_at: datetime | None = None
    architecture: str = ""
    system: str = ""  # debian 12.8
    ended: bool = False
    recognised: bool = True
    tallies: tuple[Tally, ...] = ()
    worst: tuple[Hole, ...] = ()
    ignored: int = 0

    @property
    def as_of(self) -> datetime:
        """Until when what was known then was looked for."""
        return min(self.made_at, self.database_at or self.made_at)

    @property
    def holes(self) -> int:
        return sum(one.holes for one in self.tallies)

    @property
    def fixable(self) -> int:
        return sum(one.fixable for one in self.tallies)

    @property
    def unfixable(self) -> int:
        return self.holes - self.fixable

    def count(self, severity: Severity) -> Tally:
        found = (one for one in self.tallies if one.severity is severity)
        return next(found, Tally(severity=severity, holes=0, fixable=0))

    @property
    def keys(self) -> tuple[str, ...]:
        """Digests by which what runs may be it."""
        return tuple(dict.fromkeys((self.image_id, *self.digests)))


def fits(scan: Scan, *, image_id: str, digests: Iterable[str], architecture: str | None, containerd: bool) -> bool:
    """Whether the image on a host is the one that was scanned. `digests` are those of its RepoDigests.

    By the digest of its configuration where both tell it, as that is the content. A digest of an index is that of an
    image for each architecture, of which the scanner looked at one, so there the architecture has to be the same.
    """
    if image_id == scan.image_id:
        return _alike(scan, architecture) if containerd else True
    if not containerd and scan.image_id not in scan.digests:
        return False  # both are of configurations, and they differ
    mine = {image_id, *digests} if containerd else set(digests)
    return not mine.isdisjoint(scan.keys) and _alike(scan, architecture)


def _alike(scan: Scan, architecture: str | None) -> bool:
    return bool(scan.architecture) and scan.architecture == architecture


def tallied(holes: Iterable[Hole]) -> tuple[tuple[Tally, ...], tuple[Hole, ...]]:
    """How many of each severity, and the worst one by one: of two as bad, the one that can be mended comes first."""
    numbers: Counter[Severity] = Counter()
    fixable: Counter[Severity] = Counter()
    every: list[Hole] = []
    for hole in holes:
        numbers[hole.severity] += 1
        fixable[hole.severity] += hole.fixable
        every.append(hole)
    every.sort(key=lambda one: (_RANK[one.severity], not one.fixable, one.id, one.package))
    tallies = (Tally(severity=one, holes=numbers[one], fixable=fixable[one]) for one in Severity if numbers[one])
    return tuple(tallies), tuple(every[:MOST_KEPT])


def decoded(body: bytes, decoder: msgspec.json.Decoder[T], scanner: str) -> T:
    """Raises UnreadableReportError, which names the field where there is one."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableReportError(f"{scanner}'s report cannot be read: {str(error)[:200]}") from None


def moment(text: str) -> datetime | None:
    """RFC 3339 with any number of digits after the second, as Go writes it; None for what has no time zone."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def digests_in(references: Iterable[str]) -> tuple[str, ...]:
    """Of `registry/path@sha256:…`, and of bare ones."""
    found = (text.rpartition("@")[2] for text in references)
    return tuple(dict.fromkeys(one for one in found if is_digest(one)))[:_MOST_DIGESTS]


def clean(text: str) -> str:
    """What every database takes and no page breaks at, and not more of it than anybody reads."""
    return "".join(one for one in text[:_LONGEST].encode(errors="replace").decode() if one.isprintable()).strip()


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
