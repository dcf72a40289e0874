"""From a running container to what must have been signed, and whether a digest is that of what runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from fleet.trust import strict
from fleet.trust.errors import BadDigest, Malformed, NotFound, Refused
from fleet.trust.names import ImageName, is_digest, parse
from fleet.trust.reading import INDEX_TYPES, MANIFEST_TYPES, Manifest, RegistryReader

_MOST_CHILDREN = 64


@dataclass(frozen=True, slots=True)
class Subject:
    """What one image is to a verifier. The engine is believed in one thing: that the container runs `image_id`.

    `image_id` is the digest of the configuration, or with the containerd store that of the manifest or index.
    `candidates` are digests that may be it in the registry; `name` is None for what was started by an ID.
    """

    name: ImageName | None
    image_id: str
    candidates: tuple[str, ...]
    containerd: bool = False
    manifest_digest: str = ""  # of the platform, where the engine tells it (API 1.48, containerd store)
    architecture: str = ""  # which of an index's manifests is looked at first; nothing rests on it


def subject_of(
    *,
    reference: str | None,
    image_id: str,
    repo_digests: tuple[str, ...] = (),
    containerd: bool = False,
    manifest_digest: str = "",
    architecture: str = "",
) -> Subject:
    """`reference` is Config.Image of the container. Raises Refused for names that no registry could hold."""
    name = parse(reference)
    if not is_digest(image_id):
        raise Refused("the engine gave no ID of the image")
    if containerd:
        # The repository in RepoDigests is made up there, by every tag that the image has.
        digests = [image_id, *([manifest_digest] if is_digest(manifest_digest) else [])]
    else:
        digests = _digests_of(name, repo_digests)
    if name is not None and name.digest:
        digests.append(name.digest)
    return Subject(name, image_id, tuple(dict.fromkeys(digests)), containerd, manifest_digest, architecture)


def _digests_of(name: ImageName | None, repo_digests: tuple[str, ...]) -> list[str]:
    """Under the very repository that the name is of: under another a digest is no evidence of where it came from."""
    found = []
    for text in repo_digests:
        try:
            one = parse(text)
        except Refused:
            continue
        if one is not None and name is not None and one.repository == name.repository and one.digest:
            found.append(one.digest)
    return found


@dataclass(frozen=True, slots=True)
class Bound:
    """From the digest that was asked about down to what runs: the index first where there is one, then the manifest."""

    digests: tuple[str, ...]
    size: int  # bytes of the first

    @property
    def digest(self) -> str:
        return self.digests[0]


def bound(
    subject: Subject, digest: str, registry: RegistryReader, path: str, *, only_own: bool = False
) -> Bound | None:
    """Whether what the registry has under the digest is what runs. None: no, or it has none of that. With `only_own` of
    an index only manifests of the subject's architecture are read.

    Raises BadDigest when other bytes came, Malformed, Unreachable and TooLarge.
    """
    manifest = fetched(registry, path, digest)
    if manifest is None:
        return None
    document = strict.load_object(manifest.body)
    size = len(manifest.body)
    if _is_index(document, manifest):
        if subject.containerd and digest == subject.image_id and not subject.manifest_digest:
            return Bound((digest,), size)  # the engine calls it by the index and does not tell which platform it took
        for child in _children(document, subject.architecture, only_own=only_own):
            if _is_child(subject, child, registry, path):
                return Bound((digest, child), size)
        return None
    return Bound((digest,), size) if _is_it(subject, digest, document) else None


def fetched(registry: RegistryReader, path: str, digest: str) -> Manifest | None:
    """None where the registry has none. Its bytes are held against the digest here as well, whatever the reader did."""
    if not is_digest(digest):
        raise Malformed("what should be a digest is none")
    try:
        manifest = registry.manifest(path, digest)
    except NotFound:
        return None
    if f"sha256:{hashlib.sha256(manifest.body).hexdigest()}" != digest:
        raise BadDigest(f"the registry returned other bytes than those of {digest[:19]}…")
    return manifest


def _is_index(document: dict[str, Any], manifest: Manifest) -> bool:
    """By the document where it says so; a header alone could make one thing be read as two."""
    kind = document.get("mediaType", manifest.media_type)
    if kind not in (*INDEX_TYPES, *MANIFEST_TYPES):
        raise Malformed(f"{str(kind)[:80]!r} is no manifest of an image")
    listed, single = "manifests" in document, "config" in document or "layers" in document
    if listed is single or listed is not (kind in INDEX_TYPES):
        raise Malformed("a manifest says that it is another kind than it is")
    return listed


def _is_child(subject: Subject, child: str, registry: RegistryReader, path: str) -> bool:
    if subject.containerd:  # its name is its content, so nothing has to be read
        return child == (subject.manifest_digest or subject.image_id)
    below = fetched(registry, path, child)
    return below is not None and _is_it(subject, child, strict.load_object(below.body))


def _children(document: dict[str, Any], architecture: str, *, only_own: bool) -> list[str]:
    """Digests of an index, those of the architecture first, as each of the others costs a request."""
    listed = strict.a_list(document["manifests"], "manifests")
    entries = [strict.an_object(one, "an entry of manifests") for one in listed]
    if len(entries) > _MOST_CHILDREN:
        raise Malformed(f"an index of {len(entries)} manifests is more than are looked at ({_MOST_CHILDREN})")
    if not all(is_digest(one.get("digest")) for one in entries):
        raise Malformed("an entry of manifests has no digest")
    if only_own and architecture:
        entries = [one for one in entries if _architecture(one) == architecture]
    entries.sort(key=lambda one: not architecture or _architecture(one) != architecture)
    return list(dict.fromkeys(str(one["digest"]) for one in entries))


def _architecture(entry: dict[str, Any]) -> object:
    platform = entry.get("platform")
    return platform.get("architecture") if isinstance(platform, dict) else None


def _is_it(subject: Subject, digest: str, document: dict[str, Any]) -> bool:
    """Whether that manifest, of one platform, is what runs."""
    if subject.containerd:
        return digest == (subject.manifest_digest or subject.image_id)
    config = strict.an_object(document.get("config"), "config")
    return config.get("digest") == subject.image_id
