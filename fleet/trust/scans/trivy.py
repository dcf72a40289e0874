"""`trivy image --format json`: schema version 2, as versions since 0.20 write it."""

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

_SCHEMA: Final = 2
#: Results of the scan for vulnerabilities; others are about secrets, licences and settings.
_PACKAGES: Final = frozenset({"os-pkgs", "lang-pkgs"})


class _System(msgspec.Struct, rename="pascal"):
    family: str = ""
    name: str = ""
    ended: bool = msgspec.field(default=False, name="EOSL")


class _Configuration(msgspec.Struct):
    architecture: str = ""


class _Metadata(msgspec.Struct):
    system: _System | None = msgspec.field(default=None, name="OS")
    image_id: str = msgspec.field(default="", name="ImageID")
    repo_digests: list[str] | None = msgspec.field(default=None, name="RepoDigests")
    configuration: _Configuration | None = msgspec.field(default=None, name="ImageConfig")


class _Vulnerability(msgspec.Struct):
    id: str = msgspec.field(default="", name="VulnerabilityID")
    package: str = msgspec.field(default="", name="PkgName")
    installed: str = msgspec.field(default="", name="InstalledVersion")
    fixed: str = msgspec.field(default="", name="FixedVersion")
    severity: str = msgspec.field(default="", name="Severity")
    title: str = msgspec.field(default="", name="Title")


class _Modified(msgspec.Struct, rename="pascal"):
    type: str = ""


class _Result(msgspec.Struct, rename="pascal"):
    class_: str = msgspec.field(default="", name="Class")
    vulnerabilities: list[_Vulnerability] | None = None
    modified: list[_Modified] | None = msgspec.field(default=None, name="ExperimentalModifiedFindings")


class _Trivy(msgspec.Struct, rename="pascal"):
    version: str = ""


class _Report(msgspec.Struct, rename="pascal"):
    schema_version: int
    created_at: str = ""
    artifact_name: str = ""
    artifact_type: str = ""
    trivy: _Trivy | None = None  # since 0.68
    metadata: _Metadata | None = None
    results: list[_Result] | None = None


_DECODER: Final[msgspec.json.Decoder[_Report]] = msgspec.json.Decoder(_Report)


def is_trivy(names: dict[str, Any]) -> bool:
    """By the members of the document."""
    return "SchemaVersion" in names


def read(body: bytes) -> Scan:
    """Raises UnreadableReportError."""
    report = decoded(body, _DECODER, "Trivy")
    if report.schema_version != _SCHEMA:
        raise UnreadableReportError(
            f"Trivy's report is of schema version {report.schema_version}, and version {_SCHEMA} is read: "
            "make it with trivy image --format json."
        )
    if report.artifact_type != "container_image":
        raise UnreadableReportError(
            f"Trivy scanned {clean(report.artifact_type) or 'something'} and no image: use trivy image --format json."
        )
    made_at = moment(report.created_at)
    if made_at is None:
        raise UnreadableReportError("Trivy's report does not tell when it was made: use Trivy 0.48 or later.")
    metadata = report.metadata or _Metadata()
    if not is_digest(metadata.image_id):
        raise UnreadableReportError(
            "Trivy's report names no image ID, so nobody knows which image it is about: scan the image itself, "
            "with trivy image, and not a list of its parts."
        )
    results = report.results or []
    tallies, worst = tallied(_holes(results))
    system = metadata.system or _System()
    return Scan(
        scanner="trivy",
        version=clean(report.trivy.version) if report.trivy else "",
        made_at=made_at,
        name=clean(report.artifact_name),
        image_id=metadata.image_id,
        digests=digests_in(metadata.repo_digests or ()),
        sha256=sha256_of(body),
        architecture=clean(metadata.configuration.architecture) if metadata.configuration else "",
        system=clean(f"{system.family} {system.name}"),
        ended=system.ended,
        recognised=any(one.class_ in _PACKAGES for one in results),
        tallies=tallies,
        worst=worst,
        ignored=sum(one.type == "vulnerability" for result in results for one in result.modified or ()),
    )


def _holes(results: list[_Result]) -> Iterator[Hole]:
    for result in results:
        for one in result.vulnerabilities or ():
            yield Hole(
                id=clean(one.id),
                severity=Severity.of(one.severity),
                package=clean(one.package),
                version=clean(one.installed),
                fixed=clean(one.fixed),
                fixable=bool(one.fixed.strip()),
                title=clean(one.title),
            )
