"""What was stated about an image and lies beside it in its registry: what is inside, and how it was built.

That a statement is there is one thing, that somebody who is registered signed it another; what it says is not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec

from fleet.trust import strict
from fleet.trust.asking import MOST_CANDIDATES
from fleet.trust.dsse import pae
from fleet.trust.errors import BadDigest, Malformed, NotFound, TooLarge
from fleet.trust.keys import PublicKey, from_base64
from fleet.trust.names import ImageName, is_digest
from fleet.trust.reading import Referrer, RegistryReader
from fleet.trust.subject import Bound, Subject, bound, fetched

#: Bytes of one signed statement; a list of parts has megabytes.
MOST_STATEMENT: Final = 8 * 1024 * 1024
#: Of one image: statements that are told, manifests that are looked into, and blobs that are read for their signature.
MOST_TOLD: Final = 32
MOST_MANIFESTS: Final = 16
MOST_READ: Final = 8
_MOST_PATHS: Final = 3
_IN_TOTO: Final = "application/vnd.in-toto+json"
_DSSE: Final = "application/vnd.dsse.envelope.v1+json"
_BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
_TYPE, _DIGEST, _PREDICATE = "vnd.docker.reference.type", "vnd.docker.reference.digest", "in-toto.io/predicate-type"
#: Beginnings of predicate types, and media types of what is no statement in a statement's clothes.
_SBOM: Final = (
    "https://spdx.dev/", "https://cyclonedx.org/", "https://syft.dev/bom", "application/spdx", "text/spdx",
    "application/vnd.cyclonedx", "application/vnd.syft",
)  # fmt: skip
_PROVENANCE: Final = ("https://slsa.dev/provenance/", "https://in-toto.io/Provenance/")
_LONGEST: Final = 200


class About(StrEnum):
    """What a statement is about."""

    SBOM = "sbom"  # what is inside
    PROVENANCE = "provenance"  # how it was built
    OTHER = "other"


def about(kind: str) -> About:
    """Of a predicate type or a media type."""
    if kind.startswith(_SBOM):
        return About.SBOM
    return About.PROVENANCE if kind.startswith(_PROVENANCE) else About.OTHER


@dataclass(frozen=True, slots=True)
class Statement:
    """`kind` is its predicate type, or the media type of a bare list of parts; `digest` that of the manifest it hangs
    in; `signer` the fingerprint of the registered key that signed it, empty where none did, `signed` or not.
    """

    kind: str
    source: str  # index, referrer, or tag
    digest: str
    signed: bool = False
    signer: str = ""

    @property
    def about(self) -> About:
        return about(self.kind)


@dataclass(frozen=True, slots=True)
class Beside:
    """`digests` are those that something can lie beside: of what runs, and of the index it is in. `tags` are those
    under which anything lies for them: cosign's, and those that tell what refers to them where no endpoint does.
    `local` where nothing in the registry is what runs, so that nothing can lie beside it.
    """

    found: tuple[Statement, ...] = ()
    local: bool = False
    digests: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()


class _Subject(msgspec.Struct):
    digest: dict[str, str] = {}


class _Stated(msgspec.Struct, rename="camel"):
    predicate_type: str
    subject: list[_Subject]


_STATED: Final[msgspec.json.Decoder[_Stated]] = msgspec.json.Decoder(_Stated)


class _Signature(msgspec.Struct):
    sig: str = ""


class _Envelope(msgspec.Struct, rename="camel"):
    payload_type: str
    payload: str
    signatures: list[_Signature]


class _Bundle(msgspec.Struct, rename="camel"):
    dsse_envelope: _Envelope


_ENVELOPE: Final[msgspec.json.Decoder[_Envelope]] = msgspec.json.Decoder(_Envelope)
_BUNDLED: Final[msgspec.json.Decoder[_Bundle]] = msgspec.json.Decoder(_Bundle)


def statements_beside(
    subject: Subject,
    name: ImageName,
    registry: RegistryReader,
    *,
    tag: Callable[[], str | None],
    keys: Sequence[PublicKey] = (),
    known: Mapping[str, Sequence[Statement]] | None = None,
) -> Beside:
    """All that lies beside what runs. `tag` tells the digest that its tag means now, None for no such tag; it is asked
    where the digests that the engine tells lead to no index. `known` are statements that were found by these very keys
    before, by their manifests: those cannot have changed, and are not read again.

    What is malformed is no statement; raises Unreachable and Refused, since who cannot be asked has not said no.
    """
    looking = _Looking(name.path, registry, tuple(keys), dict(known or {}))
    paths: list[Bound] = []
    for path in _paths(subject, name, registry, tag):
        paths.append(path)
        if len(path.digests) > 1 or len(paths) == _MOST_PATHS:  # an index: whatever else it is called by says no more
            break
    found: dict[Statement, None] = {}
    for path in paths:
        for statement in (*looking.in_index(path), *(one for digest in path.digests for one in looking.beside(digest))):
            found.setdefault(statement)
    digests = tuple(dict.fromkeys(digest for path in paths for digest in path.digests))
    return Beside(tuple(found)[:MOST_TOLD], not paths, digests, frozenset(looking.tags))


def _paths(
    subject: Subject, name: ImageName, registry: RegistryReader, tag: Callable[[], str | None]
) -> Iterator[Bound]:
    known = subject.candidates[:MOST_CANDIDATES]
    for digest in known:
        if (found := bound(subject, digest, registry, name.path)) is not None:
            yield found
    current = tag() if name.tag is not None else None
    if current is None or current in known:
        return
    if (found := bound(subject, current, registry, name.path)) is not None:
        yield found


@dataclass
class _Looking:
    """One look at one image; what it may still read is counted down."""

    path: str
    registry: RegistryReader
    keys: tuple[PublicKey, ...]
    known: dict[str, Sequence[Statement]]
    seen: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    manifests: int = MOST_MANIFESTS
    reads: int = MOST_READ

    def in_index(self, path: Bound) -> Iterator[Statement]:
        """BuildKit lists them in the index, beside the manifest that they are about."""
        if len(path.digests) < 2:  # noqa: PLR2004 - an index, and the manifest in it
            return
        index, manifest = path.digests
        listed = _json(fetched(self.registry, self.path, index)).get("manifests")
        for entry in listed if isinstance(listed, list) else ():
            notes = _annotations(entry)
            digest = entry.get("digest") if isinstance(entry, dict) else None
            if notes.get(_TYPE) == "attestation-manifest" and notes.get(_DIGEST) == manifest and is_digest(digest):
                yield from self._within(str(digest), "index", manifest)

    def beside(self, digest: str) -> Iterator[Statement]:
        """What refers to it, and what lies under cosign's tag for it."""
        if digest in self.seen:
            return
        self.seen.add(digest)
        referring = self._referrers(digest)
        if referring:
            self.tags.add(referrers_tag(digest))
        for referrer in referring:
            kind = referrer.artifact_type
            if kind.startswith((_BUNDLE, _IN_TOTO)):
                yield from self._within(referrer.digest, "referrer", digest)
            elif about(kind) is not About.OTHER:
                yield from self._bare(referrer.digest, kind, digest)
        try:
            tagged = self.registry.manifest(self.path, attestations_tag(digest))
        except (NotFound, TooLarge, BadDigest, Malformed):
            return
        self.tags.add(attestations_tag(digest))
        yield from self._read(tagged.digest, _loose(tagged.body), "tag", digest)

    def _referrers(self, digest: str) -> tuple[Referrer, ...]:
        try:
            return self.registry.referrers(self.path, digest)
        except (TooLarge, Malformed, BadDigest, NotFound):
            return ()

    def _within(self, holder: str, source: str, about_digest: str) -> Iterator[Statement]:
        document = self._manifest(holder)
        if document is None:
            return
        if source == "referrer" and not _is_about(document, about_digest):
            return
        yield from self._read(holder, document, source, about_digest)

    def _bare(self, holder: str, kind: str, about_digest: str) -> Iterator[Statement]:
        """A list of parts as it is, which nobody signed."""
        document = self._manifest(holder)
        if document is not None and _is_about(document, about_digest):
            yield Statement(_short(kind), "referrer", holder)

    def _manifest(self, digest: str) -> dict[str, Any] | None:
        """None for what is not there, is not what it should be, or is one too many."""
        if digest in self.seen or not self.manifests:
            return None
        self.seen.add(digest)
        self.manifests -= 1
        try:
            return _json(fetched(self.registry, self.path, digest))
        except (TooLarge, Malformed, BadDigest):
            return None

    def _read(self, holder: str, document: dict[str, Any], source: str, about_digest: str) -> Iterator[Statement]:
        if holder in self.known:
            yield from self.known[holder]
            return
        layers = document.get("layers")
        for layer in (layers if isinstance(layers, list) else [])[:MOST_TOLD]:
            statement = self._layer(holder, layer, source, about_digest)
            if statement is not None:
                yield statement

    def _layer(self, holder: str, layer: Any, source: str, about_digest: str) -> Statement | None:
        kind = layer.get("mediaType") if isinstance(layer, dict) else None
        if not isinstance(kind, str):
            return None
        told = _annotations(layer).get(_PREDICATE, "")
        if kind == _IN_TOTO:
            return Statement(_short(told), source, holder) if told else None
        if kind == _DSSE or kind.startswith(_BUNDLE):
            return self._signed(holder, layer.get("digest"), kind, source, about_digest)
        return Statement(_short(kind), source, holder) if about(kind) is not About.OTHER else None

    def _signed(self, holder: str, digest: object, kind: str, source: str, about_digest: str) -> Statement | None:
        """By what was signed, and not by what a registry writes beside it; None for a signature of the image itself,
        for a statement about another image, and for what is none.
        """
        if not is_digest(digest) or not self.reads:
            return None
        self.reads -= 1
        try:
            body = self.registry.blob(self.path, str(digest), MOST_STATEMENT)
            if f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
                return None
            envelope = _ENVELOPE.decode(body) if kind == _DSSE else _BUNDLED.decode(body).dsse_envelope
            payload = from_base64(envelope.payload, "payload")
            stated = _STATED.decode(payload) if envelope.payload_type == _IN_TOTO else None
        except (NotFound, TooLarge, BadDigest, Malformed, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if stated is None or not any(f"sha256:{one.digest.get('sha256')}" == about_digest for one in stated.subject):
            return None
        signer = self._signer(envelope, payload)
        return Statement(_short(stated.predicate_type), source, holder, signed=True, signer=signer)

    def _signer(self, envelope: _Envelope, payload: bytes) -> str:
        """Fingerprint of the first registered key that signed it."""
        message = pae(envelope.payload_type, payload)
        for one in envelope.signatures[:MOST_READ]:
            try:
                signature = from_base64(one.sig, "sig")
            except Malformed:
                continue
            for key in self.keys:
                if key.signed_der(signature, message):
                    return key.fingerprint
        return ""


def referrers_tag(digest: str) -> str:
    """Under which registries without an endpoint for that tell what refers to a digest."""
    return digest.replace(":", "-")


def attestations_tag(digest: str) -> str:
    """Under which cosign before version 3 keeps statements about a digest."""
    return f"{referrers_tag(digest)}.att"


def _is_about(document: dict[str, Any], digest: str) -> bool:
    """By the manifest itself: a registry's list of what refers to an image is only its word."""
    subject = document.get("subject")
    return isinstance(subject, dict) and subject.get("digest") == digest


def _annotations(entry: object) -> Mapping[str, str]:
    notes = entry.get("annotations") if isinstance(entry, dict) else None
    return {key: value for key, value in notes.items() if isinstance(value, str)} if isinstance(notes, dict) else {}


def _json(manifest: Any) -> dict[str, Any]:
    return {} if manifest is None else strict.load_object(manifest.body)


def _loose(body: bytes) -> dict[str, Any]:
    try:
        return strict.load_object(body)
    except Malformed:
        return {}


def _short(kind: str) -> str:
    return "".join(one for one in kind[:_LONGEST].encode(errors="replace").decode() if one.isprintable())
