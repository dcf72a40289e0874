"""What the page of the pillar State shows of each service, and the lists, the API and the service's page with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from fleet.counting import count_all
from fleet.inventory import ContainerFacts
from fleet.models import ApiToken, Host, Service
from tests.builders import NOW, OWNED, bind_mount, container, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


@pytest.fixture(autouse=True)
def _fleet() -> None:
    swept(
        host_row("prod-01"),
        one("web", 1),
        one("files", 2, mounts=(bind_mount("/srv/files"), bind_mount("/var/run/docker.sock", "/s"))),
        one("ledger", 3, mounts=(volume_mount("data", driver="flocker"),)),
        volumes=(volume(driver="flocker"),),
        plugins=(),
    )
    count_all(NOW)


def one(service: str, number: int, **changes: object) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": service}
    return container(id=f"{number:064x}", name=service, labels=labels, **changes)


@pytest.fixture
def api() -> Client:
    _, secret = ApiToken.objects.issue(name="reader", role="viewer", now=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def page(viewer: Client, path: str) -> str:
    response = viewer.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_begins_with_what_is_at_the_mercy_of_one_disk(viewer: Client) -> None:
    shown = page(viewer, "/state/")
    assert "The folder /srv/files lies on prod-01 alone." in shown
    assert "flocker" not in shown.partition("Services by verdict in this pillar")[0]
    assert "/services/?stage=production&amp;state_kind=networked" in shown
    assert "<b>66%</b> of the services in production lose no data" in shown


def test_another_kind_is_one_click_away_and_says_why(viewer: Client) -> None:
    shown = page(viewer, "/state/?kind=networked")
    assert "Its state lies on storage that another machine serves: data (flocker)." in shown
    assert "/srv/files" not in shown


def test_a_kind_that_is_none_is_the_first(viewer: Client) -> None:
    assert "The folder /srv/files" in page(viewer, "/state/?kind=nonsense")


def test_the_list_of_services_is_filtered_by_kind(viewer: Client) -> None:
    listed = [row.record.name for row in viewer.get("/services/?state_kind=stateless").context["table"].page]
    assert listed == ["web"]
    assert "Keeps its state" in page(viewer, "/services/?state_kind=stateless")


def test_the_api_says_the_same(api: Client) -> None:
    listed = api.get("/api/v1/services", {"state_kind": "one-disk"}).json()["items"]
    assert [(item["name"], item["state"]["kind"], item["state"]["why"]) for item in listed] == [
        ("files", "one-disk", "The folder /srv/files lies on prod-01 alone.")
    ]


def test_a_service_shows_every_place_and_what_becomes_of_it(viewer: Client) -> None:
    shown = page(viewer, "/services/files/")
    assert "At the mercy of one disk" in shown
    assert "Looked at, and no state: 1" in shown
    assert "It is a socket." in shown
    assert "a network file system that the host mounts is not seen" in shown


def test_a_silent_host_makes_all_of_it_unknown(viewer: Client, api: Client) -> None:
    Host.objects.update(answered_at=NOW - timedelta(hours=1))
    count_all(NOW)
    shown = page(viewer, "/state/")
    assert "<b>0%</b> of the services in production" in shown
    assert "A host of it has not answered for too long. When it last did: The folder /srv/files" in shown
    assert len(api.get("/api/v1/services", {"state_kind": "unknown"}).json()["items"]) == 3


def test_before_it_was_worked_out_it_says_so(viewer: Client, api: Client) -> None:
    Service.objects.update(state_evidence=None, state_kind="unknown")
    assert "It was not worked out yet" in page(viewer, "/services/web/")
    (item,) = api.get("/api/v1/services", {"q": "web"}).json()["items"]
    assert item["state"] == {"kind": "unknown", "why": None, "family": "", "assumed": [], "missing": []}


def test_without_any_service_the_page_says_what_to_do(viewer: Client) -> None:
    assert "Register a host of this stage" in page(viewer, "/state/?stage=staging")


PATHS = ["/state/?stage=staging", "/trust/?stage=staging", "/network/doors/", "/network/reach/"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_host_nothing_is_said_of_the_fleet_but_what_to_do(viewer: Client, path: str) -> None:
    Host.objects.all().delete()
    shown = page(viewer, path)
    assert "No host yet" in shown
    assert "No service shows anything" not in shown


@pytest.mark.parametrize(
    ("pillar", "link"),
    [
        ("network", "/network/reach/"),
        ("state", "/what-if/"),
        ("trust", "/what-if/#others"),
        ("runtime", "/what-if/#others"),
        ("resilience", "/what-if/"),
        ("hardening", "/network/doors/?stage=staging"),
    ],
)
def test_a_pillar_leads_on_to_the_question_of_one_thing(viewer: Client, pillar: str, link: str) -> None:
    lead = page(viewer, f"/{pillar}/?stage=staging").partition('<p class="lead">')[2].partition("</p>")[0]
    assert f'href="{link}"' in lead
