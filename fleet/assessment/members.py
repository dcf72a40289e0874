"""A service's containers on every host as the one subject that rules about whole services are put to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fleet import neutrality
from fleet.assessment.material import Material, cluster_id
from fleet.assessment.subjects import SubjectRow
from fleet.governance.policy import InForce
from fleet.governance.standing import Standing, standing_for_services
from fleet.inventory import SwarmServiceFacts
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, Service
from fleet.readiness import catalogue
from fleet.readiness.assess import judge
from fleet.readiness.findings import Finding
from fleet.readiness.subjects import ROLLOUT, ServiceSubject
from fleet.readiness.vocabulary import Scope, Stage
from fleet.reference import current_tables
from fleet.state import ServiceState, state_of
from fleet.state.version import version as state_version
from fleet.tables import Tables


@dataclass(frozen=True)
class Cluster:
    """What all services share while they are added up."""

    now: datetime
    policy: InForce
    tables: Tables
    waivers: Mapping[str, Standing]  # by environment
    all_hosts_answered: bool

    @classmethod
    def load(cls, services: Sequence[Service], *, now: datetime, policy: InForce) -> Cluster:
        waivers = standing_for_services([service.pk for service in services], now)
        answered = not Host.objects.missing().exists()
        return cls(now, policy, current_tables(), waivers, answered)

    def material(self, containers: Iterable[Container]) -> Material:
        """What is to be read of the containers of several services, together."""
        return Material(containers, now=self.now, tables=self.tables)

    def is_fresh(self, host: Host) -> bool:
        """Asked for once each, though the host has containers of many services."""
        if host.pk not in self._fresh:
            self._fresh[host.pk] = not host.is_stale(self.now)
        return self._fresh[host.pk]

    @cached_property
    def _fresh(self) -> dict[int, bool]:
        return {}

    @cached_property
    def rests_on(self) -> str:
        """What everything that is said of any service rests on."""
        return fingerprint(
            catalogue.version(),
            state_version(),
            neutrality.version(),
            self.policy.digest,
            self.tables.version,
            self.all_hosts_answered,
            self.now.date().isoformat(),
        )

    @cached_property
    def managers(self) -> Sequence[Host]:
        """Hosts whose engine tells of swarm services; asked for only when a service may be one of them."""
        return list(Host.objects.filter(swarm__has_key="services").order_by("-answered_at"))


@dataclass(frozen=True)
class ServiceCase:
    """One service with the containers that carry its verdict."""

    service: Service
    stage: Stage
    carrying: Sequence[Container]
    cluster: Cluster
    material: Material

    @cached_property
    def rests_on_the_same(self) -> bool:
        """Whether all that the stored findings rest on is as it was."""
        judged_by = self.service.judged_key
        return judged_by == self.key_whenever or (bool(judged_by) and judged_by == self.key)

    @property
    def key_judged_by(self) -> str:
        """After `findings`: with what moves with the clock only where a rule has looked at that."""
        return self.key if self.subject.looked_at_the_clock else self.key_whenever

    @property
    def judged_by_the_clock(self) -> bool:
        """Of a service whose stored findings rest on all that is so now."""
        return self.service.judged_key != self.key_whenever

    @cached_property
    def key_whenever(self) -> str:
        """A digest of all that the findings about the service rest on, but for how long ago its containers were made
        or started.
        """
        cluster, service = self.cluster, self.service
        told = {host.pk: (host.environment.slug, cluster.is_fresh(host)) for host in self.hosts}
        return fingerprint(
            cluster.rests_on,
            [self.stage.value, self.environment, service.name, service.team],
            [service.tier, service.runbook, service.oncall],
            sorted((row.lasting_hash or row.facts_hash, row.host_id, *told[row.host_id]) for row in self.carrying),
            self._swarm_digest,
            self.material.storage_digest(self.carrying),
            self._waivers.concerning(Scope.SERVICE.value, str(service.pk)),
        )

    @cached_property
    def key(self) -> str:
        """With the clock: which container just started, which ever restarted, and whether that may be a rollout."""
        now = self.cluster.now
        fares = sorted(
            (
                row.lasting_hash or row.facts_hash,
                row.host_id,
                row.started_at is not None and now - row.started_at < ROLLOUT,
                row.restart_count > 0,
            )
            for row in self.carrying
        )
        return fingerprint(self.key_whenever, fares, self.settles_at is None)

    @cached_property
    def settles_at(self) -> datetime | None:
        """When its newest container is no longer taken for part of a rollout; None when that is over."""
        moments = [moment for c in self.carrying for moment in (c.created_at, c.started_at) if moment is not None]
        settled = max(moments) + ROLLOUT if moments else None
        return settled if settled is not None and settled > self.cluster.now else None

    def row(self, key: str) -> SubjectRow:
        return SubjectRow(self.subject, Scope.SERVICE, self.service, self.service.slug, key)

    def findings(self) -> tuple[Finding, ...]:
        # Of a service without any container there is nothing to say.
        found = judge(self.subject) if self.carrying else ()
        return self._waivers.applied(found, kind=Scope.SERVICE.value, name=str(self.service.pk))

    @cached_property
    def subject(self) -> ServiceSubject:
        cluster, manager = self.cluster, self._manager
        return ServiceSubject(
            name=self.service.name,
            members=self.material.members(self.carrying),
            now=cluster.now,
            stage=self.stage,
            environment=self.environment,
            team=self.service.team,
            entered_tier=self.service.tier,
            runbook=self.service.runbook,
            oncall=self.service.oncall,
            policy=cluster.policy.policy,
            tables=cluster.tables,
            all_hosts_answered=cluster.all_hosts_answered,
            swarm=self._swarm,
            tasks=manager.swarm_tasks() if manager else None,
            nodes=manager.swarm_nodes() if manager else None,
        )

    def state(self) -> ServiceState:
        """Where it keeps its state."""
        members = self.material.state_members(self.carrying, self.subject.members)
        answered = self.cluster.all_hosts_answered
        return state_of(members, tables=self.cluster.tables, roles=self.subject.roles, all_hosts_answered=answered)

    @cached_property
    def environment(self) -> str:
        """The one that most of the containers stand in; a stage may have several."""
        told = {host.pk: host.environment.slug for host in self.hosts}
        slugs = Counter(sorted(told[container.host_id] for container in self.carrying))
        return slugs.most_common(1)[0][0] if slugs else "production"

    @property
    def _waivers(self) -> Standing:
        return self.cluster.waivers.get(self.environment, Standing({}))

    @cached_property
    def hosts(self) -> Sequence[Host]:
        """Those that the containers run on, each once."""
        return list({container.host_id: container.host for container in self.carrying}.values())

    @cached_property
    def _manager(self) -> Host | None:
        """The manager that tells of it: of the swarm that its containers are tasks of, before one of the same name."""
        # The managers first: without any, no facts have to be read to know.
        if not self.cluster.managers:
            return None
        if self.service.source != "swarm" and not self.material.has_swarm_label(self.carrying):
            return None
        ids = {self.material.engine_at(container.host_id).cluster_id for container in self.carrying}
        telling = [host for host in self.cluster.managers if self._told_by(host) is not None]
        same = [host for host in telling if cluster_id(host.swarm_facts) in ids - {None}]
        return next(iter(same or telling), None)

    @property
    def _swarm(self) -> SwarmServiceFacts | None:
        return self._told_by(self._manager) if self._manager else None

    def _told_by(self, host: Host) -> SwarmServiceFacts | None:
        names = self.material.swarm_names(self.carrying) | {self.service.name}
        return next((one for one in host.swarm_services() or () if one.name in names), None)

    @property
    def _swarm_digest(self) -> str:
        if not self.carrying or self._manager is None:
            return ""
        return fingerprint(self._manager.swarm)
