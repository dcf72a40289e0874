"""What an edit of a trust root changes, said so that two people can talk about it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fleet.trust.keys import PublicKey, certificate, read_certificates
from fleet.trust.roots import DEFAULT_ROLES
from fleet.trust.terms import Terms


class Difference(msgspec.Struct, frozen=True):
    """One part: what went and what came; what stayed of a list is left out. A changed order has all of both."""

    part: str
    gone: tuple[str, ...]
    came: tuple[str, ...]


def differences(old: Terms, new: Terms) -> tuple[Difference, ...]:
    """In the order in which the parts are entered; () where both say the same."""
    before, after = _parts(old), _parts(new)
    found = []
    for part, was in before.items():
        now = after[part]
        if was == now:
            continue
        gone, came = _left_out(was, now), _left_out(now, was)
        found.append(Difference(part, gone, came) if gone or came else Difference(part, was, now))
    return tuple(found)


def new_keys(old: Terms | None, new: Terms) -> tuple[tuple[str, str], ...]:
    """(what it is, fingerprint) of each key that nobody had registered with the root before."""
    known = {fingerprint for _, fingerprint in old.fingerprints()} if old else set()
    return tuple(one for one in new.fingerprints() if one[1] not in known)


def _parts(terms: Terms) -> dict[str, tuple[str, ...]]:
    server = terms.server
    return {
        "kind": (terms.kind.value,),
        "scope": terms.scopes,
        "keys": tuple(f"{what} {fingerprint}" for what, fingerprint in terms.fingerprints()),
        "threshold": (f"{terms.threshold} must have signed",),
        "must name the repository": ("yes" if terms.match_name else "no",),
        "subjects": tuple(text for _, text in terms.identities),
        "roles": terms.roles or DEFAULT_ROLES,
        "server": (server.address,) if server else (),
        "server inside": ("yes" if server.private else "no",) if server else (),
        "server over http": ("yes" if server.plain else "no",) if server else (),
        "server’s certificates": _authorities(server.ca) if server and server.ca else (),
    }


def _authorities(text: str) -> tuple[str, ...]:
    found = [certificate(der) for der in read_certificates(text)]
    return tuple(f"{one.subject.rfc4514_string()} {PublicKey.of(one.public_key()).fingerprint}" for one in found)


def _left_out(of: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in of if one not in other)
