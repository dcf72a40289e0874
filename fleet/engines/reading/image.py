"""/images/json entries and /images/{id}/json, read into facts."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.checks import health_check
from fleet.engines.reading.fields import find, names, rows, text, texts, whole
from fleet.engines.reading.redaction import redact_text, without_secrets
from fleet.inventory import HealthCheck, HostFacts, ImageFacts


def from_replies(
    entry: dict[str, object], detail: dict[str, object] | None, *, identity: str, host: HostFacts
) -> ImageFacts:
    """`detail` is the inspect reply of an image that some container uses."""
    known = detail or {}
    labels = fields.pairs(known, "Config", "Labels") if detail else fields.pairs(entry, "Labels")
    layers = texts(known, "RootFS", "Layers")
    comment = text(known, "Comment")
    return ImageFacts(
        id=identity,
        tags=_named(texts(entry, "RepoTags")),
        digests=_named(texts(entry, "RepoDigests")),
        created_at=fields.moment(known, "Created") or fields.moment_of_epoch(entry, "Created"),
        size=whole(entry, "Size"),
        labels=without_secrets(labels),
        architecture=fields.filled(known, "Architecture"),
        os=fields.filled(known, "Os"),
        comment=None if comment is None else redact_text(comment),
        layers=None if layers is None else len(layers),
        declared_volumes=names(known, "Config", "Volumes", absent=()),
        health_check=_health_check(known),
        containerd_store=_containerd_store(entry, known, host),
        media_type=fields.filled(known, "Descriptor", "mediaType") or fields.filled(entry, "Descriptor", "mediaType"),
        pulled_from=_pulled_from(known),
        built_here=_built_here(known),
        signatures=_signatures(known),
        inspected=detail is not None,
    )


def _named(references: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if references is None:
        return None
    return tuple(sorted(name for name in references if "<none>" not in name))


def _health_check(known: dict[str, object]) -> HealthCheck | None:
    """One of no kind where the image has none; None where its configuration was not told."""
    config = fields.find(known, "Config")
    return health_check(config) or HealthCheck("") if isinstance(config, dict) else None


def _containerd_store(entry: object, known: object, host: HostFacts) -> bool | None:
    """Whether a digest may belong to a local build. Podman keeps images its own way."""
    if host.kind == "podman":
        return None
    if isinstance(find(entry, "Descriptor"), dict) or isinstance(find(known, "Descriptor"), dict):
        return True
    if host.storage_status is None:
        return None
    return host.storage_status.get("driver-type", "").startswith("io.containerd.")


def _pulled_from(known: object) -> tuple[str, ...] | None:
    """Identity.Pull[].Repository, API 1.53 and later: where the engine itself fetched it, whatever its tag says now."""
    if not isinstance(find(known, "Identity"), dict):
        return None
    return fields.read_all(rows(known, "Identity", "Pull", absent=[]), lambda pull: text(pull, "Repository"))


def _built_here(known: object) -> bool | None:
    if not isinstance(find(known, "Identity"), dict):
        return None
    builds = rows(known, "Identity", "Build", absent=[])
    return None if builds is None else bool(builds)


def _signatures(known: object) -> int | None:
    """How many the engine says it verified. An Error may mean a forgery or a key out of reach, so it is no evidence."""
    if not isinstance(find(known, "Identity"), dict):
        return None
    signatures = rows(known, "Identity", "Signature", absent=[])
    return None if signatures is None else sum(1 for one in signatures if not fields.filled(one, "Error"))
