"""Which repositories a trust root speaks for."""

from __future__ import annotations

from collections.abc import Iterable

from fleet.trust.errors import Refused
from fleet.trust.names import is_host, is_path

_BELOW = "/*"


def checked(pattern: str) -> str:
    """`host/path` for one repository, `host/path/*` for all below, `host/*` for a whole registry.

    Raises Refused with what is wrong and what it should be.
    """
    text = pattern.strip()
    host, slash, path = text.removesuffix(_BELOW).partition("/")
    whole_registry = text.endswith(_BELOW) and not slash
    if not is_host(host) or not (whole_registry or is_path(path)):
        raise Refused(
            f"{text[:80]!r} is no scope: write registry.internal/team/web for one repository, "
            "registry.internal/team/* for all below it, or registry.internal/* for a registry"
        )
    if "." not in host and ":" not in host and host != "localhost":
        raise Refused(f"{text[:80]!r} names no registry: for Docker Hub write docker.io/{text}")
    return text


def specificity(pattern: str, repository: str) -> int | None:
    """How closely the pattern fits, more is closer, a repository named whole closest; None where it does not fit."""
    if not pattern.endswith(_BELOW):
        return 2 * len(repository) + 1 if pattern == repository else None
    above = pattern[: -len(_BELOW) + 1]  # with its slash, or registry.internal/team would cover registry.internal/teams
    return 2 * len(above) if repository.startswith(above) else None


def closest(patterns: Iterable[str], repository: str) -> int | None:
    """The closest fit of several; None where none does."""
    fits = [fit for pattern in patterns if (fit := specificity(pattern, repository)) is not None]
    return max(fits, default=None)
