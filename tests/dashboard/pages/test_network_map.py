from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fleet.counting import count_all
from fleet.inventory import NetworkAttachment, NetworkFacts, PublishedPort
from fleet.models import Host
from fleet.network_map import gathering
from tests.builders import NOW, OWNED, container, network
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after", "kept_counts")]

#: As in test_queries.
MOST = 12
BRIDGE = network(id="b" * 64, name="shop_default")
PLAIN = network(id="mesh", name="analytics", driver="overlay", scope="swarm", options={})


def box(service: str, number: int, *nets: NetworkFacts, team: str = "payments", **changes: Any) -> Any:
    attached = tuple(NetworkAttachment(net.name, net.id) for net in nets)
    labels = {**OWNED, "loadline.service": service, "loadline.team": team}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, networks=attached, **changes)


def fleet() -> None:
    door = (PublishedPort(8443, "tcp", "0.0.0.0", 443), PublishedPort(9000, "tcp", "127.0.0.1", 9000))
    swept(
        host_row("prod-01"),
        box("checkout", 1, BRIDGE, PLAIN, ports=door),
        box("ledger <db>", 2, BRIDGE),
        box("agent", 3, network_mode="host"),
        networks=(BRIDGE, PLAIN),
    )
    swept(host_row("prod-02"), box("reports", 4, PLAIN, team="data"), networks=(PLAIN,))
    swept(host_row("test-01", environment="test"), box("toy", 5, BRIDGE, team="data"), networks=(BRIDGE,))
    count_all(NOW)


class _Facts(HTMLParser):
    """What each drawing says of its services in their names, and the cells of the table's rows."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self._sheet = ""
        self._in = ""
        self._chip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "div" and "map" in given.get("class", "").split():
            self._sheet = given["class"].split()[1]
            self.drawn[self._sheet] = []
        if tag == "a" and given.get("class", "").startswith("chip-"):
            self._chip = True
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "small", "text"} or (tag == "title" and self._chip):
            self._in = tag
            if tag == "td":
                self.rows[-1].append("")
        if tag == "br" and self._in:
            self._in = "td"
            self.rows[-1][-1] += " and "

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._chip = False
        if tag in {"td", "small", "text", "title"}:
            self._in = "td" if tag == "small" else ""

    def handle_data(self, data: str) -> None:
        if self._in == "td" and self.rows:
            self.rows[-1][-1] += data
        if self._in == "title":
            self.drawn[self._sheet].append(data)
        if self._in == "text":
            self.words.append(data)


def facts(html: str) -> _Facts:
    found = _Facts()
    found.feed(html)
    return found


def as_sentence(cells: list[str]) -> str:
    """A row of the table in the words of the drawing."""
    service, where, nets, doors, services, containers, _ = [" ".join(cell.split()) for cell in cells]
    many = f"{service}, {services} services, " if services != "1" else f"{service}, "
    return f"{many}{containers} container{'' if containers == '1' else 's'} in {where}; on {nets}; {doors}"


@pytest.mark.parametrize("query", ["", "?by=team", "?environment=test", "?exposed=yes", "?by=host&team=data"])
def test_the_table_holds_exactly_what_is_drawn(viewer: Client, query: str) -> None:
    fleet()
    found = facts(viewer.get(f"/network/map/{query}").content.decode())
    told = sorted(as_sentence(cells) for cells in found.rows if cells)
    assert told
    assert {sheet: sorted(said) for sheet, said in found.drawn.items()} == dict.fromkeys(
        ("wide", "middle", "narrow"), told
    )


def test_what_is_drawn_is_true(viewer: Client) -> None:
    fleet()
    found = facts(viewer.get("/network/map/").content.decode())
    assert sorted(found.drawn["wide"]) == [
        "agent, 1 container in Production, 2 hosts; on no network; every port on the host’s own network",
        (
            "checkout, 1 container in Production, 2 hosts; on analytics and shop_default;"
            " 443 open on every address; 9000 from the host itself only"
        ),
        "ledger <db>, 1 container in Production, 2 hosts; on shop_default; no door",
        "reports, 1 container in Production, 2 hosts; on analytics; no door",
        "toy, 1 container in test-01; on shop_default; no door",
    ]
    assert {"443", "every port", "analytics", "overlay, not encrypted", "Production, 2 hosts"} <= set(found.words)


def test_the_csv_has_the_same_rows(viewer: Client) -> None:
    fleet()
    page = facts(viewer.get("/network/map/").content.decode())
    rows = list(csv.DictReader(io.StringIO(viewer.get("/network/map/?format=csv").content.decode())))
    assert [row["Service"] for row in rows] == [cells[0] for cells in page.rows if cells]
    assert [row["Doors"] for row in rows] == [cells[3] for cells in page.rows if cells]


def test_a_part_links_to_the_map_of_it_with_the_filters_that_are_on(viewer: Client) -> None:
    fleet()
    page = viewer.get("/network/map/?team=data&by=host").content.decode()
    assert 'href="/network/map/?team=data&amp;host=test-01"' in page
    assert 'href="/network/map/?team=data&amp;host=prod-02&amp;network=analytics"' in page


def test_a_filter_that_leaves_nothing_says_so(viewer: Client) -> None:
    fleet()
    page = viewer.get("/network/map/?service=nowhere").content.decode()
    assert "Nothing lies here" in page
    assert '<div class="map wide' not in page


def test_a_filter_with_a_wrong_value_is_explained_and_draws_nothing(viewer: Client) -> None:
    fleet()
    page = viewer.get("/network/map/?environment=moon").content.decode()
    assert "moon is not one of the available choices" in page
    assert '<div class="map wide' not in page


def test_a_host_that_does_not_answer_is_marked_though_it_was_counted_before(viewer: Client) -> None:
    fleet()
    Host.objects.filter(name="test-01").update(error_code="refused")
    page = viewer.get("/network/map/").content.decode()
    assert page.count('class="hold silent"') == 3  # once in each drawing
    assert ">no answer<" in page


def test_without_a_host_the_next_step_is_told(viewer: Client) -> None:
    count_all(NOW)
    assert "No host yet" in viewer.get("/network/map/").content.decode()
    host_row("prod-01")
    assert "Nothing to map yet" in viewer.get("/network/map/").content.decode()


def test_the_pillar_s_page_begins_with_the_map_of_its_stage(viewer: Client) -> None:
    fleet()
    page = facts(viewer.get("/network/?stage=production").content.decode())
    assert {said.split(",")[0] for said in page.drawn["wide"]} == {"agent", "checkout", "ledger <db>", "reports"}
    other = facts(viewer.get("/network/?stage=experiment").content.decode())
    assert [said.split(",")[0] for said in other.drawn["wide"]] == ["toy"]


def test_a_large_fleet_is_told_by_team_and_a_host_of_it_in_full(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "FINE", 3)
    fleet()
    coarse = facts(viewer.get("/network/map/").content.decode())
    assert "reports, 1 container in Production; on analytics; no door" in coarse.drawn["wide"]
    with CaptureQueriesContext(connection) as asked:
        one = facts(viewer.get("/network/map/?host=prod-02").content.decode())
    assert len(asked) <= MOST
    assert one.drawn["wide"] == ["reports, 1 container in prod-02; on analytics; no door"]


def test_it_leads_on_to_what_is_asked_of_the_part_that_is_shown(viewer: Client) -> None:
    fleet()
    whole = viewer.get("/network/map/").content.decode()
    assert 'href="/network/doors/"' in whole
    assert "What if we lose" not in whole
    host = viewer.get("/network/map/?host=prod-02").content.decode()
    assert 'href="/what-if/?host=prod-02">What if we lose prod-02?</a>' in host
    assert 'href="/network/reach/?to=host%3Aprod-02">Who can reach prod-02</a>' in host
    assert 'href="/network/ranges/prod-02/"' in host
    network = viewer.get("/network/map/?network=analytics").content.decode()
    assert "</b> of 5" in network
    assert 'href="/what-if/?network=analytics">What if we lose analytics?</a>' in network
    service = viewer.get("/network/map/?service=reports").content.decode()
    assert 'href="/network/reach/?to=service%3Areports">Who can reach reports</a>' in service
    assert "Who can reach nowhere" not in viewer.get("/network/map/?service=nowhere").content.decode()
