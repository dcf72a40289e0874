"""Verdicts of containers and hosts, added up from what their own findings and those around them left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet.assessment.subjects import Things
from fleet.models import Container, Image, Network, Volume
from fleet.models.judged import JUDGED_FIELDS, Judged
from fleet.models.reading import fill
from fleet.models.ruled import Ruled
from fleet.readiness.policy import Thresholds
from fleet.readiness.standing import Standing
from fleet.readiness.verdict import Points, pillars_of, verdict_of_tally, worst_of
from fleet.readiness.vocabulary import Verdict


class Parts:
    """Standings of what hangs on some containers of a host, read once."""

    def __init__(self, things: Things, containers: Sequence[Container]) -> None:
        read_parts([(things, containers)])
        self._images = {row.pk: row for row in things.images}
        self._networks = {key: row for row in things.networks for key in (row.engine_id, row.name)}
        self._volumes = {row.name: row for row in things.volumes}
        self._totals: dict[tuple[int | None, tuple[str, ...], tuple[str, ...]], tuple[Standing, ...]] = {}

    def standing(self, container: Container) -> Standing:
        """A container carries the findings of its image, its networks and its volumes besides its own."""
        around = self._around(container.image_id, container.neighbour.network_keys, container.neighbour.volume_names)
        return Standing.total((container.read_own_standing(), *around))

    def _around(self, image: int | None, networks: tuple[str, ...], volumes: tuple[str, ...]) -> tuple[Standing, ...]:
        """What hangs on a container added up, once for all that have the same."""
        key = (image, networks, volumes)
        if key not in self._totals:
            hanging: list[Ruled] = [self._images[image]] if image is not None and image in self._images else []
            hanging += [self._networks[key] for key in networks if key in self._networks]
            hanging += [self._volumes[name] for name in volumes if name in self._volumes]
            # An image that nobody has judged yet stands in no way.
            parts = [row.read_own_standing() for row in hanging if row.own_standing or not isinstance(row, Image)]
            self._totals[key] = (Standing.total(parts),) if parts else ()
        return self._totals[key]

    def doubted(self, container: Container, silent: frozenset[str]) -> set[str]:
        """Pillars whose evidence was seen once and comes from an endpoint that has not answered for too long.

        What was never seen is no stale evidence: of that the gates decide.
        """
        if not silent:
            return set()
        used = {
            "images/json": ("trust", container.image_id is not None),
            "networks": ("network", any(key in self._networks for key in container.neighbour.network_keys)),
            "volumes": ("state", any(name in self._volumes for name in container.neighbour.volume_names)),
        }
        return {pillar for endpoint, (pillar, seen) in used.items() if seen and endpoint in silent}


def read_parts(some: Sequence[tuple[Things, Sequence[Container]]]) -> None:
    """Own standings of what hangs on these containers, each with the things of its host; three queries at most."""
    images: list[Image] = []
    networks: list[Network] = []
    volumes: list[Volume] = []
    for things, containers in some:
        used = {row.image_id for row in containers}
        on = {key for row in containers for key in row.neighbour.network_keys}
        mounted = {name for row in containers for name in row.neighbour.volume_names}
        images += [row for row in things.images if row.pk in used]
        networks += [row for row in things.networks if row.engine_id in on or row.name in on]
        volumes += [row for row in things.volumes if row.name in mounted]
    for rows in (images, networks, volumes):
        fill(rows, ("own_standing",))


def set_verdict(
    judged: Judged,
    standing: Standing,
    now: datetime,
    *,
    thresholds: Thresholds,
    doubted: Iterable[str] = (),
) -> bool:
    """Fills the verdict, the six pillar verdicts, the counts and the standing; whether any of it changed.

    With a doubted pillar nothing is better than unknown; what is worse stays so.
    """
    before = told(judged)
    judged.keep_standing(standing)
    judged.verdict = verdict_of_tally(standing.tally, thresholds).value
    for pillar, verdict in pillars_of(standing.tally, thresholds).items():
        setattr(judged, f"verdict_{pillar.value}", verdict.value)
    for name in {"verdict", *(f"verdict_{pillar}" for pillar in doubted)} if doubted else ():
        setattr(judged, name, worst_of((getattr(judged, name), Verdict.UNKNOWN)).value)
    count(judged, [standing.tally.whole])
    if judged.judged_at is not None and told(judged) == before:
        return False
    judged.judged_at = now
    return True


def count(judged: Judged, wholes: Sequence[Points]) -> None:
    """How many findings fail, by severity, how many are unknown and how many waived."""
    judged.failing_critical = sum(points.critical for points in wholes)
    judged.failing_high = sum(points.high for points in wholes)
    judged.failing_medium = sum(points.medium for points in wholes)
    judged.unknown_findings = sum(points.unknowns for points in wholes)
    judged.waived_findings = sum(points.waived for points in wholes)


def told(judged: Judged) -> tuple[object, ...]:
    """All that is judged, without when."""
    return tuple(getattr(judged, name) for name in JUDGED_FIELDS if name != "judged_at")


def badness(points: Points) -> tuple[float, float]:
    """The greater the worse off: what is known and does not pass, then what was not seen."""
    score = points.lowest_score
    return -1.0 if score is None else 100.0 - score, 100.0 - points.confidence
