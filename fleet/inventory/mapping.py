"""What people say of containers that say nothing of themselves: patterns, and the service and team that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from fleet.inventory.container import ContainerFacts
from fleet.inventory.identity import COMPOSE_PROJECT, Identity, identify
from fleet.inventory.reference import ImageReference

#: What named a service, when a mapping did.
MAPPED: Final = "mapping"
#: What named it when nobody said anything: the name of an image, or of the container itself.
GUESSED: Final = frozenset({"image", "name"})
_NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a mapping can tell one container from another by; `image` is what it was started from, as it was typed."""

    container: str
    host: str = ""
    image: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: ContainerFacts, host: str) -> Traits:
        return cls(container=facts.name, host=host, image=facts.image_reference, labels=facts.labels or _NO_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One mapping. Every pattern that is given must match, `*` standing for any text.

    `label` is `key` or `key=value`; `image` is a repository without its tag, with or without docker.io. A `*` in
    `service` is what the first `*` of the patterns stood for, in the order in which they stand here.
    """

    label: str = ""
    project: str = ""
    image: str = ""
    host: str = ""
    container: str = ""
    service: str = ""
    team: str = ""

    @property
    def patterns(self) -> tuple[str, ...]:
        return (self.label, self.project, self.image, self.host, self.container)

    def match(self, traits: Traits) -> str | None:
        """What the first `*` stood for, empty without one; None when the container is not meant."""
        stood: str | None = None
        given = False
        for pattern, texts in zip(self.patterns, self._texts(traits), strict=True):
            if not pattern:
                continue
            given = True
            found = next((m for text in texts if (m := _compiled(pattern).fullmatch(text))), None)
            if found is None:
                return None
            if stood is None and found.re.groups:
                stood = found.group(1)
        return (stood or "") if given else None

    def _texts(self, traits: Traits) -> tuple[Iterable[str], ...]:
        """What each pattern is held against; any of it may match."""
        labels = traits.labels
        project = labels.get(COMPOSE_PROJECT)
        valued = "=" in self.label
        return (
            (f"{key}={value}" for key, value in labels.items()) if valued else labels,
            (project,) if project else (),
            repositories(traits.image) if self.image else (),
            (traits.host,),
            (traits.container,),
        )

    def name_for(self, stood: str) -> str:
        """The service that is meant; empty when this mapping gives none, or when nothing stood for its `*`."""
        return self.service.replace("*", stood).strip()[:200] if stood or "*" not in self.service else ""


@lru_cache(maxsize=2000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def repositories(image: str | None) -> tuple[str, ...]:
    """The repository as the engine reads it, and shorter where docker.io and library go without saying."""
    reference = ImageReference.parse(image)
    if reference is None:
        return ()
    full = reference.full_repository
    short = full.removeprefix("docker.io/")
    return tuple(dict.fromkeys((full, short, short.removeprefix("library/") if short != full else full)))


@dataclass(frozen=True, slots=True)
class Named:
    """`by` is the place of the mapping that gave the service, None where the container names itself."""

    identity: Identity
    by: int | None = None


def named(identity: Identity, traits: Traits, terms: Sequence[Terms]) -> Named:
    """The identity with what mappings say over it: of service and team each, the first that matches and gives one."""
    service = team = None
    by: int | None = None
    for place, one in enumerate(terms):
        stood = one.match(traits)
        if stood is None:
            continue
        if service is None and (meant := one.name_for(stood)):
            service, by = meant, place
        if team is None and one.team:
            team = one.team
        if service is not None and team is not None:
            break
    if service is not None:
        identity = replace(identity, service=service, source=MAPPED)
    if team is not None:
        identity = replace(identity, team=team, team_source=MAPPED)
    return Named(identity, by)


def name(facts: ContainerFacts, *, host: str, terms: Sequence[Terms]) -> Identity:
    """Which service a container on that host belongs to."""
    own = identify(facts)
    return named(own, Traits.of(facts, host), terms).identity if terms else own
