"""Known ways out of a container through runc, as data to be refreshed with each release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fleet.inventory.versions import Version

AS_OF = date(2026, 8, 22)


@dataclass(frozen=True, slots=True)
class Escape:
    """`fixed_in` has one version per branch that upstream mended; older branches were left as they are."""

    identifier: str
    fixed_in: tuple[str, ...]
    since: str = "0.0.1"


#: From runc's CHANGELOG.md. Flaws that do not lead out of the container are left out.
RUNC_ESCAPES = (
    Escape("CVE-2019-5736", ("1.0.0-rc7",)),
    Escape("CVE-2023-27561", ("1.1.5",)),
    Escape("CVE-2024-21626", ("1.1.12",)),
    Escape("CVE-2025-31133", ("1.2.8", "1.3.3", "1.4.0-rc.3")),
    Escape("CVE-2025-52565", ("1.2.8", "1.3.3", "1.4.0-rc.3"), since="1.0.0-rc3"),
    Escape("CVE-2025-52881", ("1.2.8", "1.3.3", "1.4.0-rc.3")),
)


def escapes_of_runc(version: Version) -> tuple[Escape, ...]:
    """Those that upstream's release of this number has; a distribution's build may have mended some of them."""
    return tuple(escape for escape in RUNC_ESCAPES if _affects(escape, version))


def _affects(escape: Escape, version: Version) -> bool:
    fixes = [_read(text) for text in escape.fixed_in]
    if version.order < _read(escape.since).order:
        return False
    on_branch = [fix for fix in fixes if fix.branch == version.branch]
    # A branch without a fix of its own is safe only when it was made after the newest one.
    return version.order < (on_branch or [max(fixes, key=lambda fix: fix.order)])[0].order


def _read(text: str) -> Version:
    version = Version.parse(text)
    if version is None:
        raise ValueError(f"the table of escapes holds {text!r}, which is not a version")
    return version
