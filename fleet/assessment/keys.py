"""What a judgement rests on, as digests: while they stay the same nothing is judged again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import msgspec

from fleet.assessment.proven import ProvenOf, digest_of, digest_of_tag
from fleet.assessment.subjects import Things, failed_of_late, lost, unanswered
from fleet.governance.policy import InForce
from fleet.governance.standing import Standing
from fleet.inventory import KeptNeighbour
from fleet.inventory.host import FLAPPING, clock_step
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, Image, Network, Volume
from fleet.readiness import catalogue
from fleet.readiness.subjects import ONE_OFF_JOB
from fleet.readiness.vocabulary import Scope
from fleet.recording import RESTART_WINDOW, restarts_in_window
from fleet.state.version import version as state_version
from fleet.tables import Tables


@dataclass(frozen=True)
class Keys:
    """Digests for one host and everything on it, made of one reading of its rows."""

    host: Host
    containers: Sequence[Container]
    things: Things
    policy: InForce
    tables: Tables
    waivers: Standing
    twins: tuple[str, ...]
    now: datetime
    proven: ProvenOf = field(default_factory=dict)

    @cached_property
    def parts(self) -> dict[str, str]:
        """What everything on the host rests on, by name: the one that differs is the cause of what flips."""
        around = parts_of(self.host, policy=self.policy, tables=self.tables, twins=self.twins, now=self.now)
        return {**around, "networks": fingerprint(sorted(row.facts_hash for row in self.things.networks))}

    @property
    def same_parts(self) -> bool:
        """Whether all of that is as it was when the host was judged last. It is no part of the digests below: a new
        day or a new policy would otherwise have to be written to every row of the fleet.
        """
        return self.host.rests_on(self.parts)

    @cached_property
    def swarm(self) -> str:
        return swarm_digest(self.host, self.now)

    @cached_property
    def _neighbours(self) -> str:
        told = [row.neighbour for row in self.containers]
        failed = sum(1 for one in told if one.state in {"exited", "dead"} and _ended_of_late(one, self.now))
        return fingerprint(self._told_of, failed, self.swarm)

    @cached_property
    def _told_of(self) -> list[bytes]:
        """What rules about containers that lean on others may read of those here."""
        return sorted(msgspec.json.encode(row.neighbour, order="sorted") for row in self.containers)

    @cached_property
    def _seen_by_host(self) -> list[bytes]:
        """What rules about the host may read of the containers here: another one of the same kind in the place of one
        is no news to it.
        """
        return sorted(msgspec.json.encode(row.neighbour.seen_by_host(), order="sorted") for row in self.containers)

    @cached_property
    def _volume_hashes(self) -> Mapping[str, str]:
        return {row.name: row.facts_hash for row in self.things.volumes}

    @cached_property
    def _image_hashes(self) -> Mapping[int, str]:
        return {row.pk: row.facts_hash for row in self.things.images}

    @cached_property
    def _attached(self) -> Mapping[str, list[str]]:
        """What is looked at of the containers on each network and volume, by `network:key` and `volume:name`."""
        found: dict[str, list[str]] = {}
        for row in self.containers:
            one = row.neighbour
            for attached in one.networks or ():
                for key in attached.keys:
                    found.setdefault(f"network:{key}", []).append(f"{one.name}:{one.error or ''}")
            # Rules about volumes ask their users for nothing that says how these fare.
            for name in one.volume_names:
                found.setdefault(f"volume:{name}", []).append(f"{row.lasting_hash or row.facts_hash}{row.service_id}")
        return found

    def container(self, row: Container) -> str:
        # Restarts leave the window without any fact changing; the count is in the key so that a loop that ended passes.
        return _digest(
            row.facts_hash,
            row.service_id,
            restarts_in_window(row, now=self.now),
            self._image_hashes.get(row.image_id or 0, ""),
            [self._volume_hashes.get(name, "") for name in row.neighbour.volume_names],
            self._neighbours if row.neighbour.leans_on_others else "",
            _one_off_job(row, self.now),
            self.waivers.concerning(Scope.SERVICE.value, str(row.service_id)),
            *digest_of_tag(self.proven.get(row.image_id or 0), row.image_reference),
        )

    def image(self, row: Image) -> str:
        waivers = self.waivers.concerning(Scope.IMAGE.value, row.engine_id)
        return _digest(row.facts_hash, waivers, *digest_of(self.proven.get(row.pk)))

    def network(self, row: Network) -> str:
        users = {one for key in (row.engine_id, row.name) for one in self._attached.get(f"network:{key}", ())}
        waivers = self.waivers.concerning(Scope.NETWORK.value, row.name)
        return _digest(row.facts_hash, self.swarm, sorted(users), waivers)

    def volume(self, row: Volume) -> str:
        users = sorted(self._attached.get(f"volume:{row.name}", []))
        waivers = self.waivers.concerning(Scope.VOLUME.value, row.name)
        return _digest(row.facts_hash, users, waivers)

    def whole_host(self) -> str:
        return fingerprint(
            self.swarm,
            clock_steps(self.host),
            self._seen_by_host,
            self.things.hashes(),
            self.waivers.concerning(Scope.HOST.value, str(self.host.pk)),
        )


def _digest(*parts: object) -> str:
    """As `fingerprint`, of texts, numbers and lists alone; asked for of every container of a host that changed."""
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()


def parts_of(host: Host, *, policy: InForce, tables: Tables, twins: Sequence[str], now: datetime) -> dict[str, str]:
    """What everything on a host rests on, as far as the host's own row tells."""
    steady = {key: value for key, value in host.facts.items() if key not in FLAPPING}
    return {
        **fleet_parts(policy, tables, now),
        "environment": environment_digest(host),
        "engine": fingerprint(steady, host.swarm.get("plugins")),
        "twins": twins_digest(host, twins),
        "silence": fingerprint(sorted(unanswered(host)), sorted(lost(host, now))),
    }


def fleet_parts(policy: InForce, tables: Tables, now: datetime) -> dict[str, str]:
    """What everything on every host rests on."""
    return {
        "rules": catalogue.version(),
        # Of services alone, which are added up again when a part of their hosts differs.
        "state": state_version(),
        "policy": policy.digest,
        "tables": tables.version,
        # Support windows end on a day, and evidence grows old by days.
        "day": now.date().isoformat(),
    }


def environment_digest(host: Host) -> str:
    return fingerprint(host.environment.slug, host.environment.stage, host.environment_declared)


def twins_digest(host: Host, twins: Sequence[str]) -> str:
    return fingerprint(host.name, twins)


def swarm_digest(host: Host, now: datetime) -> str:
    """Failed tasks leave the window without any fact changing, so their number is in it."""
    return fingerprint(host.swarm, failed_of_late(host, now))


def clock_steps(host: Host) -> int | None:
    return clock_step(host.facts.get("clock_offset"))


def settling(row: Container) -> bool:
    """When it has settled depends on the clock alone, so it is judged each time."""
    return row.state in {"created", "removing", "restarting"}


def _one_off_job(row: Container, now: datetime) -> bool:
    made = row.created_at
    return bool(row.neighbour.auto_remove) and made is not None and now - made < ONE_OFF_JOB


def _ended_of_late(one: KeptNeighbour, now: datetime) -> bool:
    ended = one.finished_at
    return ended is not None and ended > now - RESTART_WINDOW
