"""What ties a service to its engine, read of the containers that carry its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from fleet.assessment.members import ServiceCase
from fleet.neutrality import Part, Reading, read


def read_ties(case: ServiceCase) -> Reading:
    """Of the same containers that the verdict rests on: a copy on a test host ties nothing in production."""
    return read(_parts(case))


def _parts(case: ServiceCase) -> Iterator[Part]:
    subject = case.subject
    for row, member in zip(case.carrying, subject.members, strict=True):
        yield Part(
            facts=member.facts,
            engine=member.engine,
            os_type=case.material.engine_at(row.host_id).os_type,
            image=member.image,
            networks=case.material.network_drivers[row.host_id],
            swarm=subject.swarm,
            tables=subject.tables,
        )
