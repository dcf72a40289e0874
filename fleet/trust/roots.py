"""Trust roots as verifiers get them: one version of what an admin registered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fleet.trust.keys import PublicKey


class Kind(StrEnum):
    NOTARY = "notary"
    COSIGN = "cosign"
    COSIGN_KEYLESS = "cosign-keyless"
    NOTATION = "notation"


DEFAULT_ROLES = ("targets/releases", "targets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """`keys` are public keys; for Notation `certificates` (DER) are the store that a chain must end in, for cosign
    without keys those of the authorities in `trusted_root`, which is that of a Sigstore in its one spelling.

    `threshold` is how many of the keys or identities must have signed. `roles` are those of Notary whose targets count,
    in their order. `identities` are for cosign without keys pairs of (issuer, identity), for Notation (subject part,
    value).
    """

    name: str
    kind: Kind
    version: int = 1
    scopes: tuple[str, ...] = ()
    keys: tuple[PublicKey, ...] = ()
    certificates: tuple[bytes, ...] = ()
    threshold: int = 1
    roles: tuple[str, ...] = DEFAULT_ROLES
    identities: tuple[tuple[str, str], ...] = ()
    match_name: bool = False  # whether cosign's docker-reference must be the image's own
    trusted_root: str = ""

    @property
    def pins(self) -> frozenset[bytes]:
        return frozenset(key.spki for key in self.keys)
