"""What each page costs: a committed number of queries, the same for one row and for thirty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fleet.counting import count_all
from fleet.models import Container, Host, ScanReport, TrustRoot
from fleet.proving import keep_scan
from fleet.trust.scan_reading import read_scan
from fleet.trust.states import State
from tests.builders import NOW, OWNED, container, image, network, volume, volume_mount
from tests.fleet.trust.scanners import trivy, trivy_hole
from tests.publishers import publishers
from tests.rows import host_row, swept
from tests.statements import statements
from tests.trust_rows import found_out, publisher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after", "kept_counts")]

#: No page may need more, however large the fleet; session, user, role, hosts, counts and waivers are six of them.
MOST = 12
PAGES = (
    "/", "/adoption/", "/services/", "/services/?held_by=privileged-container", "/services/?verdict=not-ready",
    "/services/?distance=drop-in", "/services/?tie=engine-log-driver", "/services/?ending=engine-29",
    "/hosts/?ending=engine-29", "/services/?q=e", "/services/service-0/", "/hosts/", "/hosts/prod-00/", "/containers/",
    "/containers/?environment=production", "/containers/?verdict=ready", "/containers/?q=web",
    "/containers/?image=registry.internal/web-0", "/network/", "/network/map/",
    "/network/map/?by=team&exposed=yes", "/state/", "/trust/", "/runtime/", "/resilience/",
    "/hardening/", "/rules/", "/rules/privileged-container/", "/search/?q=e", "/fix-next/", "/fix-next/?q=service",
    "/fix-next/privileged-container/", "/findings/", "/findings/?status=fail&pillar=hardening", "/findings/?q=web",
    "/network/doors/", "/network/ranges/", "/network/reach/", "/network/reach/?to=service:service-0",
    "/network/reach/?from=service:service-0", "/network/reach/?from=outside&to=service:service-0",
    "/network/reach/?from=host:prod-00&to=service:service-0", "/network/reach/?to=host:prod-00",
    "/waivers/", "/catalogue/", "/catalogue/?stage=production&missing=tier", "/catalogue/unmapped/",
    "/catalogue/mappings/", "/policy/", "/changes/", "/changes/?q=web", "/evidence/",
    "/what-if/", "/what-if/?host=prod-00",
    "/report/", "/holding-back/", "/holding-back/?team=payments",
    "/network/ranges/prod-00/",
    "/trust/roots/", "/trust/roots/payments/", "/trust/roots/payments/?from=1&to=2", "/trust/roots/house/",
    "/trust/registries/", "/trust/registries/registry.internal/",
    "/trust/images/", "/trust/images/?state=verified&team=team-0",
    "/trust/images/?q=web", f"/trust/images/sha256:{0:064x}/?name=registry.internal/web-0:1",
    "/waivers/", "/policy/", "/changes/", "/changes/?q=web", "/evidence/",
    "/trust/scans/", "/trust/scans/?says=fails", "/trust/scans/?q=web",
)  # fmt: skip


#: Where not everything fits on the page, how much more there is is asked for as well.
MORE = {"/fix-next/privileged-container/": 1}


def fleet(*, hosts: int, services: int) -> None:
    """Each host runs every service; everything fails a rule, publishes a port and has a volume; every other image is
    verified.
    """
    if not TrustRoot.objects.filter(name="platform").exists():
        publisher()
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
    for n in range(0, services, 2):
        found_out(State.VERIFIED, f"registry.internal/web-{n}:1", f"sha256:{n:064x}")
    for n in range(services):
        told = {"Metadata": {"ImageID": f"sha256:{n:064x}"}, "ArtifactName": f"registry.internal/web-{n}:1"}
        keep_scan(read_scan(trivy(trivy_hole(), **told), NOW), by="ci", now=NOW)
    count_all(NOW)


def cost(viewer: Client, path: str) -> int:
    viewer.get(path)  # content types, prepared statements and caches of the process are not the page's
    with CaptureQueriesContext(connection) as asked:
        response = viewer.get(path)
    assert response.status_code == 200
    return len(asked)


def test_a_page_costs_twelve_queries_at_most_and_as_many_in_a_larger_fleet(viewer: Client) -> None:
    publishers()
    fleet(hosts=1, services=1)
    few = {path: cost(viewer, path) for path in PAGES}
    assert {path: number for path, number in few.items() if number > MOST} == {}
    for hosts, services in ((30, 2), (1, 30)):
        Host.objects.all().delete()
        fleet(hosts=hosts, services=services)
        many = {path: cost(viewer, path) for path in PAGES}
        assert {path: number for path, number in many.items() if number > MOST} == {}
        assert {path: number - few[path] for path, number in many.items() if number != few[path]} in ({}, MORE)


def test_the_page_of_a_container_costs_the_same_beside_thirty_others(viewer: Client) -> None:
    fleet(hosts=1, services=1)
    alone = cost(viewer, f"/containers/{Container.objects.get().pk}/")
    Host.objects.all().delete()
    fleet(hosts=1, services=30)
    crowded = cost(viewer, f"/containers/{Container.objects.order_by('pk')[7].pk}/")
    assert alone == crowded <= MOST


def test_the_page_of_a_scan_costs_the_same_whatever_runs_of_it(viewer: Client) -> None:
    fleet(hosts=1, services=1)
    few = cost(viewer, f"/trust/scans/{ScanReport.objects.get().pk}/")
    Host.objects.all().delete()
    ScanReport.objects.all().delete()
    fleet(hosts=30, services=2)
    assert few == cost(viewer, f"/trust/scans/{ScanReport.objects.earliest('pk').pk}/") <= MOST


def test_no_page_reads_the_findings_of_the_whole_fleet(viewer: Client) -> None:
    """What is counted of all of them stands in the counts; what is listed is listed up to a limit."""
    fleet(hosts=2, services=2)
    for path in ("/", "/adoption/", "/rules/", "/fix-next/", "/hardening/", "/findings/"):
        with CaptureQueriesContext(connection) as asked:
            viewer.get(path)
        endless = [sql for sql in statements(asked) if "fleet_finding" in sql and "LIMIT" not in sql]
        assert endless == [], path
