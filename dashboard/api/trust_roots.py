"""Trust roots: read by every token with all their versions, registered, edited and switched by admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from django.http import HttpRequest
from django.utils import timezone
from msgspec.structs import replace
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from dashboard.api.auth import BearerToken, token_of
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page, refuse_unknown
from fleet.models import TrustRoot, TrustRootVersion
from fleet.proving import ProvingError, edit_root, enable_root, forget_memory, register_root
from fleet.trust.differing import differences
from fleet.trust.identities import entered, spelled
from fleet.trust.roots import Kind
from fleet.trust.sigstore_library import UnavailableError, public_good
from fleet.trust.terms import Server, Terms, read

router = Router(tags=["trust"])
Scheme = Literal["cosign", "cosign-keyless", "notation", "notary"]
_SCHEMES: Final[Mapping[Kind, Scheme]] = {
    Kind.COSIGN: "cosign",
    Kind.COSIGN_KEYLESS: "cosign-keyless",
    Kind.NOTATION: "notation",
    Kind.NOTARY: "notary",
}

_MATERIAL: Final = (
    "PEM: public keys, for Notation certificates; for cosign-keyless the JSON of a Sigstore's trusted root. Never a "
    "private key."
)
_PUBLIC_GOOD: Final = (
    "In place of `material`: the trusted root of the public Sigstore, as the installed package has it now "
    "(cosign-keyless)."
)


class MetadataServer(Schema):
    """Of signed metadata, for Notary."""

    address: str = Field(max_length=300, description="https://notary.internal")
    private: bool = Field(default=False, description="It may be at an address inside.")
    plain: bool = Field(default=False, description="Over http, without encryption.")
    ca: str = Field("", description="PEM certificates to trust instead of the system's.")


class TrustTerms(Schema):
    kind: Scheme
    scopes: list[str] = Field(description="registry.internal/team/web, registry.internal/team/*, registry.internal/*")
    material: str = Field(description=_MATERIAL)
    threshold: int = Field(1, description="How many of the keys or identities must have signed (cosign).")
    match_name: bool = Field(default=False, description="A signature must name the repository (cosign).")
    subjects: list[str] = Field(
        [],
        description="Signers: CN=release,O=Payments (Notation); https://accounts.example,release@acme.example, "
        "an issuer and whom it vouches for (cosign-keyless).",
    )
    roles: list[str] = Field([], description="Those whose tags count, in their order (Notary).")
    server: MetadataServer | None = None


class TrustRootIn(TrustTerms):
    name: str
    material: str = Field("", description=f"{_MATERIAL} Left out with `public_good`.")
    public_good: bool = Field(default=False, description=_PUBLIC_GOOD)


class TrustRootChange(Schema):
    """What is left out stays as the last version has it; the whole is a new version."""

    scopes: list[str] | None = None
    material: str | None = None
    public_good: bool = Field(default=False, description=_PUBLIC_GOOD)
    threshold: int | None = None
    match_name: bool | None = None
    subjects: list[str] | None = None
    roles: list[str] | None = None
    server: MetadataServer | None = None
    after: int | None = Field(
        None, description="The number of the version that this was written after; refused where it is not the last."
    )


class TrustKeyOut(Out):
    kind: str = Field(description="ECDSA P-256, RSA 3072, Ed25519; the subject of a certificate.")
    sha256: str = Field(description="Of its public key, in hexadecimal: to be compared with the publisher.")


class TrustDifferenceOut(Out):
    part: str
    gone: list[str]
    came: list[str]


class TrustRootVersionOut(TrustTerms):
    number: int
    sha256: str = Field(description="Of the canonical form.")
    author: str
    made_at: datetime
    keys: list[TrustKeyOut]
    changes: list[TrustDifferenceOut] = Field(description="Against the version before.")


class TrustRootOut(Out):
    name: str
    enabled: bool = Field(description="One that is not speaks for nothing.")
    registered_at: datetime
    current: TrustRootVersionOut


class TrustRootWithVersions(TrustRootOut):
    versions: list[TrustRootVersionOut] = Field(description="All of them, newest first; none is ever changed.")


class MemoryForgetting(Schema):
    repository: str = Field(description="registry.internal/team/web")
    reason: str = Field(max_length=500, description="The audit trail keeps it.")


class MemoryForgotten(Schema):
    repository: str
    forgotten: str = Field(description="The versions that had been seen.")


class NoFilters(Schema):
    """There is nothing to narrow this list by."""


@router.get("", response=Page[TrustRootOut], summary="List trust roots")
def list_trust_roots(request: HttpRequest, paging: Query[Paging]) -> Page[TrustRootOut]:
    rows = TrustRoot.objects.prefetch_related("versions")
    return page(request, rows, paging, filters=NoFilters(), shape=_root_out)


@router.get("/{name}", response={200: TrustRootWithVersions, 404: Refusal}, summary="One trust root with its versions")
def get_trust_root(request: HttpRequest, name: str) -> TrustRootWithVersions:
    refuse_unknown(request, set())
    return _whole(_found(name))


@router.post(
    "",
    response={201: TrustRootWithVersions, 422: Refusal},
    auth=BearerToken("admin"),
    summary="Register a trust root (admin)",
)
def add_trust_root(request: HttpRequest, body: TrustRootIn) -> Status[TrustRootWithVersions]:
    """It counts at once: compare the fingerprints in the answer with the publisher, by another way than they came."""
    try:
        terms = replace(_terms(body), material=_material(body, Kind(body.kind)) or "")
        made = register_root(body.name, terms, author=None, author_name=_by(request), now=timezone.now())
    except ProvingError as error:
        raise _refused(error) from None
    return Status(201, _whole(_found(made.root.name)))


@router.patch(
    "/{name}",
    response={200: TrustRootWithVersions, 404: Refusal, 409: Refusal, 422: Refusal},
    auth=BearerToken("admin"),
    summary="A new version of a trust root (admin)",
)
def edit_trust_root(request: HttpRequest, name: str, body: TrustRootChange) -> TrustRootWithVersions:
    """The last version comes back where nothing changed."""
    found = _found(name)
    last = _versions(found)[0]
    after = last.number if body.after is None else body.after
    try:
        edit_root(
            found.name,
            _changed(read(last.document), body),
            author=None,
            author_name=_by(request),
            now=timezone.now(),
            after=after,
        )
    except ProvingError as error:
        raise _refused(error) from None
    return _whole(_found(name))


@router.post(
    "/{name}/enable",
    response={200: TrustRootWithVersions, 404: Refusal},
    auth=BearerToken("admin"),
    summary="Let a trust root speak (admin)",
)
def enable_trust_root(request: HttpRequest, name: str) -> TrustRootWithVersions:
    enable_root(_found(name).name, enabled=True)
    return _whole(_found(name))


@router.post(
    "/{name}/disable",
    response={200: TrustRootWithVersions, 404: Refusal},
    auth=BearerToken("admin"),
    summary="Let a trust root speak for nothing (admin)",
)
def disable_trust_root(request: HttpRequest, name: str) -> TrustRootWithVersions:
    enable_root(_found(name).name, enabled=False)
    return _whole(_found(name))


@router.post(
    "/{name}/forget",
    response={200: MemoryForgotten, 404: Refusal, 422: Refusal},
    auth=BearerToken("admin"),
    summary="Forget what was seen of a repository's signed tags (admin)",
)
def forget_trust_memory(request: HttpRequest, name: str, body: MemoryForgetting) -> MemoryForgotten:
    """Gives up the protection against a rollback until the next refresh."""
    root = _found(name)
    if not body.repository.isprintable():
        raise ApiError(422, "invalid", "repository: no image has that name", field="repository")
    try:
        went = forget_memory(root.name, body.repository, reason=body.reason, now=timezone.now())
    except ProvingError as error:
        raise _refused(error) from None
    return MemoryForgotten(repository=body.repository, forgotten=went)


def _terms(body: TrustTerms) -> Terms:
    return Terms(
        kind=Kind(body.kind),
        scopes=tuple(body.scopes),
        material=body.material,
        threshold=body.threshold,
        roles=tuple(body.roles),
        identities=_identities(body.subjects, Kind(body.kind)),
        match_name=body.match_name,
        server=Server(**body.server.dict()) if body.server else None,
    )


def _changed(last: Terms, body: TrustRootChange) -> Terms:
    told: dict[str, Any] = {
        name: value for name in ("threshold", "match_name") if (value := getattr(body, name)) is not None
    }
    if (material := _material(body, last.kind)) is not None:
        told["material"] = material
    told |= {name: tuple(value) for name in ("scopes", "roles") if (value := getattr(body, name)) is not None}
    if body.subjects is not None:
        told["identities"] = _identities(body.subjects, last.kind)
    if body.server is not None:
        told["server"] = Server(**body.server.dict())
    return replace(last, **told)


def _material(body: TrustRootIn | TrustRootChange, kind: Kind) -> str | None:
    """That of the public Sigstore where it is asked for."""
    if not body.public_good:
        return body.material
    if body.material or kind is not Kind.COSIGN_KEYLESS:
        why = "leave material out" if body.material else "it is for cosign-keyless alone"
        raise ApiError(422, "invalid", f"public_good: {why}", field="public_good")
    try:
        return public_good()
    except UnavailableError as error:
        raise ApiError(422, "unavailable", f"public_good: {error}", field="public_good") from None


def _identities(subjects: Sequence[str], kind: Kind) -> tuple[tuple[str, str], ...]:
    return tuple(entered(one, keyless=kind is Kind.COSIGN_KEYLESS) for one in subjects)


def _whole(root: TrustRoot) -> TrustRootWithVersions:
    told = [_version_out(one, before) for one, before in _pairs(_versions(root))]
    return TrustRootWithVersions(**_root_fields(root), current=told[0], versions=told)


def _root_out(root: TrustRoot) -> TrustRootOut:
    one, before = _pairs(_versions(root)[:2])[0]
    return TrustRootOut(**_root_fields(root), current=_version_out(one, before))


def _root_fields(root: TrustRoot) -> dict[str, Any]:
    return {"name": root.name, "enabled": root.enabled, "registered_at": root.created_at}


def _versions(root: TrustRoot) -> list[TrustRootVersion]:
    """Newest first."""
    return list(root.versions.all())


def _pairs(
    versions: Sequence[TrustRootVersion],
) -> list[tuple[TrustRootVersion, TrustRootVersion | None]]:
    return list(zip(versions, [*versions[1:], None], strict=True))


def _version_out(one: TrustRootVersion, before: TrustRootVersion | None) -> TrustRootVersionOut:
    terms = read(one.document)
    changes = differences(read(before.document), terms) if before else ()
    return TrustRootVersionOut(
        number=one.number,
        sha256=one.sha256,
        author=one.author_name,
        made_at=one.made_at,
        keys=[TrustKeyOut(kind=what, sha256=fingerprint) for what, fingerprint in terms.fingerprints()],
        changes=[TrustDifferenceOut(part=each.part, gone=list(each.gone), came=list(each.came)) for each in changes],
        kind=_SCHEMES[terms.kind],
        scopes=list(terms.scopes),
        material=terms.material,
        threshold=terms.threshold,
        match_name=terms.match_name,
        subjects=[spelled(one) for one in terms.identities],
        roles=list(terms.roles),
        server=MetadataServer(**{name: getattr(terms.server, name) for name in MetadataServer.model_fields})
        if terms.server
        else None,
    )


def _by(request: HttpRequest) -> str:
    return f"token {token_of(request).name}"[:150]


_NAMES = {"identities": "subjects", "server_ca": "ca"}


def _refused(error: ProvingError) -> ApiError:
    field = _NAMES.get(error.field, error.field) or None
    if error.field == "after":
        return ApiError(409, "changed", str(error), field="after")
    return ApiError(422, "invalid", str(error), field=field)


def _found(name: str) -> TrustRoot:
    root = TrustRoot.objects.prefetch_related("versions").filter(name=name).first() if name.isprintable() else None
    if root is None:
        raise ApiError(404, "not-found", f"No trust root is called {name}.", field="name")
    return root
