"""What lies beside an image: found wherever tools lay it, apart from what is signed, never taken from others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.trust.errors import TrustError, Unreachable
from fleet.trust.names import parse
from fleet.trust.statements import MOST_READ, MOST_TOLD, About, Beside, Statement, about, statements_beside
from fleet.trust.subject import Subject, subject_of
from tests.fleet.trust.attesting import SLSA, SPDX, attached, attested, attested_by_bundle, built, envelope
from tests.fleet.trust.publishers import (
    PATH,
    REPOSITORY,
    Image,
    MemoryRegistry,
    b64,
    cosign_bundle,
    new_key,
    public,
    push_image,
    sha256,
    statement,
)

KEY, OTHER = new_key(), new_key()


def runs(image: Image, tag: str = "1.0") -> Subject:
    return subject_of(
        reference=f"{REPOSITORY}:{tag}", image_id=image.id, repo_digests=(f"{REPOSITORY}@{image.digest}",)
    )


def look(registry: MemoryRegistry, image: Image, **told: Any) -> Beside:
    subject = runs(image)
    name = parse(f"{REPOSITORY}:1.0")
    assert name is not None
    return statements_beside(subject, name, registry, tag=lambda: tag_of(registry), keys=(public(KEY),), **told)


def tag_of(registry: MemoryRegistry) -> str | None:
    body = registry.manifests.get((PATH, "1.0"))
    return sha256(body) if body is not None else None


def found(registry: MemoryRegistry, image: Image) -> set[tuple[str, str, str]]:
    """(what about, where, how signed) of each."""
    kinds = {(True, True): "signed", (True, False): "by a stranger", (False, False): "not signed"}
    return {(one.about, one.source, kinds[one.signed, bool(one.signer)]) for one in look(registry, image).found}


def test_what_buildkit_puts_into_the_index_is_there_and_signed_by_nobody() -> None:
    registry = MemoryRegistry()
    image = built(registry, "1.0", SPDX, SLSA)
    assert found(registry, image) == {("sbom", "index", "not signed"), ("provenance", "index", "not signed")}
    assert {one.kind for one in look(registry, image).found} == {SPDX, SLSA}


def test_statements_about_another_platform_of_the_index_are_not_its_own() -> None:
    registry = MemoryRegistry()
    assert found(registry, built(registry, "1.0", SPDX, about=sha256(b"arm"))) == set()


def test_what_cosign_attests_is_signed_by_whoever_did_it_and_of_the_kind_that_was_signed() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    mine, stranger = statement(image.digest, predicate=SPDX), statement(image.digest, predicate=SLSA)
    attested(registry, image.digest, envelope(KEY, mine), envelope(OTHER, stranger))
    assert found(registry, image) == {("sbom", "tag", "signed"), ("provenance", "tag", "by a stranger")}
    signers = {one.signer for one in look(registry, image).found}
    assert signers == {public(KEY).fingerprint, ""}


def test_a_bundle_that_refers_to_it_counts_and_the_images_own_signature_is_none() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    attested_by_bundle(registry, image.digest, KEY, SLSA)
    cosign_bundle(registry, image.digest, KEY, statement(image.digest))
    assert found(registry, image) == {("provenance", "referrer", "signed"), ("other", "referrer", "signed")}


def test_a_bare_list_of_parts_that_refers_to_it_is_there_and_signed_by_nobody() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    attached(registry, image.digest, "application/vnd.cyclonedx+json")
    attached(registry, image.digest, "application/vnd.example.screenshot")
    assert found(registry, image) == {("sbom", "referrer", "not signed")}


def test_statements_about_the_index_and_about_the_manifest_in_it_both_count() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0", index=True)
    attached(registry, image.digest, "application/spdx+json")
    attested_by_bundle(registry, image.manifest, KEY, SLSA)
    assert found(registry, image) == {("sbom", "referrer", "not signed"), ("provenance", "referrer", "signed")}


def test_what_was_stated_of_another_image_counts_for_nothing_wherever_it_lies() -> None:
    registry = MemoryRegistry()
    image, other = push_image(registry, "1.0"), push_image(registry, "2.0")
    foreign = statement(other.digest, predicate=SPDX)
    attested(registry, image.digest, envelope(KEY, foreign))
    cosign_bundle(registry, image.digest, KEY, foreign)
    attested_by_bundle(registry, image.digest, KEY, SLSA, subject=other.digest)
    attached(registry, image.digest, "application/spdx+json", subject=other.digest)
    assert found(registry, image) == set()


def test_what_is_in_no_registry_has_nothing_beside_it() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    elsewhere = Image(sha256(b"local"), sha256(b"x"), 1, sha256(b"x"))
    assert look(registry, elsewhere) == Beside(local=True)
    assert look(registry, image) == Beside(digests=(image.digest,))


def test_what_was_pulled_by_the_digest_of_its_platform_is_found_by_what_its_tag_means() -> None:
    registry = MemoryRegistry()
    image = built(registry, "1.0", SPDX)
    assert found(registry, Image(image.id, image.manifest, 1, image.manifest)) == {("sbom", "index", "not signed")}


def test_a_registry_that_does_not_answer_has_not_said_that_there_is_none() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    registry.broken = True
    with pytest.raises(Unreachable):
        look(registry, image)


def test_a_payload_that_is_not_what_was_signed_is_a_strangers() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    swapped = json.loads(envelope(KEY, statement(image.digest, predicate=SLSA)))
    swapped["payload"] = b64(statement(image.digest, predicate=SPDX))
    attested(registry, image.digest, json.dumps(swapped).encode())
    assert found(registry, image) == {("sbom", "tag", "by a stranger")}


def test_numbers_with_a_fraction_in_a_list_of_parts_are_no_obstacle() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    payload = json.dumps(
        {**json.loads(statement(image.digest, predicate=SPDX)), "predicate": {"score": 9.8, "deep": [[[]]]}}
    ).encode()
    attested(registry, image.digest, envelope(KEY, payload))
    assert found(registry, image) == {("sbom", "tag", "signed")}


def test_a_list_that_was_read_before_is_not_read_again() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    attested(registry, image.digest, envelope(KEY, statement(image.digest, predicate=SPDX)))
    first = look(registry, image)
    registry.asked.clear()
    known: dict[str, list[Statement]] = {}
    for one in first.found:
        known.setdefault(one.digest, []).append(one)
    assert look(registry, image, known=known) == first
    assert [what for what in registry.asked if what.startswith("blob")] == []


def test_what_it_costs_does_not_grow_with_what_somebody_piled_up() -> None:
    registry = MemoryRegistry()
    image = push_image(registry, "1.0")
    for number in range(100):
        attached(registry, image.digest, f"application/spdx+json; n={number}")
        attested_by_bundle(registry, image.digest, KEY, f"https://slsa.dev/provenance/v{number}")
    attested(registry, image.digest, *(envelope(KEY, statement(image.digest, predicate=f"p{n}")) for n in range(100)))
    registry.asked.clear()
    assert len(look(registry, image).found) <= MOST_TOLD
    assert len(registry.asked) <= 32
    assert len([what for what in registry.asked if what.startswith("blob")]) <= MOST_READ


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        (SPDX, About.SBOM),
        ("https://cyclonedx.org/bom/v1.6", About.SBOM),
        ("text/spdx+json", About.SBOM),
        ("application/vnd.syft+json", About.SBOM),
        ("https://slsa.dev/provenance/v0.2", About.PROVENANCE),
        ("https://slsa.dev/verification_summary/v1", About.OTHER),
        ("https://cosign.sigstore.dev/attestation/vuln/v1", About.OTHER),
        ("", About.OTHER),
    ],
)
def test_what_a_statement_is_about(kind: str, meant: About) -> None:
    assert about(kind) is meant


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _everything() -> tuple[MemoryRegistry, Image]:
    registry = MemoryRegistry()
    image = built(registry, "1.0", SPDX)
    attested(registry, image.manifest, envelope(OTHER, statement(image.manifest, predicate=SPDX)))
    attested_by_bundle(registry, image.digest, OTHER, SLSA)
    attached(registry, image.digest, "application/spdx+json")
    return registry, image


#: Made once, as no two signatures are alike.
_FULL = _everything()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_lies_there_there_is_no_crash_and_no_signer_who_did_not_sign(data: Any) -> None:
    full, image = _FULL
    registry = MemoryRegistry(dict(full.manifests), dict(full.blobs), full.referring)
    for shelf in (registry.blobs, registry.manifests):
        for place in data.draw(st.lists(st.sampled_from(sorted(shelf)), max_size=3, unique=True)):
            if data.draw(st.booleans()):
                shelf[place] = json.dumps(data.draw(_VALUES)).encode()
            else:
                spoiled = bytearray(shelf[place])
                spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
                shelf[place] = bytes(spoiled)
    try:
        beside = look(registry, image)
    except (TrustError, ValueError, AttributeError):  # the tests' own reader takes the kind of a manifest out of it
        return
    assert all(one.signer == "" for one in beside.found)
