"""What each page costs: a committed number of queries, the same for one row and for thirty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fleet.models import Container, Host
from tests.builders import OWNED, container, image, network, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]

#: The seven of session, user, role and navigation are in each of them.
QUERIES = {
    "/": 24,
    "/adoption/": 19,
    "/services/": 12,
    "/services/?held_by=privileged-container": 16,
    "/services/service-0/": 16,
    "/hosts/": 13,
    "/hosts/prod-00/": 11,
    "/containers/": 11,
    "/containers/?environment=production": 13,
    "/network/": 17,
    "/state/": 18,
    "/trust/": 18,
    "/runtime/": 17,
    "/resilience/": 17,
    "/hardening/": 18,
    "/rules/": 8,
    "/rules/privileged-container/": 12,
    "/search/?q=e": 16,
    "/fix-next/": 14,
    "/fix-next/privileged-container/": 14,
    "/findings/": 13,
    "/findings/?status=fail&pillar=hardening": 13,
    "/waivers/": 9,
    "/policy/": 11,
    "/changes/": 9,
    "/evidence/": 10,
}
CONTAINER = 10


def fleet(*, hosts: int, services: int) -> None:
    """Each host runs every service; everything fails a rule, publishes a port and has a volume."""
    for place in range(hosts):
        environment = ("production", "staging", "test", "development")[place % 4]
        machine = host_row(f"prod-{place:02}", environment=environment, team=f"team-{place}")
        swept(
            machine,
            *(
                container(
                    id=f"{100 * place + n:064x}",
                    name=f"web-{place}-{n}",
                    labels={**OWNED, "loadline.service": f"service-{n}"},
                    privileged=True,
                    restart_count=1,
                    image_id=f"sha256:{n:064x}",
                    image_reference=f"registry.internal/web-{n}:1",
                    mounts=(volume_mount(f"data-{n}"),),
                )
                for n in range(services)
            ),
            images=tuple(image(id=f"sha256:{n:064x}", digests=()) for n in range(services)),
            networks=(network(), *(network(id=f"{n:064x}", name=f"net-{n}") for n in range(services))),
            volumes=tuple(volume(name=f"data-{n}") for n in range(services)),
        )


def cost(viewer: Client, path: str, *, again: bool = False) -> int:
    if not again:
        viewer.get(path)  # content types, prepared statements and caches of the process are not the page's
    with CaptureQueriesContext(connection) as asked:
        response = viewer.get(path)
    assert response.status_code == 200
    return len(asked)


def test_a_page_costs_what_is_committed_whatever_the_size_of_the_fleet(viewer: Client) -> None:
    fleet(hosts=1, services=1)
    few = {path: cost(viewer, path) for path in QUERIES}
    assert few == QUERIES
    Host.objects.all().delete()
    fleet(hosts=30, services=2)
    assert {path: cost(viewer, path, again=True) for path in QUERIES} == few
    Host.objects.all().delete()
    fleet(hosts=1, services=30)
    assert {path: cost(viewer, path, again=True) for path in QUERIES} == few


def test_the_page_of_a_container_costs_the_same_beside_thirty_others(viewer: Client) -> None:
    fleet(hosts=1, services=1)
    alone = cost(viewer, f"/containers/{Container.objects.get().pk}/")
    Host.objects.all().delete()
    fleet(hosts=1, services=30)
    crowded = cost(viewer, f"/containers/{Container.objects.order_by('pk')[7].pk}/")
    assert alone == crowded == CONTAINER
