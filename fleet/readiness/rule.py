"""What a rule is: one condition with a name, a severity, its reason, its remedy and its sources."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fleet.readiness.documentation import Documentation
from fleet.readiness.findings import Outcome
from fleet.readiness.subjects import (
    ContainerSubject,
    HostSubject,
    ImageSubject,
    NetworkSubject,
    ServiceSubject,
    VolumeSubject,
)
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Stage

#: The benchmark and the version whose numbers the references name, a line each: `CIS Docker 1.6.0 5.14`.
CIS_BENCHMARK = "CIS Docker"
CIS_VERSION = "1.6.0"
_CIS = re.compile(rf"^{CIS_BENCHMARK} {re.escape(CIS_VERSION)} (\d+(?:\.\d+)+)$")

PRODUCTION_AND_STAGING = frozenset({Stage.PRODUCTION, Stage.STAGING})
EVERYWHERE = frozenset({Stage.PRODUCTION, Stage.STAGING, Stage.EXPERIMENT})
PRODUCTION_ONLY = frozenset({Stage.PRODUCTION})


@dataclass(frozen=True, slots=True)
class Remedy:
    """The same change in two tongues: a docker (or daemon) command line and a compose (or daemon.json) fragment."""

    docker: str
    compose: str


class Rule(ABC):
    """Base of all rules; subclasses live one to a module in `rules/<pillar>/` and are found by walking that folder.

    The slug is the module's name and the rule's identity everywhere; a renamed rule lists its old slugs in `formerly`.
    A subclass without complete documentation, title or remedy cannot be imported.
    """

    title: ClassVar[str]  # states the problem, reads well after "allow …"
    good: ClassVar[str]  # one sentence for a subject that passes
    catalogue: ClassVar[str]  # cross-reference, such as NET-004
    severity: ClassVar[Severity]
    facts: ClassVar[tuple[str, ...]]  # the engine's own field names that the rule reads
    remedy: ClassVar[Remedy]
    stages: ClassVar[frozenset[Stage]] = PRODUCTION_AND_STAGING
    bound_to: ClassVar[tuple[str, ...]] = ()  # evidence that a waiver is bound to; empty: all of it
    never_waived: ClassVar[frozenset[Stage]] = frozenset()  # where a critical or high failure is mended, not accepted
    core_gate: ClassVar[bool] = False  # without evidence for it nothing can be called ready
    linux_only: ClassVar[bool] = False  # reads a field that an engine for Windows containers leaves empty
    formerly: ClassVar[tuple[str, ...]] = ()

    scope: ClassVar[Scope]
    slug: ClassVar[str]
    pillar: ClassVar[Pillar]
    documentation: ClassVar[Documentation]
    cis: ClassVar[tuple[str, ...]]  # numbers in CIS_BENCHMARK that a failure of this rule violates, from References

    @classmethod
    def must_be_mended(cls, stage: Stage, severity: str, evidence: Mapping[str, Any]) -> bool:
        """Whether this failure may not be accepted by a waiver."""
        return stage in cls.never_waived and severity in {Severity.CRITICAL.value, Severity.HIGH.value}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if ABC in cls.__bases__:
            return
        missing = [
            name for name in ("title", "good", "catalogue", "severity", "facts", "remedy") if not hasattr(cls, name)
        ]
        if missing:
            raise TypeError(f"{cls.__module__}.{cls.__name__} lacks {', '.join(missing)}")
        *_, pillar, module = cls.__module__.split(".")
        cls.slug = module.replace("_", "-")
        cls.pillar = Pillar(pillar)
        cls.documentation = Documentation.read(cls)
        cls.cis = tuple(match[1] for line in cls.documentation.references if (match := _CIS.match(line)))


class ContainerRule(Rule, ABC):
    scope = Scope.CONTAINER

    @abstractmethod
    def judge(self, subject: ContainerSubject) -> Outcome: ...


class ImageRule(Rule, ABC):
    scope = Scope.IMAGE

    @abstractmethod
    def judge(self, subject: ImageSubject) -> Outcome: ...


class NetworkRule(Rule, ABC):
    scope = Scope.NETWORK

    @abstractmethod
    def judge(self, subject: NetworkSubject) -> Outcome: ...


class VolumeRule(Rule, ABC):
    scope = Scope.VOLUME

    @abstractmethod
    def judge(self, subject: VolumeSubject) -> Outcome: ...


class HostRule(Rule, ABC):
    scope = Scope.HOST

    @abstractmethod
    def judge(self, subject: HostSubject) -> Outcome: ...


class ServiceRule(Rule, ABC):
    scope = Scope.SERVICE

    @abstractmethod
    def judge(self, subject: ServiceSubject) -> Outcome: ...


AnyRule = ContainerRule | ImageRule | NetworkRule | VolumeRule | HostRule | ServiceRule
