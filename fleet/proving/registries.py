"""Registries as an admin registers them: no other one is ever asked anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from fleet.audit import note_changes
from fleet.models import ImageRegistry, RunningTag, TrustResult
from fleet.proving.errors import ProvingError
from fleet.sealing import UnsealError, reseal, seal, unseal
from fleet.trust.errors import Unreachable, UnusableKey
from fleet.trust.names import is_host
from fleet.trust.registry import Registered
from fleet.trust.terms import public_certificates

#: Names by which Docker Hub answers, and which no image has.
_HUB = {"index.docker.io", "registry-1.docker.io", "hub.docker.com"}


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
    _check(host, realms)
    if bool(username) is not bool(password):
        raise ProvingError("Credentials are a name and a password; one of them is missing.")
    if username and plain and not private:
        raise ProvingError("A password is not sent over plain http across the internet: leave it out, or use https.")
    try:
        told = {
            "plain": plain,
            "private": private,
            "ca": public_certificates(ca, "the registry"),
            "username": username,
            "realms": list(realms),
            "sealed_password": seal(password),
        }
    except UnusableKey as error:
        raise ProvingError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    except ImproperlyConfigured as error:
        raise ProvingError(f"{error}.") from None
    with transaction.atomic():
        row, is_new = ImageRegistry.objects.select_for_update().get_or_create(
            host=host, defaults={**told, "created_at": now}
        )
        if not is_new:
            for name, value in told.items():
                setattr(row, name, value)
            row.save()
        if username:
            note_changes(row, {"password": ("", "entered")})
        TrustResult.objects.filter(repository__startswith=f"{host}/", failures__gt=0).update(due_at=now)
        RunningTag.objects.filter(name__startswith=f"{host}/", failures__gt=0).update(due_at=now)
    return row


def remove_registry(host: str) -> None:
    """It is not asked any more. Raises ProvingError."""
    row = ImageRegistry.objects.filter(host=host).first()
    if row is None:
        raise ProvingError(f"There is no registry {host[:80]}.")
    row.delete()


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


def _check(host: str, realms: Sequence[str]) -> None:
    if host in _HUB:
        raise ProvingError("Docker Hub is registered as docker.io, as its images are called.")
    if not is_host(host) or ("." not in host and ":" not in host and host != "localhost"):
        raise ProvingError(f"{host[:80]!r} is no registry: write registry.internal or registry.internal:5000.")
    for realm in realms:
        if not is_host(realm):
            raise ProvingError(f"{realm[:80]!r} is no host that keeps tokens: write auth.internal.")
