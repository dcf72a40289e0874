"""How far a service has come, by the containers that ought to run: the furthest stage that it has stood in for long
enough, as the policy has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from fleet.models import Container
from fleet.readiness.vocabulary import Stage

_ORDER = {stage.value: rank for rank, stage in enumerate(Stage)}
#: Moments as ISO 8601, by the value of the stage; as they are stored.
Since = Mapping[str, str]


def stages_since(known: Since, members: Sequence[Container], now: datetime) -> dict[str, str]:
    """Since when there has been a container that ought to run, by stage; a stage without one is left out.

    One rollout after the other interrupts nothing: what was `known` stands as long as any container is there. Of a
    stage that is new, and of a container that is older than what was known, the container's own start tells.
    """
    found: dict[str, datetime] = {}
    on = _stages(members)
    for container in members:
        if container.expected_running:
            stage = on[container.host_id]
            began = min(container.started_at or container.created_at or now, now)
            found[stage] = min(found.get(stage, began), began)
    for stage, moment in known.items():
        if stage in found:
            found[stage] = min(found[stage], datetime.fromisoformat(moment))
    return {stage: moment.isoformat() for stage, moment in sorted(found.items())}


def carrying_of(
    members: Sequence[Container], *, since: Since, minutes: int, now: datetime
) -> tuple[Stage, list[Container]]:
    """The furthest stage, and the containers in it: those that the verdict rests on.

    Containers that run, or ought to, decide, in stages that the service has stood in for so many minutes. One that has
    stood in none for so long is an experiment, whichever hosts it is on, and rests on all of them. With no container
    that ought to run, what is left of finished ones shows an experiment.
    """
    alive = [container for container in members if container.expected_running]
    if not alive:
        return (Stage.EXPERIMENT, list(members)) if members else (Stage.NONE, [])
    counted, on = alive, _stages(members)
    if minutes:
        ripe = {stage for stage in since if _ripens(since[stage], minutes) <= now}
        counted = [container for container in alive if on[container.host_id] in ripe]
    if not counted:
        return Stage.EXPERIMENT, alive
    furthest = max({on[container.host_id] for container in counted}, key=_ORDER.__getitem__)
    return Stage(furthest), [container for container in counted if on[container.host_id] == furthest]


def _stages(members: Sequence[Container]) -> dict[int, str]:
    """By the host's key."""
    return {
        host.pk: host.environment.stage
        for host in {container.host_id: container.host for container in members}.values()
    }


def ripens_at(since: Since, minutes: int, now: datetime) -> datetime | None:
    """When the next stage has been stood in for long enough; None where all have."""
    coming = [moment for text in since.values() if minutes and (moment := _ripens(text, minutes)) > now]
    return min(coming, default=None)


def _ripens(since: str, minutes: int) -> datetime:
    return datetime.fromisoformat(since) + timedelta(minutes=minutes)
