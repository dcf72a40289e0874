"""Sealing stored credentials anew, so that an old sealing key can be retired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.fernet import InvalidToken
from django.db.models import Q

from fleet.models import Host
from fleet.sealing import reseal

_SEALED: Final = ("sealed_ca", "sealed_certificate", "sealed_key")


@dataclass(frozen=True, slots=True)
class Resealed:
    """`closed` are hosts whose credentials no key opens; they were left as they are."""

    done: int
    closed: tuple[str, ...]


def reseal_hosts() -> Resealed:
    """Every stored credential under the first of the sealing keys."""
    done, closed = 0, []
    for host in Host.objects.exclude(Q(sealed_ca="") & Q(sealed_certificate="") & Q(sealed_key="")).only(
        "name", *_SEALED
    ):
        old = {field: getattr(host, field) for field in _SEALED}
        try:
            new = {field: reseal(sealed) for field, sealed in old.items()}
        except InvalidToken:
            closed.append(host.name)
            continue
        # Only what was read: credentials that somebody replaced meanwhile are under the first key already.
        done += Host.objects.filter(pk=host.pk, **old).update(**new)
    return Resealed(done, tuple(closed))
