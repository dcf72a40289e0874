"""Trust roots as an admin registers and edits them; each edit is a version of its own, and the last one counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from fleet.models import TrustRoot, TrustRootVersion
from fleet.proving.errors import ProvingError
from fleet.trust import scope
from fleet.trust.errors import Refused, UnusableKey
from fleet.trust.roots import Root
from fleet.trust.terms import Terms, checked, read

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """The last version of an enabled root: `root_id` and `version_id` are keys of its rows."""

    root_id: int
    version_id: int
    terms: Terms
    root: Root


def register_root(name: str, terms: Terms, *, author: User | None, author_name: str, now: datetime) -> TrustRootVersion:
    """Raises ProvingError; nothing of a private key that was entered by mistake is kept, or said."""
    fine = _fine(terms)
    wanted = name.strip()
    if not 1 <= len(wanted) <= _LONGEST_NAME or not wanted.isprintable() or "PRIVATE KEY" in wanted.upper():
        raise ProvingError(f"A trust root needs a name of at most {_LONGEST_NAME} characters.")
    try:
        with transaction.atomic():
            root = TrustRoot.objects.create(name=wanted, created_at=now)
            return _version(root, 1, fine, author=author, author_name=author_name, now=now)
    except IntegrityError:
        raise ProvingError(f"There is a trust root {wanted} already; edit it, or choose another name.") from None


def edit_root(name: str, terms: Terms, *, author: User | None, author_name: str, now: datetime) -> TrustRootVersion:
    """A new version, by which everything in its scope is looked at again; the last one where nothing changed."""
    fine = _fine(terms)
    with transaction.atomic():
        root = _locked(name)
        last = root.versions.first()
        if last is not None and last.sha256 == fine.sha256():
            return last
        return _version(root, last.number + 1 if last else 1, fine, author=author, author_name=author_name, now=now)


def enable_root(name: str, *, enabled: bool) -> TrustRoot:
    """A root that is not enabled speaks for nothing; another one whose scope fits may then."""
    with transaction.atomic():
        root = _locked(name)
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


def closest(roots: Iterable[InForce], repository: str) -> tuple[InForce, ...]:
    """Those that speak for the repository: of all whose scope fits the ones where it fits closest."""
    fits = {one: fit for one in roots if (fit := scope.closest(one.terms.scopes, repository)) is not None}
    best = max(fits.values(), default=None)
    return tuple(one for one, fit in fits.items() if fit == best)


def _fine(terms: Terms) -> Terms:
    try:
        return checked(terms)
    except (Refused, UnusableKey) as error:
        text = str(error)
        # Without the cause: an error's chain ends up in logs, and what was entered may be in its frames.
        raise ProvingError(f"{text[:1].upper()}{text[1:]}.") from None


def _locked(name: str) -> TrustRoot:
    root = TrustRoot.objects.select_for_update().filter(name=name).first()
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
