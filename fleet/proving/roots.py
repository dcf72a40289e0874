"""Trust roots as an admin registers and edits them; each edit is a version of its own, and the last one counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from fleet.models import TrustRoot, TrustRootVersion
from fleet.proving.errors import ProvingError
from fleet.trust import scope
from fleet.trust.keys import PRIVATE, certificate, is_private, read_certificates
from fleet.trust.roots import Kind, Root
from fleet.trust.terms import Terms, Unfit, checked, read

_LONGEST_NAME = 100
#: Addresses of pages stand in their place.
_TAKEN = {"add", "fetch"}


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """The last version of an enabled root: `root_id` and `version_id` are keys of its rows."""

    root_id: int
    version_id: int
    terms: Terms
    root: Root


def register_root(name: str, terms: Terms, *, author: User | None, author_name: str, now: datetime) -> TrustRootVersion:
    """Raises ProvingError; nothing of a private key that was entered by mistake is kept, or said."""
    fine = fitting(terms, now=now)
    wanted = fitting_name(name)
    try:
        with transaction.atomic():
            root = TrustRoot.objects.create(name=wanted, created_at=now)
            return _version(root, 1, fine, author=author, author_name=author_name, now=now)
    except IntegrityError:
        raise name_is_taken(wanted) from None


def edit_root(
    name: str, terms: Terms, *, author: User | None, author_name: str, now: datetime, after: int | None = None
) -> TrustRootVersion:
    """A new version, by which everything in its scope is looked at again; the last one where nothing changed.

    `after` is the number of the version that it was written after: somebody else may have made another one since.
    """
    with transaction.atomic():
        root = locked_root(name)
        last = root.versions.first()
        fine = fitting(terms, now=now, last=read(last.document) if last else None)
        if last is not None and after is not None and last.number != after:
            raise ProvingError(
                f"{last.author_name or 'Somebody'} made version {last.number} meanwhile; begin anew from that.", "after"
            )
        if last is not None and last.sha256 == fine.sha256():
            return last
        return _version(root, last.number + 1 if last else 1, fine, author=author, author_name=author_name, now=now)


def enable_root(name: str, *, enabled: bool) -> TrustRoot:
    """A root that is not enabled speaks for nothing; another one whose scope fits may then."""
    with transaction.atomic():
        root = locked_root(name)
        root.enabled = enabled
        root.save(update_fields=["enabled"])
    return root


def in_force() -> tuple[InForce, ...]:
    """Of each enabled root its last version, by name."""
    found: dict[int, InForce] = {}
    versions = TrustRootVersion.objects.filter(root__enabled=True).select_related("root")
    for one in versions.order_by("root__name", "-number"):
        if one.root_id not in found:
            terms = read(one.document)
            found[one.root_id] = InForce(one.root_id, one.pk, terms, terms.root(one.root.name, one.number))
    return tuple(found.values())


def latest() -> tuple[TrustRootVersion, ...]:
    """Of every root, enabled or not, its last version, by name."""
    last = TrustRootVersion.objects.filter(root=OuterRef("root")).order_by("-number").values("pk")[:1]
    return tuple(TrustRootVersion.objects.filter(pk=Subquery(last)).select_related("root").order_by("root__name"))


def closest(roots: Iterable[InForce], repository: str) -> tuple[InForce, ...]:
    """Those that speak for the repository: of all whose scope fits the ones where it fits closest."""
    fits = {one: fit for one in roots if (fit := scope.closest(one.terms.scopes, repository)) is not None}
    best = max(fits.values(), default=None)
    return tuple(one for one, fit in fits.items() if fit == best)


def fitting(terms: Terms, *, now: datetime, last: Terms | None = None) -> Terms:
    """The terms in their one spelling. A certificate that has ended is refused unless `last` has it already: nothing
    that leads to it is verified any more. Raises ProvingError.
    """
    try:
        fine = checked(terms)
    except Unfit as error:
        text = str(error)
        # Without the cause: an error's chain ends up in logs, and what was entered may be in its frames.
        raise ProvingError(f"{text[:1].upper()}{text[1:]}.", error.field) from None
    if fine.kind is Kind.NOTATION:
        known = read_certificates(last.material) if last and last.kind is Kind.NOTATION else ()
        for der in read_certificates(fine.material):
            ends = certificate(der).not_valid_after_utc
            if ends <= now and der not in known:
                raise ProvingError(
                    f"The certificate {certificate(der).subject.rfc4514_string()[:80]} ended on {ends:%Y-%m-%d}: "
                    "enter the one that its publisher uses now.",
                    "material",
                )
    return fine


def fitting_name(name: str) -> str:
    """As it is kept. It stands in addresses. Raises ProvingError."""
    wanted = name.strip()
    if is_private(wanted):
        raise ProvingError(f"{PRIVATE[:1].upper()}{PRIVATE[1:]}.", "name")
    if not 1 <= len(wanted) <= _LONGEST_NAME or not wanted.isprintable():
        raise ProvingError(f"A trust root needs a name of at most {_LONGEST_NAME} characters.", "name")
    if "/" in wanted or "\\" in wanted or wanted.startswith(".") or wanted in _TAKEN:
        raise ProvingError(
            f"{wanted} cannot be the name of a trust root: no slash, no full stop at its begin, and neither add "
            "nor fetch; write payments, or Payments release team.",
            "name",
        )
    return wanted


def name_is_taken(name: str) -> ProvingError:
    return ProvingError(f"There is a trust root {name} already; edit it, or choose another name.", "name")


def locked_root(name: str) -> TrustRoot:
    """For the rest of the transaction. Raises ProvingError."""
    root = TrustRoot.objects.select_for_update().filter(name=name).first() if name.isprintable() else None
    if root is None:
        raise ProvingError(f"There is no trust root {name[:_LONGEST_NAME]}.")
    return root


def _version(
    root: TrustRoot, number: int, terms: Terms, *, author: User | None, author_name: str, now: datetime
) -> TrustRootVersion:
    return TrustRootVersion.objects.create(
        root=root,
        number=number,
        document=terms.document(),
        sha256=terms.sha256(),
        author=author,
        author_name=author_name,
        made_at=now,
    )
