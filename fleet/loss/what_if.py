"""The whole answer: each service's fate, its state, where it could go, and what is lost beside it."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.inventory import ImageReference
from fleet.loss.answer import Answer, Fate, Move, Moving, ServiceLoss
from fleet.loss.fates import Outcome, fate_of
from fleet.loss.moving import move_of
from fleet.loss.rescheduling import majority_of
from fleet.loss.stored import Case, Lost, Stored
from fleet.loss.strikes import Blow
from fleet.loss.volumes import state_of_loss, volumes_of
from fleet.loss.words import listed

_STAGES = ("production", "staging", "experiment", "none")
_LAST = 9  # a tier that nobody gave comes after those that somebody did


def what_if(stored: Stored, lost: Lost) -> Answer:
    """Of what is lost, together and for good."""
    services = [_service(case, lost, stored) for case in stored.cases]
    return Answer(
        lost=lost,
        services=tuple(sorted(services, key=_worst_first)),
        volumes=volumes_of(stored, lost),
        notes=tuple(_notes(stored, lost)),
    )


def _worst_first(one: ServiceLoss) -> tuple[int, int, int, str]:
    case = one.case
    stage = _STAGES.index(case.stage) if case.stage in _STAGES else len(_STAGES)
    return one.fate.rank, stage, case.tier or _LAST, case.name


def _service(case: Case, lost: Lost, stored: Stored) -> ServiceLoss:
    outcome = fate_of(case, lost, stored)
    state, evidence = state_of_loss(case, outcome)
    hit = [one for one in outcome.struck if one.by(Blow.GONE, Blow.CUT, Blow.NEXT) is not False]
    return ServiceLoss(
        case=case,
        fate=outcome.fate,
        when=outcome.when,
        reasons=(*outcome.reasons, *_of_its_image(case, lost)),
        lost=tuple(one.replica.place for one in hit),
        kept=tuple(one.place for one in outcome.kept),
        state=state,
        evidence=evidence,
        move=_move(case, outcome, lost, stored),
    )


def _move(case: Case, outcome: Outcome, lost: Lost, stored: Stored) -> Move | None:
    """None where nothing has to move: no host is lost under it, or it goes on without what is gone."""
    gone = [one.replica for one in outcome.struck if one.by(Blow.GONE) and one.replica.expected]
    if not gone or outcome.fate is Fate.SURVIVES:
        return None
    if case.in_swarm:
        by_itself = outcome.fate is Fate.DEGRADED
        return None if by_itself else Move(moving=Moving.UNKNOWN, stops=("Swarm decides where its tasks go.",))
    return move_of(case, gone, lost, stored)


def _of_its_image(case: Case, lost: Lost) -> Iterator[str]:
    """What the loss of its registry means to a service whose images are all there."""
    names = [one.image_reference for one in case.replicas if one.image_reference]
    for name in sorted(set(names)):
        reference = ImageReference.parse(name)
        if reference is None or reference.registry not in lost.registries:
            continue
        hosts = sorted({one.host for one in case.replicas if one.image_reference == name and one.image_there})
        pinned = "pinned by its digest" if reference.digest else "known by its tag alone"
        if hosts:
            yield (
                f"{name} ({pinned}) is on {listed(hosts)}: it starts again there, and on no other host until the "
                "registry is back."
            )


def _notes(stored: Stored, lost: Lost) -> Iterator[str]:
    nodes = stored.lost_nodes(lost)
    for swarm in stored.swarms.values():
        concerned = any(one.cluster == swarm.id for name in lost.hosts if (one := stored.machines.get(name)))
        majority, why = majority_of(swarm, nodes)
        if concerned and majority is not True:
            yield f"Swarm {swarm.id[:8]}: {why}"
    silent = sorted(name for name, one in stored.machines.items() if not one.fresh and name in lost.hosts)
    if silent:
        yield f"What is known of {listed(silent)} is old: no sweep has reached it lately."
