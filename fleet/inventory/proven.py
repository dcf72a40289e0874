"""What others than its engine tell of an image: its registry, and keys that an admin registered."""

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
class Proven:
    """Of one image on one host: a proof for each name that it runs by there, and what each of its tags means.

    Without any proof nobody registered a publisher at all.
    """

    proofs: tuple[Proof, ...] = ()
    tags: tuple[TagMeaning, ...] = ()

    def tag(self, reference: str) -> TagMeaning | None:
        return next((one for one in self.tags if one.reference == reference), None)

    def lasting(self) -> Proven:
        """Without what moves each time that somebody looks and finds the same."""
        return replace(self, proofs=tuple(replace(one, until=None) for one in self.proofs))


NOTHING_PROVEN = Proven()
