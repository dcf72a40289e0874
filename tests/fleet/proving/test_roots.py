"""Publishers as they are registered: versions that stay, and nothing of a private key."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from cryptography.hazmat.primitives import serialization
from msgspec.structs import replace

from fleet.models import TrustRoot, TrustRootVersion
from fleet.models.trust_root import KeptRootError
from fleet.proving import ProvingError, closest, edit_root, enable_root, in_force, register_root
from fleet.trust.keys import to_pem
from fleet.trust.roots import Kind
from fleet.trust.terms import Terms, read
from tests.fleet.trust.authorities import certified
from tests.fleet.trust.publishers import NOW, new_key, pem, public
from tests.fleet.trust.sigstores import Sigstore

pytestmark = pytest.mark.django_db
KEY = new_key()
TERMS = Terms(kind=Kind.COSIGN, scopes=("registry.internal/team/*",), material=pem(KEY))


def register(terms: Terms = TERMS, name: str = "team") -> TrustRootVersion:
    return register_root(name, terms, author=None, author_name="ann", now=NOW)


def edit(terms: Terms, name: str = "team") -> TrustRootVersion:
    return edit_root(name, terms, author=None, author_name="ann", now=NOW)


def test_every_edit_is_a_version_and_what_changes_nothing_is_none() -> None:
    first = register()
    assert edit(TERMS) == first
    second = edit(replace(TERMS, match_name=True))
    assert [(one.number, one.author_name) for one in TrustRootVersion.objects.order_by("number")] == [
        (1, "ann"),
        (2, "ann"),
    ]
    assert first.sha256 != second.sha256
    (now,) = in_force()
    assert (now.version_id, now.root.version, now.root.match_name) == (second.pk, 2, True)
    assert now.terms.fingerprints() == (("ECDSA P-256", public(KEY).fingerprint),)


def test_a_version_is_saved_once() -> None:
    made = register()
    made.author_name = "eve"
    with pytest.raises(KeptRootError):
        made.save()
    assert TrustRootVersion.objects.get().author_name == "ann"


def test_registering_and_editing_leave_a_trail_without_the_document() -> None:
    register()
    enable_root("team", enabled=False)
    kinds = [entry.content_type.model for entry in LogEntry.objects.order_by("pk")]
    assert kinds == ["trustroot", "trustrootversion", "trustroot"]
    assert "document" not in (LogEntry.objects.get(content_type__model="trustrootversion").changes or {})


@pytest.mark.parametrize("kind", list(Kind))
def test_a_private_key_is_refused_and_neither_stored_nor_said(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    private = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    secret = private.splitlines()[1]
    with caplog.at_level(logging.DEBUG), pytest.raises(ProvingError, match="private key") as refused:
        register(replace(TERMS, kind=kind, material=pem(KEY) + private))
    assert secret not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert secret not in caplog.text
    assert not TrustRoot.objects.exists()
    assert not LogEntry.objects.exists()


def test_text_around_a_key_is_not_kept() -> None:
    made = register(replace(TERMS, material=f"password: hunter2\n{pem(KEY)}"))
    assert "hunter2" not in str(made.document)
    assert read(made.document).material == pem(KEY)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"scopes": ()}, "needs a scope"),
        ({"scopes": ("*",)}, "no scope"),
        ({"material": "nothing"}, "no PEM block"),
        ({"threshold": 2}, "as many keys"),
        ({"threshold": 0}, "as many keys"),
        ({"kind": Kind.COSIGN_KEYLESS}, "no JSON"),
        ({"kind": Kind.NOTARY}, "needs its server"),
        ({"kind": Kind.NOTATION}, "no CERTIFICATE"),
        ({"roles": ("targets",)}, "Notary alone"),
        ({"identities": (("x509.subject", "CN=a"),)}, "Notation alone"),
    ],
)
def test_what_makes_no_root_is_refused_with_a_sentence(change: dict[str, object], why: str) -> None:
    with pytest.raises(ProvingError, match=why):
        register(replace(TERMS, **change))
    assert not TrustRoot.objects.exists()


SIGSTORE = Sigstore()
KEYLESS = replace(
    TERMS,
    kind=Kind.COSIGN_KEYLESS,
    material=SIGSTORE.pinned(),
    identities=(("https://a.example", " ann@acme.example"),),
)


def test_a_root_without_keys_pins_its_sigstore_and_names_who_may_sign() -> None:
    made = register(KEYLESS)
    assert edit(replace(KEYLESS, material=json.dumps(SIGSTORE.trusted_root(), indent=2))) == made
    (now,) = in_force()
    assert now.root.identities == (("https://a.example", "ann@acme.example"),)
    assert json.loads(now.root.trusted_root) == SIGSTORE.trusted_root()
    assert len(now.terms.fingerprints()) == 4
    assert edit(replace(KEYLESS, material=Sigstore().pinned())).sha256 != made.sha256


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"identities": ()}, "needs identities"),
        ({"identities": (("https://a.example", "*"),)}, "could be anybody"),
        ({"threshold": 2}, "as many identities"),
        ({"match_name": True}, "names its repository"),
        ({"material": pem(KEY)}, "no JSON"),
        ({"roles": ("targets",)}, "Notary alone"),
    ],
)
def test_what_makes_no_root_without_keys_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(ProvingError, match=why):
        register(replace(KEYLESS, **change))


def test_a_certificate_that_has_ended_is_refused_unless_it_was_registered_while_it_lasted() -> None:
    authority = certified("root", authority=True, days=101)  # from a hundred days ago
    terms = replace(TERMS, kind=Kind.NOTATION, material=to_pem("CERTIFICATE", authority.der))
    after = NOW + timedelta(days=2)
    with pytest.raises(ProvingError, match="ended on") as refused:
        register_root("team", terms, author=None, author_name="ann", now=after)
    assert refused.value.field == "material"
    register(terms)
    wider = replace(terms, scopes=("registry.internal/*",))
    assert edit_root("team", wider, author=None, author_name="ann", now=after).number == 2


def test_a_name_is_given_once() -> None:
    register()
    with pytest.raises(ProvingError, match="already"):
        register()
    with pytest.raises(ProvingError, match="no trust root"):
        edit(TERMS, "other")


def test_of_roots_those_speak_whose_scope_fits_closest() -> None:
    for name, scope in (
        ("all", "registry.internal/*"),
        ("team", "registry.internal/team/*"),
        ("team too", "registry.internal/team/*"),
        ("web", "registry.internal/team/web"),
    ):
        register(replace(TERMS, scopes=(scope,)), name)
    roots = in_force()
    names = {
        path: [one.root.name for one in closest(roots, path)]
        for path in ("registry.internal/team/web", "registry.internal/team/api", "registry.internal/x", "docker.io/a/b")
    }
    assert names == {
        "registry.internal/team/web": ["web"],
        "registry.internal/team/api": ["team", "team too"],
        "registry.internal/x": ["all"],
        "docker.io/a/b": [],
    }


def test_of_many_versions_the_last_is_in_force() -> None:
    register()
    for number in range(12):
        edit(replace(TERMS, scopes=(f"registry.internal/n{number}",)))
    assert [one.root.version for one in in_force()] == [13]
