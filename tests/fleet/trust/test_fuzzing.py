"""Whatever a hostile server answers: no crash, no hang, and never a green for an image that nobody signed."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import cbor2
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fleet.trust import strict
from fleet.trust.asking import Asked, Verifier
from fleet.trust.cose import read_cose
from fleet.trust.errors import Refused, TrustError
from fleet.trust.keys import read_public
from fleet.trust.names import parse
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.scope import checked
from fleet.trust.sigstore_root import read_sigstore_root
from fleet.trust.states import State, Verdict
from fleet.trust.subject import subject_of
from fleet.trust.tuf.envelope import Document
from fleet.trust.verifiers.cosign import Cosign
from fleet.trust.verifiers.keyless import Keyless, judge_bundle
from fleet.trust.verifiers.notary import Notary
from fleet.trust.verifiers.notation import COSE, Notation, read_envelope
from tests.fleet.trust.authorities import certified, cose, jws, payload, refer
from tests.fleet.trust.keyless_scene import root_of
from tests.fleet.trust.notary_publisher import NotaryPublisher, Server
from tests.fleet.trust.publishers import (
    NOW,
    PATH,
    REPOSITORY,
    Image,
    MemoryRegistry,
    cosign_beside,
    cosign_bundle,
    new_key,
    public,
    push_image,
    simple_payload,
    statement,
)
from tests.fleet.trust.sigstores import Sigstore, refer_bundle

_QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class _World:
    """A signed image and one that nobody signed, which runs."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.good = push_image(self.registry, "1.0")
        self.evil = push_image(self.registry, "evil", content="evil")
        self.publisher = NotaryPublisher(targets={"1.0": (self.good.digest, self.good.size)}).publish()
        key = new_key()
        for image in (self.good, self.evil):  # beside both lies what was signed for the first
            cosign_beside(self.registry, image.digest, (key, simple_payload(self.good.digest)))
        cosign_bundle(self.registry, self.good.digest, key, statement(self.good.digest))
        authority = certified("root", authority=True, days=4000)
        signer = certified("signer", by=authority)
        body = payload(self.good.digest, self.good.size)
        refer(self.registry, self.good.digest, jws(signer, body, []))
        refer(self.registry, self.good.digest, cose(signer, body, []), COSE)
        self.registry.referring[PATH, self.evil.digest] = self.registry.referring[PATH, self.good.digest]
        sigstore = Sigstore()
        self.bundle = sigstore.sign(statement(self.good.digest))
        for image in (self.good, self.evil):
            refer_bundle(self.registry, image.digest, self.bundle)
        self.roots = {
            Kind.NOTARY: Root(name="n", kind=Kind.NOTARY, keys=(public(self.publisher.root_keys[0]),)),
            Kind.COSIGN: Root(name="c", kind=Kind.COSIGN, keys=(public(key),)),
            Kind.NOTATION: Root(name="o", kind=Kind.NOTATION, certificates=(authority.der,)),
            Kind.COSIGN_KEYLESS: root_of(sigstore),
        }

    def asked(self, kind: Kind, image: Image, tag: str) -> Asked:
        subject = subject_of(
            reference=f"{REPOSITORY}:{tag}", image_id=image.id, repo_digests=(f"{REPOSITORY}@{image.digest}",)
        )
        return Asked(subject, self.roots[kind], Readers(self.registry, Server(self.publisher)), NOW)

    def verify(self, kind: Kind, image: Image, tag: str) -> Verdict:
        verifiers: dict[Kind, Verifier] = {
            Kind.NOTARY: Notary(),
            Kind.COSIGN: Cosign(),
            Kind.COSIGN_KEYLESS: Keyless(),
            Kind.NOTATION: Notation(),
        }
        return verifiers[kind].verify(self.asked(kind, image, tag))


_WORLD = _World()


def test_the_world_of_these_tests_is_green_where_it_should_be() -> None:
    for kind in _WORLD.roots:
        assert _WORLD.verify(kind, _WORLD.good, "1.0").good
        assert not _WORLD.verify(kind, _WORLD.evil, "1.0").good


def _mutated(body: bytes, cuts: list[tuple[int, bytes, int]]) -> bytes:
    for place, new, length in cuts:
        at = place % (len(body) + 1)
        body = body[:at] + new + body[at + length :]
    return body


_CUTS = st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=4)


@given(which=st.integers(0, 50), cuts=_CUTS)
@_QUIET
def test_spoiled_metadata_never_makes_an_unsigned_image_green(which: int, cuts: list[tuple[int, bytes, int]]) -> None:
    files = _WORLD.publisher.files
    name = sorted(files)[which % len(files)]
    _WORLD.publisher.files = {**files, name: _mutated(files[name], cuts)}
    try:
        assert _WORLD.verify(Kind.NOTARY, _WORLD.evil, "1.0").state is not State.VERIFIED
    finally:
        _WORLD.publisher.files = files


@given(
    kind=st.sampled_from([Kind.COSIGN, Kind.COSIGN_KEYLESS, Kind.NOTATION]),
    which=st.integers(0, 50),
    cuts=_CUTS,
    blob=st.booleans(),
)
@_QUIET
def test_a_spoiled_registry_never_makes_an_unsigned_image_green(
    kind: Kind, which: int, cuts: list[tuple[int, bytes, int]], *, blob: bool
) -> None:
    registry = _WORLD.registry
    kept = registry.blobs if blob else registry.manifests
    key = sorted(kept)[which % len(kept)]
    before = kept[key]
    kept[key] = _mutated(before, cuts)
    try:
        assert _WORLD.verify(kind, _WORLD.evil, "1.0").state is not State.VERIFIED
    except ValueError:  # the registry of the tests reads JSON to tell a type
        assert not blob
    finally:
        kept[key] = before


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _places(document: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key in document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ():
        yield (*above, key)
        yield from _places(document[key], (*above, key))


def _put(document: Any, place: tuple[Any, ...], value: object) -> None:
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


_PLACES = list(_places(_WORLD.bundle))
_OTHERS = Sigstore().sign(statement(_WORLD.evil.digest))  # of the same make, by a Sigstore that nobody pinned


def _at(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


@given(places=st.lists(st.sampled_from(_PLACES), min_size=1, max_size=3), value=_JSON, foreign=st.booleans())
@_QUIET
def test_no_change_to_a_bundle_makes_it_vouch_for_anything_else(
    places: list[tuple[Any, ...]], value: object, *, foreign: bool
) -> None:
    """Neither junk nor what stands there in a bundle that is good elsewhere, in up to three places at once."""
    bundle = copy.deepcopy(_WORLD.bundle)
    for place in places:
        with suppress(KeyError, IndexError, TypeError):  # what is put first may have taken the next place away
            _put(bundle, place, copy.deepcopy(_at(_OTHERS, place) if foreign else value))
    body = json.dumps(bundle).encode()
    for image in (_WORLD.evil, _WORLD.good):
        try:
            found = judge_bundle(_WORLD.asked(Kind.COSIGN_KEYLESS, image, "1.0"), body, image.digest, "here")
        except TrustError:
            continue
        if found is not None and found.state is State.VERIFIED:
            assert image is _WORLD.good
            assert bundle["dsseEnvelope"]["payload"] == _WORLD.bundle["dsseEnvelope"]["payload"]


_BINARY = [
    ("verificationMaterial", "certificate", "rawBytes"),
    ("verificationMaterial", "tlogEntries", 0, "canonicalizedBody"),
    ("verificationMaterial", "tlogEntries", 0, "inclusionPromise", "signedEntryTimestamp"),
    ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "rootHash"),
    ("dsseEnvelope", "payload"),
    ("dsseEnvelope", "signatures", 0, "sig"),
]


@given(place=st.sampled_from(_BINARY), cuts=_CUTS)
@_QUIET
def test_no_other_byte_in_what_a_bundle_is_made_of_is_good(
    place: tuple[Any, ...], cuts: list[tuple[int, bytes, int]]
) -> None:
    bundle = copy.deepcopy(_WORLD.bundle)
    before = base64.b64decode(_at(bundle, place))
    after = _mutated(before, cuts)
    assume(after != before)
    _put(bundle, place, base64.b64encode(after).decode())
    asked = _WORLD.asked(Kind.COSIGN_KEYLESS, _WORLD.good, "1.0")
    with suppress(TrustError):
        found = judge_bundle(asked, json.dumps(bundle).encode(), _WORLD.good.digest, "here")
        assert found is None or found.state is not State.VERIFIED


@given(_JSON)
@_QUIET
def test_canonical_json_reads_as_what_it_was_made_of(document: object) -> None:
    try:
        body = strict.canonical(document)
    except TrustError:
        return
    # Control characters stand raw in it, so that no other reader of JSON takes it; where there are none they agree.
    if not any(byte < 32 for byte in body):
        assert strict.load(body) == document


_READERS: dict[str, Callable[[bytes], object]] = {
    "json": strict.load,
    "root": lambda body: Document.read(body, "Root"),
    "cose": read_cose,
    "trusted root": lambda body: read_sigstore_root(body.decode("latin-1")),
    "jws": lambda body: read_envelope(body, "application/jose+json"),
    "keys": lambda body: read_public(body.decode("latin-1")),
    "name": lambda body: parse(body.decode("latin-1")),
    "scope": lambda body: checked(body.decode("latin-1")),
}


@given(which=st.sampled_from(sorted(_READERS)), body=st.binary(max_size=400) | _JSON.map(lambda d: repr(d).encode()))
@_QUIET
def test_no_reader_raises_anything_but_its_own_errors(which: str, body: bytes) -> None:
    with suppress(TrustError):
        _READERS[which](body)


_KEYS = st.integers(0, 40) | st.text(max_size=4)
_CBOR = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.binary(max_size=8) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(document=_CBOR, tag=st.sampled_from([18, 17, 61]))
@_QUIET
def test_no_cbor_breaks_the_reader_of_envelopes(document: object, tag: int) -> None:
    with suppress(TrustError):
        read_cose(cbor2.dumps(cbor2.CBORTag(tag, document)))


@given(st.text(alphabet=st.sampled_from("abz09./:@-_%?#\n A\\"), max_size=60))
@_QUIET
def test_a_name_that_is_let_through_leads_nowhere_else(text: str) -> None:
    try:
        name = parse(text)
    except Refused:
        return
    if name is None:
        return
    assert not set(str(name)) & set("%?#\n \\")
    assert ".." not in name.path.split("/")
    assert "//" not in name.path
