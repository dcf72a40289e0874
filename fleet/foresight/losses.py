"""What if we lose this? The stored facts that a question needs, put to the pure function in `fleet.loss`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db.models import Q

from fleet.foresight.hanging import Losable
from fleet.foresight.loss_cases import Reading
from fleet.foresight.loss_rows import (
    HostRow,
    Rows,
    container_rows,
    elsewhere_rows,
    host_rows,
    networks_named,
    thing_rows,
)
from fleet.governance.policy import in_force
from fleet.loss import Answer, Lost, Stored, what_if
from fleet.loss.strikes import strike
from fleet.reference import current_tables

#: Hosts, or other things, that one question may be about.
MOST_LOST: Final = 20
KINDS: Final = ("host", "plugin", "network", "registry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Names as people type them. A network may be `host/name`; without a host it is each one of that name."""

    hosts: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hosts or self.plugins or self.networks or self.registries)

    def names(self) -> Iterable[tuple[str, str]]:
        """Kind and name of each."""
        parts = zip(KINDS, (self.hosts, self.plugins, self.networks, self.registries), strict=True)
        return [(kind, name) for kind, some in parts for name in some]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`answer` is None when something that was named is not there: `missing` has its kind and name.

    `cut` says that more hangs on it than was read. `containers` were read on what is lost.
    """

    question: Question
    answer: Answer | None = None
    missing: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    containers: int = 0
    stored: Stored = field(default_factory=Stored)


def answer_of(question: Question, losable: Losable, *, now: datetime) -> Found:
    """`losable` is what was counted of plugins and registries: where the things are that hang on them."""
    missing = [("plugin", name) for name in question.plugins if name not in losable.plugins]
    missing += [("registry", name) for name in question.registries if name not in losable.registries]
    hosts = host_rows(question.hosts, now) if question.hosts else {}
    known = {row.name for row in hosts.values()}
    missing += [("host", name) for name in question.hosts if name not in known]
    if missing:
        return Found(question=question, missing=tuple(missing))
    rows = _rows(question, losable, hosts)
    lost, missing = _lost(question, losable, rows)
    if missing:
        return Found(question=question, missing=tuple(missing))
    stored = Reading(rows, now=now, policy=in_force().policy, tables=current_tables()).stored()
    concerned = stored if _whole(question) else _struck_only(stored, lost)
    return Found(
        question=question,
        answer=what_if(concerned, lost),
        cut=rows.cut,
        containers=len(rows.read),
        stored=concerned,
    )


def _whole(question: Question) -> bool:
    """Whether everything that was read hangs on what is lost."""
    return not (question.plugins or question.networks)


def _rows(question: Question, losable: Losable, hosts: Mapping[int, HostRow]) -> Rows:
    shell = Rows(hosts=hosts)
    candidates = [row.pk for row in shell.candidates()]
    where = Q(host__in=[row.pk for row in shell.chosen()]) if question.hosts else Q(pk__in=())
    for name in question.plugins:
        where |= Q(host__in=losable.plugins[name].hosts)
    if question.networks:
        where |= networks_named(question.networks)
    for name in question.registries:
        where |= Q(image_reference__in=losable.registries[name].references)
    read, doors, cut = container_rows(where, doors_on=candidates)
    services = {row.service_id for row in read if row.service_id is not None}
    needed = bool(question.plugins or question.networks)
    elsewhere, beside = elsewhere_rows(services, {row.pk for row in read}, neighbours=needed)
    things = thing_rows(
        {row.host_id for row in read} | {row.pk for row in shell.chosen()},
        {row.image_id for row in read if row.image_id is not None},
        candidates=candidates,
        networks={str(one.get("name")) for row in read for one in (row.facts or {}).get("networks") or ()},
        ids={row.image_reference for row in read} | {str((row.facts or {}).get("image_id")) for row in read},
    )
    return replace(
        shell,
        read=tuple(read),
        doors=tuple(doors),
        elsewhere=tuple(elsewhere),
        neighbours=beside,
        things=things,
        cut=cut,
    )


def _lost(question: Question, losable: Losable, rows: Rows) -> tuple[Lost, list[tuple[str, str]]]:
    """With the ids of the networks that were named; and those of which there is none."""
    names = {row.pk: row.name for row in rows.hosts.values()} | {row.host_id: row.host for row in rows.read}
    ids: set[str] = set()
    missing = []
    for text in question.networks:
        host, slash, name = text.rpartition("/")
        found = {
            engine_id
            for kind, _, at, engine_id, called, _ in rows.things
            if kind == "network" and called == (name if slash else text) and (not slash or names.get(at) == host)
        }
        ids |= found
        missing += [] if found else [("network", text)]
    plugins = [losable.plugins[name] for name in question.plugins]
    on = {names[key] for one in plugins for key in one.hosts if key in names}
    lost = Lost(
        hosts=frozenset(question.hosts),
        plugins=frozenset(question.plugins),
        networks=frozenset(ids),
        registries=frozenset(question.registries),
        plugin_hosts=frozenset(on) if all(one.all_hosts for one in plugins) else None,
    )
    return lost, missing


def _struck_only(stored: Stored, lost: Lost) -> Stored:
    """Without services that merely share a host with what hangs on a plugin or a network."""
    cases = tuple(case for case in stored.cases if any(one.strikes for one in strike(case.replicas, lost, stored)))
    return replace(stored, cases=cases)
