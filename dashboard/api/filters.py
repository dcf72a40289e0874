"""The filters of each list, under the names that the pages use in their addresses too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from ninja import Field, Schema

from fleet.lookup import called
from fleet.models import Container, Host
from fleet.models.answers import Answers
from fleet.models.container import ContainerQuerySet, at_work
from fleet.models.service import ServiceQuerySet
from fleet.neutrality import Distance
from fleet.readiness import catalogue
from fleet.readiness.vocabulary import Pillar, Severity, Stage, Status, Verdict
from fleet.state import StateKind


def _environment(given: str, prefix: str) -> Q:
    field = f"{prefix}environment__"
    return Q(**{f"{field}slug__iexact": given}) | Q(**{f"{field}name__iexact": given})


def _service(given: str, prefix: str) -> Q:
    return Q(**{f"{prefix}name": given}) | Q(**{f"{prefix}slug": given})


class ThingFilters(Schema):
    """For what stands on a host and has no verdict of its own: images, networks, volumes."""

    environment: str | None = Field(None, description="Name or slug.")
    team: str | None = Field(None, description="Team of the host.")
    host: str | None = None
    q: str | None = Field(None, description="Part of the name.")

    def on_host(self) -> Q:
        wanted = Q()
        if self.environment:
            wanted &= _environment(self.environment, "host__")
        if self.team:
            wanted &= Q(host__team=self.team)
        if self.host:
            wanted &= Q(host__name=self.host)
        if self.q:
            wanted &= Q(name__icontains=self.q)
        return wanted


class Answer(StrEnum):
    """How the last sweep of a host went."""

    ANSWERING = "answering"
    FAILING = "failing"
    NEVER = "never"


class HostFilters(Schema):
    environment: str | None = Field(None, description="Name or slug.")
    team: str | None = None
    stage: Stage | None = None
    verdict: Verdict | None = None
    answer: Answer | None = None
    work: Literal["yes"] | None = Field(
        None, description="Hosts that are swept and run a container that is no infrastructure."
    )
    q: str | None = Field(None, description="Part of the name.")

    def narrow(self, hosts: QuerySet[Host], now: datetime, infrastructure: Callable[[], list[str]]) -> QuerySet[Host]:
        """`infrastructure` tells the images of it, and is asked only when a filter needs to know."""
        if self.work:
            hosts = hosts.filter(at_work(infrastructure()), enabled=True)
        if self.answer is Answer.NEVER:
            hosts = hosts.filter(answered_at__isnull=True)
        elif self.answer:
            chosen = Host.objects.answering(now) if self.answer is Answer.ANSWERING else Host.objects.silent(now)
            hosts = hosts.filter(pk__in=chosen)
        if self.environment:
            hosts = hosts.filter(_environment(self.environment, ""))
        if self.team:
            hosts = hosts.filter(team=self.team)
        if self.stage:
            hosts = hosts.filter(environment__stage=self.stage.value)
        if self.verdict:
            hosts = hosts.filter(Q(verdict_now=self.verdict.value))
        if self.q:
            hosts = hosts.filter(name__icontains=self.q)
        return hosts


class ServiceFilters(Schema):
    environment: str | None = Field(None, description="Name or slug; services that have a container there.")
    team: str | None = None
    stage: Stage | None = None
    verdict: Verdict | None = None
    host: str | None = Field(None, description="Services that have a container on this host.")
    state_kind: StateKind | None = Field(
        None, description="Where it keeps its state; unknown also where that is too old."
    )
    distance: Distance | None = Field(None, description="How far it is from running on another OCI engine.")
    tie: str | None = Field(None, description="Slug of a tie that the service has.")
    q: str | None = Field(None, description="Part of the name.")

    def narrow(self, services: ServiceQuerySet, now: datetime) -> ServiceQuerySet:
        if self.state_kind:
            services = services.of_state(self.state_kind.value)
        here = Container.objects.present().filter(service=OuterRef("pk"))
        if self.environment:
            services = services.filter(Exists(here.filter(_environment(self.environment, "host__"))))
        if self.host:
            services = services.filter(Exists(here.filter(host__name=self.host)))
        if self.team:
            services = services.filter(team=self.team)
        if self.stage:
            services = services.filter(stage=self.stage.value)
        if self.verdict:
            services = services.of_verdict(self.verdict.value)
        if self.distance:
            services = services.at_distance(self.distance.value)
        if self.tie:
            services = services.tied_by(self.tie)
        if self.q:
            services = services.filter(name__icontains=self.q)
        return services


class ContainerFilters(Schema):
    environment: str | None = Field(None, description="Name or slug.")
    team: str | None = Field(None, description="Team of the service.")
    stage: Stage | None = Field(None, description="Stage of the host's environment.")
    verdict: Verdict | None = None
    host: str | None = None
    service: str | None = Field(None, description="Name or slug.")
    state: str | None = Field(None, description="The engine's word: running, exited, …")
    infrastructure: Literal["yes", "no"] | None = Field(
        None, description="Only containers that are there to run others, or all but those."
    )
    health: str | None = Field(None, description="The engine's word: healthy, unhealthy, starting, none.")
    q: str | None = Field(None, description="Part of the name or of the image's name, or the beginning of the id.")

    def narrow(self, containers: ContainerQuerySet, infrastructure: Callable[[], list[str]]) -> QuerySet[Container]:
        """`infrastructure` as for hosts."""
        if self.infrastructure:
            containers = containers.of_infrastructure(infrastructure(), it_is=self.infrastructure == "yes")
        if self.environment:
            containers = containers.filter(_environment(self.environment, "host__"))
        if self.team:
            containers = containers.filter(service__team=self.team)
        if self.stage:
            containers = containers.filter(host__environment__stage=self.stage.value)
        if self.verdict:
            containers = containers.filter(Q(verdict_now=self.verdict.value))
        if self.host:
            containers = containers.filter(host__name=self.host)
        if self.service:
            containers = containers.filter(_service(self.service, "service__"))
        told = {"state": self.state, "health": self.health}
        containers = containers.filter(**{name: value for name, value in told.items() if value})
        if self.q:
            words = Q(name__icontains=self.q) | Q(image_reference__icontains=self.q)
            containers = containers.filter(words | called(self.q))
        return containers


class FindingFilters(Schema):
    environment: str | None = Field(None, description="Name or slug of the host's environment.")
    team: str | None = Field(None, description="Team of the service, else of the host.")
    stage: Stage | None = Field(None, description="Stage of the host's environment, else of the service.")
    host: str | None = None
    service: str | None = Field(None, description="Name or slug.")
    container: str | None = Field(None, description="Name, or the beginning of the id.")
    rule: str | None = Field(None, description="Slug.")
    pillar: Pillar | None = None
    severity: Severity | None = None
    status: Status | None = None
    q: str | None = Field(None, description="Part of the subject's name or of the rule's slug.")

    def narrow(self, findings: Answers) -> Answers:
        given = {name: getattr(self, name) for name in ("rule", "pillar", "severity", "status")}
        wanted = Q()
        if self.environment:
            wanted &= _environment(self.environment, "host__")
        if self.stage:
            stage = self.stage.value
            wanted &= Q(host__environment__stage=stage) | Q(host__isnull=True, service__stage=stage)
        if self.host:
            wanted &= Q(host__name=self.host)
        if self.service:
            wanted &= _service(self.service, "service__")
        if self.container:
            wanted &= Q(container__in=Container.objects.filter(called(self.container)))
        chosen = findings.filter(wanted, **{name: str(value) for name, value in given.items() if value})
        if self.q:
            part = self.q.lower()
            about, rules = Q(subject_name__icontains=self.q), Q(rule__icontains=self.q)
            if any(part in rule.slug for rule in catalogue.rules()):
                chosen = chosen.either(about, rules=rules, named=lambda one: part in one.rule)
            else:
                chosen = chosen.filter(about)
        return chosen.of_team(self.team) if self.team else chosen


class RuleFilters(Schema):
    pillar: Pillar | None = None
    severity: Severity | None = None
    q: str | None = Field(None, description="Part of the slug or title.")
