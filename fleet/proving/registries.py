"""Registries as an admin registers them: no other one is ever asked anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from fleet.audit import note_changes
from fleet.models import ImageRegistry, ImageStatements, RunningTag, TrustResult
from fleet.proving.errors import ProvingError
from fleet.sealing import UnsealError, reseal, seal, unseal
from fleet.trust.errors import Unreachable, UnusableKey
from fleet.trust.keys import PRIVATE, is_private
from fleet.trust.names import is_host
from fleet.trust.registry import Registered
from fleet.trust.terms import public_certificates

#: Names by which Docker Hub answers, and which no image has.
_HUB: Final = {"index.docker.io", "registry-1.docker.io", "hub.docker.com"}
_LONGEST: Final = 255
_LONGEST_PASSWORD: Final = 16 * 1024  # some are tokens
_MOST_REALMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryTerms:
    """What an admin says of a registry. `password` None keeps the one that is stored."""

    plain: bool = False
    private: bool = False
    ca: str = ""
    username: str = ""
    password: str | None = field(default="", repr=False)
    realms: tuple[str, ...] = ()


def register_registry(
    host: str,
    *,
    plain: bool = False,
    private: bool = False,
    ca: str = "",
    username: str = "",
    password: str = "",
    realms: Sequence[str] = (),
    now: datetime,
) -> ImageRegistry:
    """Registers it, or sets it anew. Nothing is sent to it yet. Raises ProvingError."""
    terms = RegistryTerms(
        plain=plain, private=private, ca=ca, username=username, password=password, realms=tuple(realms)
    )
    return _stored(host, terms, now=now, must_be_new=False)


def add_registry(host: str, terms: RegistryTerms, *, now: datetime) -> ImageRegistry:
    """As `register_registry`, and one that is registered already is left as it is. Raises ProvingError."""
    return _stored(host, terms, now=now, must_be_new=True)


def change_registry(host: str, terms: RegistryTerms, *, now: datetime) -> ImageRegistry:
    """The stored password stays where none is given, unless it would go elsewhere than before. Raises ProvingError."""
    found_registry(host)
    return _stored(host, terms, now=now, must_be_new=False)


def found_registry(host: str) -> ImageRegistry:
    """Raises ProvingError."""
    row = ImageRegistry.objects.filter(host=host).first() if host.isprintable() else None
    if row is None:
        raise ProvingError(f"There is no registry {host[:80]}.")
    return row


def _stored(host: str, terms: RegistryTerms, *, now: datetime, must_be_new: bool) -> ImageRegistry:
    _check(host, terms)
    try:
        ca = public_certificates(terms.ca, "the registry")
    except UnusableKey as error:
        raise ProvingError(f"{str(error)[:1].upper()}{str(error)[1:]}.", "ca") from None
    told: dict[str, Any] = {
        "plain": terms.plain,
        "private": terms.private,
        "ca": ca,
        "username": terms.username,
        "realms": list(terms.realms),
    }
    with transaction.atomic():
        row = ImageRegistry.objects.select_for_update().filter(host=host).first()
        if row is not None and must_be_new:
            raise ProvingError(f"{host} is registered already; change it instead.", "host")
        sealed = _sealed_password(terms, row, ca)
        is_new_password = bool(sealed) and (row is None or sealed != row.sealed_password)
        if row is None:
            row = ImageRegistry.objects.create(host=host, created_at=now, sealed_password=sealed, **told)
        else:
            had = bool(row.sealed_password)
            for name, value in {**told, "sealed_password": sealed}.items():
                setattr(row, name, value)
            row.save()
            if had and not sealed:
                note_changes(row, {"password": ("entered", "taken away")})
        if is_new_password:
            note_changes(row, {"password": ("", "entered")})
        TrustResult.objects.filter(repository__startswith=f"{host}/", failures__gt=0).update(due_at=now)
        for kind in (RunningTag, ImageStatements):
            kind.objects.filter(name__startswith=f"{host}/", failures__gt=0).update(due_at=now)
    return row


def _sealed_password(terms: RegistryTerms, row: ImageRegistry | None, ca: str) -> str:
    """Whoever may change a registry does not learn its password by having it sent where they listen."""
    if terms.password is None:
        kept = row.sealed_password if row is not None and terms.username else ""
        if terms.username and not kept:
            raise ProvingError("Credentials are a name and a password; the password is missing.", "password")
        if row is not None and kept and _goes_elsewhere(terms, row, ca):
            raise ProvingError(
                "The password would go elsewhere, or less protected, than it did: enter it again.", "password"
            )
        return kept
    if bool(terms.username) is not bool(terms.password):
        missing = "password" if terms.username else "username"
        raise ProvingError("Credentials are a name and a password; one of them is missing.", missing)
    try:
        return seal(terms.password)
    except ImproperlyConfigured as error:
        raise ProvingError(f"{error}.", "password") from None


def _goes_elsewhere(terms: RegistryTerms, row: ImageRegistry, ca: str) -> bool:
    return bool(
        set(terms.realms) - set(row.realms)
        or (terms.plain and not row.plain)
        or (terms.private and not row.private)
        or ca != row.ca
    )


def remove_registry(host: str) -> None:
    """It is not asked any more. Raises ProvingError."""
    found_registry(host).delete()


def registered(host: str) -> Registered | None:
    """As its client takes it. Raises Unreachable where no key opens its password."""
    row = ImageRegistry.objects.filter(host=host).first()
    if row is None:
        return None
    try:
        password = unseal(row.sealed_password) or ""
    except UnsealError:
        raise Unreachable(
            f"the password of {host} was sealed with a key that LOADLINE_SEALING_KEYS no longer holds"
        ) from None
    return Registered(
        host=row.host,
        plain=row.plain,
        private=row.private,
        ca=row.ca or None,
        username=row.username,
        password=password,
        realms=tuple(row.realms),
    )


def reseal_registries() -> tuple[int, tuple[str, ...]]:
    """Every password under the first of the sealing keys: how many, and the registries whose no key opens."""
    done, closed = 0, []
    for row in ImageRegistry.objects.exclude(sealed_password=""):
        try:
            new = reseal(row.sealed_password)
        except InvalidToken:
            closed.append(row.host)
            continue
        # Only what was read: one that somebody replaced meanwhile is under the first key already.
        unchanged = ImageRegistry.objects.filter(pk=row.pk, sealed_password=row.sealed_password)
        done += unchanged.update(sealed_password=new)
    return done, tuple(closed)


def _check(host: str, terms: RegistryTerms) -> None:
    if any(is_private(text) for text in (host, terms.username, *terms.realms)):
        raise ProvingError(f"{PRIVATE[:1].upper()}{PRIVATE[1:]}.")
    if host in _HUB:
        raise ProvingError("Docker Hub is registered as docker.io, as its images are called.", "host")
    if not is_host(host) or ("." not in host and ":" not in host and host != "localhost") or len(host) > _LONGEST:
        raise ProvingError(f"{host[:80]!r} is no registry: write registry.internal or registry.internal:5000.", "host")
    for realm in terms.realms:
        if not is_host(realm):
            raise ProvingError(f"{realm[:80]!r} is no host that keeps tokens: write auth.internal.", "realms")
    if len(terms.realms) > _MOST_REALMS:
        raise ProvingError(f"More than {_MOST_REALMS} hosts that keep tokens.", "realms")
    if not terms.username.isprintable() or len(terms.username) > _LONGEST:
        raise ProvingError(f"A name has {_LONGEST} characters at most, and none that cannot be seen.", "username")
    if not (terms.password or "").isprintable() or len(terms.password or "") > _LONGEST_PASSWORD:
        raise ProvingError(
            f"A password has {_LONGEST_PASSWORD} characters at most, and none that cannot be seen.", "password"
        )
    if terms.username and terms.plain and not terms.private:
        raise ProvingError(
            "A password is not sent over plain http across the internet: leave it out, or use https.", "plain"
        )
