"""To whom a repository's targets hand on the right to sign, and for which tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from fleet.trust import strict
from fleet.trust.errors import Malformed
from fleet.trust.states import Failure, Reason
from fleet.trust.tuf.envelope import Document, Role, read_keys, read_role

# Names go into addresses. Only direct children: what a delegation delegates further does not count.
NAME: Final = re.compile(r"targets/[-a-z0-9_]+")
_MOST: Final = 256
_MOST_PATHS: Final = 1000


def delegated(targets: Document, wanted: tuple[str, ...]) -> Iterator[tuple[str, Role, Callable[[str], bool]]]:
    """Of the roles that count those that are delegated to: name, who signs, and whether a tag is theirs to sign.

    Raises Failure for delegations that cannot be read, whether wanted or not.
    """
    try:
        found = _read(targets)
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"delegations: {error}.") from error
    for name in wanted:
        if name in found:
            role, paths = found[name]
            yield name, role, lambda tag, paths=paths: any(tag.startswith(path) for path in paths)  # type: ignore[misc]


def _read(targets: Document) -> dict[str, tuple[Role, tuple[str, ...]]]:
    value: Any = targets.signed.get("delegations")
    if value is None:
        return {}
    section = strict.an_object(value, "they")
    keys = read_keys(section.get("keys") or {})
    entries = strict.a_list(section.get("roles") or [], "roles")
    if len(entries) > _MOST:
        raise Malformed(f"{len(entries)} are more than are read ({_MOST})")
    found = {}
    for entry in entries:
        fields = strict.an_object(entry, "a role")
        name = strict.a_text(fields.get("name"), "a name")
        if not NAME.fullmatch(name) and not _is_deeper(name):
            raise Malformed(f"{name[:80]!r} is no name of a role")
        if name in found:
            raise Malformed(f"two roles are called {name[:80]!r}")
        paths = strict.a_list(fields.get("paths") or [], "paths")
        if len(paths) > _MOST_PATHS:
            raise Malformed(f"more than {_MOST_PATHS} paths")
        found[name] = read_role(fields, keys), tuple(strict.a_text(path, "a path") for path in paths)
    return {name: one for name, one in found.items() if NAME.fullmatch(name)}


def _is_deeper(name: str) -> bool:
    """targets/a/b, which is somebody's to delegate, though not this document's."""
    return re.fullmatch(r"targets(?:/[-a-z0-9_]+)+", name) is not None
