"""What others than its engine tell of an image: its registry, keys that an admin registered, and scanners."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether the image is what its publisher signed, under one `name` that it runs by; empty for an image ID.

    `state` is one of fleet.trust.states.State, `reason` one of its Reason. `looked` is False before anybody looked.
    `as_of` is set where it is only said because nobody could look again since, for the `obstacle`; `until` is when time
    alone ends it.
    """

    name: str
    state: str
    sentence: str
    reason: str = ""
    root: str = ""  # name and version
    signer: str = ""
    digest: str = ""  # the one that was signed
    looked: bool = True
    as_of: datetime | None = None
    obstacle: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMeaning:
    """What the registry says that the tag of a `reference` (Config.Image) means: this image (`same`), or the digest of
    another one; an empty digest for no such tag. `same` is None where that is not known, and `obstacle` says why.
    """

    reference: str
    same: bool | None = None
    digest: str = ""
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedOnce:
    """One statement about the image that lies beside it. `about` is sbom, provenance or other, `kind` its predicate
    type, `signer` the registered key that signed it, empty where nobody who is registered did, `signed` or not.
    """

    about: str
    kind: str
    source: str  # index, referrer, or tag
    signed: bool = False
    signer: str = ""

    @property
    def whose(self) -> str:
        """Who stands behind it: that it is there says nothing of that."""
        if self.signer:
            return "A registered key signed it."
        if self.signed:
            return "It is signed, by nobody who is registered."
        return "It is there; nobody signed it, so whoever can write to the registry may have put it there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What lies beside the image in the registry of one name that it runs by. `looked` is False before anybody could be
    asked, and `obstacle` says why; `local` where nothing in the registry is the image.
    """

    looked: bool = False
    local: bool = False
    obstacle: str = ""
    found: tuple[StatedOnce, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """The newest report of a scanner. `as_of` is when it was made, or its database where that is older.

    `critical` and `high` are known holes of that severity, those `_fixable` of them have a fix, and `fixable` names
    the worst of these. `recognised` is False when the scanner knew none of what is inside; `ended` when nobody mends
    the distribution any more.
    """

    scanner: str
    made_at: datetime
    as_of: datetime
    critical: int = 0
    high: int = 0
    critical_fixable: int = 0
    high_fixable: int = 0
    fixable: tuple[str, ...] = ()
    recognised: bool = True
    ended: bool = False
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Of one image on one host: a proof for each name that it runs by there, what each of its tags means, what lies
    beside it in the registry of each, and what a scanner found in it.

    Without any proof nobody registered a publisher at all, without anything stated none of its registries is
    registered, and without a scan no report of it came.
    """

    proofs: tuple[Proof, ...] = ()
    tags: tuple[TagMeaning, ...] = ()
    stated: tuple[Stated, ...] = ()
    scan: Scanned | None = None

    @property
    def unstated(self) -> str:
        """Why nothing can be said of what does not lie beside it; empty where all that does is known."""
        if not self.stated:
            return "Its registry is not registered, so nobody asked what lies beside it."
        if unasked := [one for one in self.stated if not one.looked]:
            return unasked[0].obstacle or "Nobody has looked yet what lies beside it in its registry."
        if all(one.local for one in self.stated):
            return "Nothing that its registry has is this image, so nothing can lie beside it there."
        return ""

    @property
    def stated_kinds(self) -> tuple[str, ...]:
        return tuple(sorted({found.kind for one in self.stated for found in one.found}))

    def statement(self, about: str) -> StatedOnce | None:
        """Of what lies there about that the one that says most: one that a registered key signed, if there is one."""
        every = (found for one in self.stated for found in one.found if found.about == about)
        return max(every, key=lambda one: (bool(one.signer), one.signed), default=None)

    def tag(self, reference: str) -> TagMeaning | None:
        return next((one for one in self.tags if one.reference == reference), None)

    def lasting(self) -> Proven:
        """Without what moves each time that somebody looks and finds the same."""
        return replace(self, proofs=tuple(replace(one, until=None) for one in self.proofs))


NOTHING_PROVEN = Proven()
