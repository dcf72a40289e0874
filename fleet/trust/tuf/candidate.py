"""Which root keys a Notary server shows of a repository: to be compared with the publisher, and believed by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fleet.trust.keys import PublicKey
from fleet.trust.tuf.chain import must_sign_itself, read_root, role_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """The keys of a root that signs itself, which says nothing of who made it. `threshold` of them must sign."""

    version: int
    expires: datetime
    threshold: int
    keys: tuple[PublicKey, ...]


def candidate(raw: bytes) -> Candidate:
    """Raises Failure for a root that is none, or that its own keys did not sign."""
    root = read_root(raw)
    must_sign_itself(root)
    role = role_of(root, "root")
    return Candidate(root.version, root.expires, role.threshold, tuple(dict.fromkeys(role.keys.values())))
