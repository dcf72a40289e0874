"""What proving rests on that people registered: trust roots, and registries that may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Value

from fleet.inventory.plain import fingerprint
from fleet.models import ImageRegistry, TrustRootVersion

if TYPE_CHECKING:
    from fleet.proving.roots import InForce


@dataclass(frozen=True, slots=True)
class Grounds:
    """`roots` in force, and hosts of `registries`. `digest` differs where these do; empty where there is neither."""

    roots: tuple[InForce, ...] = ()
    registries: frozenset[str] = frozenset()
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.digest)


NO_GROUNDS: Final = Grounds()
#: Those last put together, with what they were made of: reading keys takes longer than judging.
_kept: dict[str, tuple[object, Grounds]] = {}


def grounds() -> Grounds:
    """One small query, as every sweep asks for it; a second one where something was registered, edited or disabled."""
    versions = TrustRootVersion.objects.filter(root__enabled=True).order_by()
    hosts = ImageRegistry.objects.order_by().values_list(Value(0), "pk", Value(0), Value(""), "host")
    both = versions.values_list("root_id", "pk", "number", "sha256", "root__name").union(hosts, all=True)
    stamps = tuple(sorted(both))
    if not stamps:
        return NO_GROUNDS
    known = _kept.get("grounds")
    if known is None or known[0] != stamps:
        from fleet.proving.roots import in_force  # reads keys, so only where there are any

        registries = frozenset(host for root, _, _, _, host in stamps if not root)
        known = _kept["grounds"] = (stamps, Grounds(in_force(), registries, fingerprint(stamps)))
    return known[1]
