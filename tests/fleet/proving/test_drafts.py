"""A trust root before it is one: what it would speak for, and taking over exactly what was shown."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from msgspec.structs import replace

from fleet.models import TrustDraft, TrustRoot, TrustRootVersion
from fleet.proving import ProvingError, adopt_draft, draft_root, edit_root, enable_root, preview_root, register_root
from fleet.trust.coverage import Coverage
from fleet.trust.roots import Kind
from fleet.trust.terms import Terms
from tests.builders import NOW, OWNED, container
from tests.fleet.trust.publishers import new_key, pem
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
KEY = new_key()
TERMS = Terms(kind=Kind.COSIGN, scopes=("registry.internal/team/*",), material=pem(KEY))


def drafted(terms: Terms = TERMS, name: str = "team", root: TrustRoot | None = None) -> TrustDraft:
    return draft_root(name, terms, root=root, author=None, author_name="ann", now=NOW)


def adopt(draft: TrustDraft) -> TrustRootVersion:
    return adopt_draft(draft, author=None, author_name="ann", now=NOW)


def registered(terms: Terms = TERMS, name: str = "team") -> TrustRoot:
    return register_root(name, terms, author=None, author_name="bert", now=NOW).root


def previewed(draft: TrustDraft) -> Coverage:
    preview_root(draft.pk, now=NOW)
    draft.refresh_from_db()
    assert draft.preview_state == "done"
    return msgspec.convert(draft.preview["coverage"], Coverage)


def test_a_draft_counts_for_nothing_until_it_is_taken_over() -> None:
    draft = drafted()
    assert not TrustRoot.objects.exists()
    made = adopt(draft)
    assert (made.number, made.root.name, made.author_name, made.document) == (1, "team", "ann", draft.document)
    assert not TrustDraft.objects.exists()


def test_an_edit_becomes_the_next_version() -> None:
    root = registered()
    made = adopt(drafted(replace(TERMS, match_name=True), root=root))
    assert (made.root, made.number) == (root, 2)


def test_a_draft_written_before_somebody_elses_version_is_not_taken_over() -> None:
    root = registered()
    draft = drafted(replace(TERMS, match_name=True), root=root)
    edit_root("team", replace(TERMS, scopes=("registry.internal/*",)), author=None, author_name="bert", now=NOW)
    with pytest.raises(ProvingError, match="bert made version 2 meanwhile"):
        adopt(draft)
    assert root.versions.count() == 2
    assert TrustDraft.objects.filter(pk=draft.pk).exists()


def test_a_name_that_was_given_meanwhile_is_refused() -> None:
    draft = drafted()
    registered()
    with pytest.raises(ProvingError, match="already"):
        adopt(draft)


@pytest.mark.parametrize(
    ("name", "terms", "field"),
    [
        ("team", replace(TERMS, threshold=2), "threshold"),
        ("team", replace(TERMS, scopes=("nowhere",)), "scopes"),
        ("", TERMS, "name"),
        ("a/b", TERMS, "name"),
        ("add", TERMS, "name"),
        ("..", TERMS, "name"),
        ("x" * 101, TERMS, "name"),
        ("team\x00", TERMS, "name"),
    ],
)
def test_what_could_be_no_version_is_no_draft_and_the_field_is_named(name: str, terms: Terms, field: str) -> None:
    with pytest.raises(ProvingError) as refused:
        drafted(terms, name)
    assert refused.value.field == field
    assert not TrustDraft.objects.exists()


def test_what_changes_nothing_is_no_draft() -> None:
    with pytest.raises(ProvingError, match="version 1 says already"):
        drafted(root=registered())


def test_a_private_key_never_reaches_a_draft() -> None:
    private = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    for terms in (replace(TERMS, material=private), replace(TERMS, scopes=(private,))):
        with pytest.raises(ProvingError, match="burnt") as refused:
            drafted(terms)
        assert private.splitlines()[1] not in str(refused.value)
    with pytest.raises(ProvingError, match="burnt"):
        drafted(TERMS, private)
    assert not TrustDraft.objects.exists()


def test_what_it_would_speak_for_is_what_runs() -> None:
    web, api = "registry.internal/team/web:1", "registry.internal/team/api@sha256:" + "a" * 64
    swept(
        host_row(),
        container(id="1" * 64, name="a", labels=OWNED, image_reference=web),
        container(id="2" * 64, name="b", labels=OWNED, image_reference=web),
        container(id="3" * 64, name="c", labels=OWNED, image_reference=api),
        container(id="4" * 64, name="d", labels=OWNED, image_reference="redis:7"),
        container(id="5" * 64, name="e", labels=OWNED, image_reference="sha256:" + "b" * 64),
    )
    registered(replace(TERMS, scopes=("registry.internal/*",)), "house")
    found = previewed(drafted())
    assert (found.of, found.images, found.containers) == (3, 2, 3)
    assert found.first == (api, web)
    assert found.taken.first == ((api, "house"), (web, "house"))


def test_what_an_edit_leaves_is_said_and_a_disabled_root_is_shown_as_if_it_spoke() -> None:
    swept(host_row(), container(labels=OWNED, image_reference="registry.internal/team/web:1"))
    root = registered()
    narrower = replace(TERMS, scopes=("registry.internal/team/api",))
    assert previewed(drafted(narrower, root=root)).lost.first == (("registry.internal/team/web:1", ""),)
    enable_root("team", enabled=False)
    found = previewed(drafted(replace(TERMS, match_name=True), root=root))
    assert (found.images, found.lost.number) == (1, 0)


def test_a_draft_that_went_meanwhile_is_no_error() -> None:
    preview_root(uuid4(), now=NOW)
