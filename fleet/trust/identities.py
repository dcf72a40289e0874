"""Who may sign without a key: an issuer that vouches for people and machines, and whom it vouches for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from fleet.trust.errors import Refused

#: Instead of an issuer, for Notation: parts of the subject of a certificate.
SUBJECT: Final = "x509.subject"
MOST_IDENTITIES: Final = 50
_LONGEST: Final = 300
_ANY: Final = "*"
_REFS: Final = ("refs/heads/", "refs/tags/")
#: What an asterisk stands for, at least one of them. No `@`: whoever may name a folder of the repository could else
#: have a file of his own in it read as the registered one, at a branch that is called like the rest.
_FREE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-")
_LEAST_PARTS: Final = 3  # owner, repository, file


def checked_identities(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(issuer, identity) of each, none twice. Raises Refused with what is wrong and what it should be."""
    if not 1 <= len(pairs) <= MOST_IDENTITIES:
        raise Refused(
            f"a root without keys needs identities, at most {MOST_IDENTITIES}: "
            "an issuer and whom it vouches for, such as https://accounts.example,release@acme.example"
        )
    found = []
    for issuer, identity in pairs:
        found.append((issuer.strip(), identity.strip()))
        _check_issuer(issuer.strip())
        _check_identity(identity.strip())
    known = tuple(dict.fromkeys(found))
    for issuer, identity in known:
        for other_issuer, other in known:
            # Else two tags of one workflow could be told to be two signers.
            if issuer == other_issuer and other != identity and fits(identity, other.replace(_ANY, "x")):
                raise Refused(f"{identity[:150]!r} stands for {other[:150]!r} already: leave one of them out")
    return known


def spelled(pair: tuple[str, str]) -> str:
    """As people enter it: part of a certificate's subject, or an issuer, a comma, and whom it vouches for."""
    kind, text = pair
    return text if kind == SUBJECT else f"{kind},{text}"


def entered(text: str, *, keyless: bool) -> tuple[str, str]:
    """What `spelled` made a text of; nothing is checked yet."""
    if not keyless:
        return SUBJECT, text
    issuer, _, identity = text.partition(",")
    return issuer.strip(), identity.strip()


def fits(registered: str, identity: str) -> bool:
    """Whether a certificate's identity is the registered one, or one of those that its asterisk stands for."""
    fixed, asterisk, _ = registered.partition(_ANY)
    if not asterisk:
        return identity == registered
    rest = identity[len(fixed) :]
    return identity.startswith(fixed) and bool(rest) and set(rest) <= _FREE


def _check_issuer(issuer: str) -> None:
    if not _is_plain(issuer) or _ANY in issuer or urlsplit(issuer).scheme != "https" or not urlsplit(issuer).hostname:
        raise Refused(
            f"{issuer[:80]!r} is no issuer: write its whole address, such as https://token.actions.githubusercontent.com"
        )


def _check_identity(identity: str) -> None:
    if not _is_plain(identity):
        raise Refused(
            f"{identity[:80]!r} is no identity: write a mail address, or that of a workflow with its branch or tag"
        )
    if _ANY in identity and not _is_bounded(identity):
        raise Refused(
            f"{identity[:80]!r} could be anybody: an asterisk may stand at the end alone, for the rest of a branch or "
            "tag of one workflow, such as https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v*"
        )


def _is_bounded(identity: str) -> bool:
    workflow, at, ref = identity.partition("@")
    parts = urlsplit(workflow)
    return (
        identity.index(_ANY) == len(identity) - 1
        and bool(at)
        and ref.startswith(_REFS)
        and parts.scheme == "https"
        and bool(parts.hostname)
        and sum(bool(part) for part in parts.path.split("/")) >= _LEAST_PARTS
    )


def _is_plain(text: str) -> bool:
    return 1 <= len(text) <= _LONGEST and text.isascii() and text.isprintable() and not set(text) & set(' ,"<>\\')
