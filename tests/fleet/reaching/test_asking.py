"""Answers from stored rows: the same as from facts, and no more rows than a page can bear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.inventory import ContainerFacts, NetworkAttachment, PublishedPort, SwarmFacts, SwarmServiceFacts
from fleet.models import Container, Host
from fleet.reach import OUTSIDE, Reachable, places
from fleet.reach.closing import Unpublish
from fleet.reaching import asking
from fleet.reaching.asking import ask, look_around
from tests.builders import NOW, OWNED, container, host, network, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
SPAN = network(id="s" * 25, name="span", driver="overlay", scope="swarm")
NETWORKS = (network(), network(id="o" * 64, name="other"), SPAN)


def runs(service: str, on: str = "app", **changes: object) -> ContainerFacts:
    key = {"app": "n" * 64, "other": "o" * 64, "span": "s" * 25}[on]
    given = {"id": service.ljust(64, "0"), "name": service, "labels": {**OWNED, "loadline.service": service}}
    return container(**{**given, "networks": (NetworkAttachment(on, key),), "network_mode": on, **changes})


PUBLISHED = (PublishedPort(8080, "tcp", "0.0.0.0", 80),)


def sees(row: Host, *containers: ContainerFacts, swarm: SwarmFacts | None = None, **changes: object) -> None:
    """A sweep of an engine of which nobody says that it runs without its proxy."""
    engine = host(labels=(), swarm=swarm)
    swept(row, seen=snapshot(*containers, networks=NETWORKS, host=engine, **changes))


@pytest.fixture
def fleet() -> None:
    sees(host_row(), runs("web", ports=PUBLISHED), runs("api"), runs("db", "other"))
    sees(host_row("prod-02"), runs("far", "span"))


def said(source: object, target: object) -> str:
    return ask(source, target, now=NOW).verdict.value  # type: ignore[arg-type]


def test_stored_rows_answer_as_facts_do(fleet: None) -> None:
    web, api, db = (places.service(name) for name in ("web", "api", "db"))
    assert said(OUTSIDE, web) == said(web, api) == said(db, web) == "yes"
    assert said(OUTSIDE, db) == said(api, db) == "no"
    assert said(places.host("prod-01"), db) == "yes"
    assert said(places.container("api", on="prod-01"), web) == "yes"
    assert ask(places.service("far"), web, now=NOW).ways[0].port == 8080


def test_evidence_that_is_too_old_is_unknown(fleet: None) -> None:
    late = ask(OUTSIDE, places.service("db"), now=NOW + timedelta(days=1))
    assert late.verdict is Reachable.UNKNOWN


def test_a_host_that_never_answered_is_named() -> None:
    host_row("new-01")
    with pytest.raises(LookupError, match="new-01 has not answered yet"):
        ask(places.host("new-01"), places.service("web"), now=NOW)


def test_the_owner_of_a_shared_namespace_is_looked_up(fleet: None) -> None:
    owner = Container.objects.get(name="web").engine_id
    side = runs("side", networks=(), network_mode=f"container:{owner}")
    sees(host_row("prod-03"), runs("web", ports=PUBLISHED), side)
    assert said(OUTSIDE, places.service("side")) == "yes"


def test_the_networks_of_the_owner_are_known_as_well(fleet: None) -> None:
    """The container that shares them is on none by itself, and nothing else that is asked about is on them."""
    side = runs("side", networks=(), network_mode="container:" + "db".ljust(64, "0"))
    sees(host_row("prod-03"), runs("db", "other"), side)
    assert said(places.service("side"), OUTSIDE) == said(places.host("prod-03"), places.service("side")) == "yes"


def test_everything_around_a_service(fleet: None) -> None:
    around = look_around(places.service("web"), now=NOW, inward=True)
    found = {str(one.source): one.verdict.value for one in around.answers}
    assert found == {"the outside": "yes", "host prod-01": "yes", "service api": "yes", "service db": "yes"}
    assert (around.closed[0].change, len(around.closed[0].lost)) == (Unpublish("web", 8080), 2)
    assert not around.cut
    outward = look_around(places.service("api"), now=NOW, inward=False)
    assert {str(one.target) for one in outward.answers if one.verdict is Reachable.YES} == {
        "the outside", "host prod-01", "service web",
    }  # fmt: skip


def test_a_network_that_spans_hosts_brings_their_containers_in(fleet: None) -> None:
    sees(host_row("prod-04"), runs("near", "span"))
    around = look_around(places.service("near"), now=NOW, inward=True)
    assert "service far" in {str(one.source) for one in around.answers if one.verdict is Reachable.YES}


def test_everything_on_a_host(fleet: None) -> None:
    around = look_around(places.host("prod-01"), now=NOW, inward=False)
    assert {str(one.target) for one in around.answers if one.verdict is Reachable.YES} == {
        "service web", "service api", "service db",
    }  # fmt: skip


def test_reading_ends_somewhere_and_says_so(fleet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_AROUND", 1)
    assert look_around(places.service("web"), now=NOW, inward=True).cut
    many = [runs("many", id=f"{number:064x}", name=f"many-{number:02}") for number in range(asking.MOST_OF_SERVICE + 1)]
    sees(host_row("prod-05"), *many)
    answer = ask(OUTSIDE, places.service("many"), now=NOW)
    assert answer.cut
    assert not ask(OUTSIDE, places.service("web"), now=NOW).cut


def test_ports_that_swarm_publishes_come_from_its_managers() -> None:
    shop = SwarmServiceFacts(id="x1", name="shop", published_ports=("80:8080/tcp/ingress", "81:81/tcp/host"))
    swarm = SwarmFacts(state="active", cluster_id="c1", node_id="n1", control_available=True)
    task = runs("shop", "span", labels={**OWNED, "com.docker.swarm.service.name": "shop"})
    sees(host_row(), task, services=(shop,), tasks=(), nodes=(), swarm=swarm)
    (way,) = ask(OUTSIDE, places.service("shop"), now=NOW).ways
    assert (way.door.kind.value, way.door.host_port, way.port) == ("swarm-ingress", 80, 8080)
