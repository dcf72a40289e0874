from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory import NetworkAttachment, NetworkFacts, PublishedPort, SwarmFacts, SwarmServiceFacts
from fleet.inventory.plain import from_plain, to_plain
from fleet.models import Container
from fleet.network_map import Chart, Exposure, chart_around, fleet_chart, gathering
from tests.builders import OWNED, container, host, network, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

APP = network()
MESH = network(id="mesh", name="mesh", driver="overlay", scope="swarm", options={"encrypted": ""})


def box(service: str, number: int, net: NetworkFacts | None = APP, **changes: Any) -> Any:
    attached = (NetworkAttachment(net.name, net.id),) if net else None
    labels = {**OWNED, "loadline.service": service, **changes.pop("labels", {})}
    return container(
        id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **{"networks": attached, **changes}
    )


def fleet() -> None:
    swept(
        host_row("prod-01"),
        box("shop", 1, ports=(PublishedPort(80, "tcp", "0.0.0.0", 443),)),
        box("shop", 2, MESH),
        box("untold", 3, None),
        box("beside", 4, None, network_mode=f"container:{1:064x}"),
        box("done", 5, state="exited", restart_policy=None),
        networks=(APP, MESH),
    )
    swept(host_row("test-01", environment="test"), box("shop", 6), networks=(APP,))


def told(chart: Chart) -> list[tuple[str, str, list[str], str, list[int | None], int]]:
    return [
        (
            one.host or one.environment,
            one.names[0].name,
            [chart.nets[place].name for place in one.nets],
            one.exposure.value,
            [door.port for door in one.doors],
            one.containers,
        )
        for one in chart.moorings
    ]


def test_the_fine_grain_says_of_each_service_on_each_host() -> None:
    fleet()
    assert told(fleet_chart()) == [
        ("prod-01", "beside", ["app"], "every", [443], 1),
        ("prod-01", "shop", ["mesh", "app"], "every", [443], 2),
        ("prod-01", "untold", [], "unknown", [], 1),
        ("test-01", "shop", ["app"], "none", [], 1),
    ]


def test_the_coarse_grain_says_the_same_of_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet()
    monkeypatch.setattr(gathering, "FINE", 3)
    chart = fleet_chart()
    assert not chart.fine
    assert told(chart) == [
        ("production", "untold", [], "unknown", [], 1),
        ("production", "shop", ["mesh", "app"], "every", [443], 2),
        ("production", "beside", ["app"], "every", [443], 1),
        ("test", "shop", ["app"], "none", [], 1),
    ]
    assert [(place.slug, place.hosts) for place in chart.places] == [("production", 1), ("test", 1)]


@pytest.mark.parametrize("around", [{"host": "test-01"}, {"service": "shop"}])
def test_what_is_around_a_host_or_a_service_costs_the_same_however_large_the_fleet(around: dict[str, str]) -> None:
    fleet()
    with CaptureQueriesContext(connection) as few:
        chart_around(**around)
    for place in range(5):
        swept(host_row(f"prod-1{place}"), *(box(f"other-{n}", 100 + 10 * place + n) for n in range(5)), networks=(APP,))
    with CaptureQueriesContext(connection) as many:
        found = chart_around(**around)
    assert len(many) == len(few) <= 5
    assert {one.host for one in found.moorings} == ({"test-01"} if "host" in around else {"prod-01", "test-01"})


def test_what_a_manager_publishes_opens_doors_on_its_workers() -> None:
    swarm = SwarmFacts(state="active", cluster_id="c1", nodes=2, control_available=True)
    ingress = network(id="ing", name="ingress", driver="overlay", scope="swarm")
    shop = SwarmServiceFacts(id="s", name="shop", published_ports=("443:8443/tcp/ingress",))
    seen = snapshot(box("other", 1), networks=(APP,), host=host(swarm=swarm), services=(shop,))
    swept(host_row("prod-01"), seen=seen)
    task = {"com.docker.swarm.task.name": "shop.1.x", "com.docker.swarm.task.id": "x"}
    seen = snapshot(box("shop", 2, ingress, labels=task), networks=(ingress,), host=host(swarm=swarm))
    swept(host_row("prod-02"), seen=seen)
    assert told(chart_around(host="prod-02")) == [("prod-02", "shop", [], "every", [443], 1)]


def test_a_container_of_a_version_before_is_read_from_its_facts() -> None:
    fleet()
    whole = fleet_chart()
    Container.objects.update(as_neighbour=None)
    assert fleet_chart() == whole


def test_it_is_kept_as_plain_data() -> None:
    fleet()
    chart = fleet_chart()
    assert from_plain(Chart, to_plain(chart)) == chart


def test_more_than_can_be_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet()
    monkeypatch.setattr(gathering, "FINE", 2)
    found = chart_around(host="prod-01")
    assert found.cut
    assert sum(one.containers for one in found.moorings) == 2


def test_an_empty_fleet_is_an_empty_chart() -> None:
    assert fleet_chart() == Chart()


def test_exposure_of_the_widest_container_counts() -> None:
    """One replica that publishes a port opens the service."""
    fleet()
    shop = next(one for one in fleet_chart().moorings if one.names[0].name == "shop")
    assert shop.exposure is Exposure.EVERY
