"""What Trivy and Grype write, small: every member that is read, and some that are not."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import DIGEST, IMAGE_ID

NAME = "registry.internal/web:1.4"


def trivy_hole(
    name: str = "CVE-2026-1000", severity: str = "CRITICAL", *, fixed: str = "1.1.1d-r0", **told: Any
) -> dict[str, Any]:
    hole = {
        "VulnerabilityID": name,
        "PkgID": "libssl1.1@1.1.1c-r0",
        "PkgName": "libssl1.1",
        "PkgIdentifier": {"PURL": "pkg:apk/alpine/libssl1.1@1.1.1c-r0?arch=x86_64&distro=3.10.2"},
        "InstalledVersion": "1.1.1c-r0",
        "Status": "fixed" if fixed else "affected",
        "Layer": {"Digest": DIGEST, "DiffID": DIGEST},
        "Title": "openssl: information disclosure in fork()",
        "Severity": severity,
        "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", "V3Score": 5.3}},
        "References": ["https://example.org/advisory"],
        "PublishedDate": "2026-09-10T17:15:00Z",
        **told,
    }
    return {**hole, "FixedVersion": fixed} if fixed else hole


def trivy_document(*holes: dict[str, Any], **told: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.68.2"},
        "CreatedAt": "2026-11-23T12:20:30.000000005+02:00",
        "ArtifactName": NAME,
        "ArtifactType": "container_image",
        "Metadata": {
            "Size": 8_000_000,
            "OS": {"Family": "alpine", "Name": "3.20.3"},
            "ImageID": IMAGE_ID,
            "DiffIDs": [DIGEST],
            "RepoTags": [NAME],
            "RepoDigests": [f"registry.internal/web@{DIGEST}"],
            "ImageConfig": {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [DIGEST]}},
        },
        "Results": [
            {
                "Target": f"{NAME} (alpine 3.20.3)",
                "Class": "os-pkgs",
                "Type": "alpine",
                **({"Vulnerabilities": list(holes)} if holes else {}),
            }
        ],
        **told,
    }


def trivy(*holes: dict[str, Any], **told: Any) -> bytes:
    return json.dumps(trivy_document(*holes, **told)).encode()


def grype_hole(
    name: str = "CVE-2026-2000", severity: str = "High", *, fixed: tuple[str, ...] = ("2.1",), state: str = ""
) -> dict[str, Any]:
    return {
        "vulnerability": {
            "id": name,
            "dataSource": "https://example.org/advisory",
            "severity": severity,
            "description": "A hole.",
            "urls": [],
            "cvss": [{"source": "nvd", "version": "3.1", "metrics": {"baseScore": 8.2}, "vendorMetadata": {}}],
            "epss": [{"cve": name, "epss": 0.03, "percentile": 0.42, "date": "2026-11-01"}],
            "fix": {"versions": list(fixed), "state": state or ("fixed" if fixed else "not-fixed")},
            "advisories": [],
            "risk": 1.68,
        },
        "relatedVulnerabilities": [],
        "matchDetails": [{"type": "exact-direct-match", "matcher": "dpkg-matcher", "found": {"constraint": ">= 20"}}],
        "artifact": {
            "id": "a246fd2054833c93",
            "name": "zlib1g",
            "version": "2.0",
            "type": "deb",
            "locations": [{"path": "/var/lib/dpkg/status"}],
        },
    }


def grype_document(*holes: dict[str, Any], **told: Any) -> dict[str, Any]:
    return {
        "matches": list(holes),
        "source": {
            "type": "image",
            "target": {
                "userInput": NAME,
                "imageID": IMAGE_ID,
                "manifestDigest": DIGEST,
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "tags": [NAME],
                "imageSize": 65,
                "layers": [{"digest": DIGEST, "size": 22}],
                "manifest": "e30=",
                "config": "e30=",
                "repoDigests": [f"registry.internal/web@{DIGEST}"],
                "architecture": "amd64",
                "os": "linux",
            },
        },
        "distro": {"name": "debian", "version": "12", "idLike": []},
        "descriptor": {
            "name": "grype",
            "version": "0.104.0",
            "configuration": {"output": ["json"], "only-fixed": False},
            "db": {
                "status": {
                    "schemaVersion": "v6.1.0",
                    "from": "https://example.org/vulnerability-db.tar.zst",
                    "built": "2026-11-22T06:10:00Z",
                    "path": "/home/ci/.cache/grype/db/6/vulnerability.db",
                    "valid": True,
                },
                "providers": {"debian": {"captured": "2026-11-22T00:40:00Z", "input": "xxh64:0123456789abcdef"}},
            },
            "timestamp": "2026-11-23T14:20:30.123456789+01:00",
        },
        **told,
    }


def grype(*holes: dict[str, Any], **told: Any) -> bytes:
    return json.dumps(grype_document(*holes, **told)).encode()
