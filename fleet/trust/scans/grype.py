"""`grype -o json`, as versions since 0.40 write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from fleet.trust.names import is_digest
from fleet.trust.scan import (
    Hole,
    Scan,
    Severity,
    UnreadableReportError,
    clean,
    decoded,
    digests_in,
    moment,
    sha256_of,
    tallied,
)


class _Fix(msgspec.Struct):
    versions: list[str] | None = None
    state: str = ""  # fixed, not-fixed, wont-fix, unknown, or nothing


class _Vulnerability(msgspec.Struct):
    id: str = ""
    severity: str = ""
    description: str = ""
    fix: _Fix | None = None


class _Artifact(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Match(msgspec.Struct):
    vulnerability: _Vulnerability
    artifact: _Artifact


class _Target(msgspec.Struct, rename="camel"):
    user_input: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    manifest_digest: str = ""
    repo_digests: list[str] | None = None
    architecture: str = ""


class _Source(msgspec.Struct):
    type: str = ""
    target: Any = None  # a text where a folder was scanned


class _Distribution(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Built(msgspec.Struct):
    built: str = ""


class _Database(msgspec.Struct):
    built: str = ""
    status: _Built | None = None  # since 0.88


class _Descriptor(msgspec.Struct):
    name: str = ""
    version: str = ""
    timestamp: str = ""
    db: _Database | None = None


class _Ignored(msgspec.Struct):
    """Only counted."""


class _Report(msgspec.Struct, rename="camel"):
    matches: list[_Match] | None
    descriptor: _Descriptor
    source: _Source | None = None
    distro: _Distribution | None = None
    ignored_matches: list[_Ignored] | None = None


_DECODER: Final[msgspec.json.Decoder[_Report]] = msgspec.json.Decoder(_Report)


def is_grype(names: dict[str, Any]) -> bool:
    """By the members of the document."""
    return "matches" in names and "descriptor" in names


def read(body: bytes) -> Scan:
    """Raises UnreadableReportError."""
    report = decoded(body, _DECODER, "Grype")
    source = report.source or _Source()
    if source.type != "image":
        raise UnreadableReportError(
            f"Grype scanned {clean(source.type) or 'something'} and no image: use grype IMAGE -o json."
        )
    try:
        target = msgspec.convert(source.target, _Target)
    except msgspec.ValidationError as error:
        raise UnreadableReportError(f"Grype's report cannot be read: source.target: {str(error)[:200]}") from None
    told = (target.image_id, target.manifest_digest)
    image_id = next((one for one in told if is_digest(one)), "")
    if not image_id:
        raise UnreadableReportError(
            "Grype's report names no image ID and no digest, so nobody knows which image it is about: scan the image "
            "itself, and not a list of its parts."
        )
    made_at = moment(report.descriptor.timestamp)
    if made_at is None:
        raise UnreadableReportError(
            "Grype's report does not tell when it was made: use Grype 0.73 or later, with its timestamp on."
        )
    database = report.descriptor.db or _Database()
    distribution = report.distro or _Distribution()
    matches, ignored = report.matches or [], report.ignored_matches or []
    tallies, worst = tallied(_holes(matches))
    return Scan(
        scanner="grype",
        version=clean(report.descriptor.version),
        made_at=made_at,
        name=clean(target.user_input),
        image_id=image_id,
        digests=digests_in((target.manifest_digest, *(target.repo_digests or ()))),
        sha256=sha256_of(body),
        database_at=moment(database.status.built if database.status else database.built),
        architecture=clean(target.architecture),
        system=clean(f"{distribution.name} {distribution.version}"),
        recognised=bool(distribution.name or matches or ignored),
        tallies=tallies,
        worst=worst,
        ignored=len(ignored),
    )


def _holes(matches: list[_Match]) -> Iterator[Hole]:
    for one in matches:
        fix = one.vulnerability.fix or _Fix()
        yield Hole(
            id=clean(one.vulnerability.id),
            severity=Severity.of(one.vulnerability.severity),
            package=clean(one.artifact.name),
            version=clean(one.artifact.version),
            fixed=clean(", ".join((fix.versions or [])[:4])),
            fixable=fix.state == "fixed" or (not fix.state and bool(fix.versions)),
            title=clean(one.vulnerability.description),
        )
