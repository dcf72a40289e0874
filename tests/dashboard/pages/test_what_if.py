"""What if we lose this: the answer first, the URL holds the choice, and the numbers agree with the ranking."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from fleet.counting import count_all
from fleet.foresight.hanging import hanging
from fleet.inventory import ContainerFacts, NetworkAttachment
from fleet.loss import Fate
from fleet.models import Host
from tests.builders import NOW, OWNED, container, network, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def one(service: str, number: int, **changes: Any) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": service, "loadline.tier": "1"}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **changes)


def text(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200, reply
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode())))


def fleet() -> None:
    """`ledger` keeps data on prod-01 alone, `web` runs on both, `mail` has pxd on prod-02."""
    swept(
        host_row("prod-01"),
        one("ledger", 1, mounts=(volume_mount("books"),)),
        one("web", 2),
        one("stopped", 5, state="exited", health=None),
        volumes=(volume(name="books"),),
    )
    swept(
        host_row("prod-02"),
        one("web", 3),
        one("mail", 4, mounts=(volume_mount("letters", driver="pxd"),)),
        volumes=(volume(name="letters", driver="pxd"),),
    )
    swept(host_row("prod-03"), one("other", 6, image_reference="docker.io/library/nginx:1"))


def test_without_a_choice_it_ranks_the_hosts(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/")
    assert "The hosts that most hangs on 3 hosts that services hang on, each lost alone" in page
    assert re.search(r"1 prod-01 Production 1 1 0 1 0 1 2 prod-02 Production 1 1 0 1 0 0 \+ 1 unknown 3 prod-03", page)
    assert "pxd 1 volume" in page
    assert "registry.internal 5 containers" in page


def test_an_empty_fleet_says_what_to_do_first(viewer: Client) -> None:
    assert "No host yet" in text(viewer, "/what-if/")


def test_the_answer_comes_first_and_in_one_sentence(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/?host=prod-01")
    assert "Without prod-01, 1 service goes down and 1 degrades." in page
    assert "1 place that holds data is lost; 1 service loses data for good." in page
    assert "Its only working replica runs on prod-01." in page
    assert "1 of 2 working replicas stays, on prod-02." in page
    assert "None of its containers works now, so nothing stops." in page
    assert "books Lost prod-01 local not told ledger" in page
    assert re.search(r"ledger Moves without its data prod-0\d , prod-0\d books stays behind", page)


def test_the_sizes_that_are_told_are_added_up(viewer: Client) -> None:
    mounts = tuple(volume_mount(name, f"/{name}") for name in ("books", "notes", "scraps"))
    sizes = {"books": 3 * 2**30, "notes": 2**29, "scraps": None}
    kept = tuple(volume(name=name, size=size) for name, size in sizes.items())
    swept(host_row("prod-01"), one("ledger", 1, mounts=mounts), volumes=kept)
    page = text(viewer, "/what-if/?host=prod-01")
    assert "3 lost, 0 unknown, 0 kept; 2 of the lost are known to take 3.5 GB" in page
    assert "books Lost prod-01 local 3.0 GB ledger" in page
    assert "volume books about 3.0 GB" in text(viewer, "/services/ledger/")


def test_several_hosts_are_lost_together(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/?host=prod-01&host=prod-02")
    assert "Without prod-01 and prod-02, 3 services go down." in page
    assert "Both of its working replicas are on prod-01 and prod-02." in page


def test_what_is_typed_is_added_to_the_address(viewer: Client) -> None:
    fleet()
    asked = viewer.get("/what-if/?host=prod-01&add=prod-02%2C+prod-03&kind=host")
    assert asked["Location"] == "/what-if/?host=prod-01&host=prod-02&host=prod-03"
    assert viewer.get("/what-if/?add=pxd&kind=plugin")["Location"] == "/what-if/?plugin=pxd"
    assert viewer.get("/what-if/?add=x&kind=nonsense")["Location"] == "/what-if/?host=x"


def test_each_chip_takes_one_thing_back(viewer: Client) -> None:
    fleet()
    page = viewer.get("/what-if/?host=prod-01&host=prod-02").content.decode()
    assert 'href="/what-if/?host=prod-02"' in page
    assert 'href="/what-if/?host=prod-01"' in page


def test_a_name_that_nothing_has_is_answered_with_the_nearest(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/?host=prod-0")
    assert "No host is called prod-0 . Did you mean prod-01 , prod-02 , prod-03 ?" in page
    for kind, words in (("plugin", "Plugins are those"), ("registry", "Docker Hub"), ("network", "host/name")):
        assert words in text(viewer, f"/what-if/?{kind}=nothing")


def test_a_plugin_is_lost_wherever_it_is(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/?plugin=pxd")
    assert "Without the plugin pxd, 1 service goes down." in page
    assert "mail-4 on prod-02 uses volume letters through pxd: it runs on, and does not start again." in page
    assert "the loss is felt when a container starts again" in page
    assert "ledger" not in page


def test_a_registry_leaves_alone_what_is_there(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/what-if/?registry=registry.internal")
    assert "Without the registry registry.internal, 3 services survive." in page
    assert "on no other host until the registry is back" in page


def test_a_network_is_lost_on_one_host_or_wherever_it_spans(viewer: Client) -> None:
    mesh = network(id="m" * 64, name="mesh", driver="overlay", scope="swarm")
    on = (NetworkAttachment("mesh", "m" * 64),)
    for number, name in enumerate(("prod-01", "prod-02")):
        app = network(id=f"{number}" * 64, name="app")
        swept(
            host_row(name),
            one("mesh-user", number, networks=on),
            one(f"app-user-{number}", number + 10, networks=(NetworkAttachment("app", f"{number}" * 64),)),
            networks=(mesh, app),
        )
    page = text(viewer, "/what-if/?network=mesh")
    assert "Without the network mesh, 1 service goes down." in page
    assert "app-user" not in page
    assert "Without the network prod-02/app, 1 service goes down." in text(viewer, "/what-if/?network=prod-02/app")
    assert "Without the network app, 2 services go down." in text(viewer, "/what-if/?network=app")
    answer = viewer.get("/what-if/?network=prod-02/app").content.decode()
    assert 'href="/network/map/?network=app">app on the map</a>' in answer


@pytest.mark.usefixtures("kept_counts")
def test_the_ranking_says_what_the_page_of_each_host_says(viewer: Client) -> None:
    fleet()
    count_all(NOW)
    rows, total = hanging(NOW)
    assert total == len(rows) == Host.objects.count()
    for row in rows:
        page = viewer.get(f"/what-if/?host={row.name}").context
        numbers = [len(page["answer"].of(fate)) for fate in list(Fate)[:4]]
        assert numbers == [row.down, row.unknown, row.degraded, row.survives], row
        assert sum(1 for volume in page["answer"].volumes if volume.kind == "volume" and volume.lost) == row.volumes


def test_the_download_has_each_service_with_its_reasons(viewer: Client) -> None:
    fleet()
    reply = viewer.get("/what-if/?host=prod-01&format=csv")
    lines = reply.content.decode().splitlines()
    assert reply["Content-Disposition"] == 'attachment; filename="what-if.csv"'
    assert lines[0].startswith("Service,Team,Tier,Stage,Fate,When,Why")
    assert [line.split(",")[0] for line in lines[1:]] == ["ledger", "web", "stopped"]


def test_the_page_of_a_host_asks(viewer: Client) -> None:
    fleet()
    assert '/what-if/?host=prod-01"' in viewer.get("/hosts/prod-01/").content.decode()


@pytest.mark.parametrize("name", ["%00", "%F0%9F%90%B3", "a" * 3000, "'\"<b>"])
def test_odd_names_are_refused_in_words(viewer: Client, name: str) -> None:
    fleet()
    for kind in ("host", "plugin", "network", "registry"):
        assert viewer.get(f"/what-if/?{kind}={name}").status_code == 200


def test_more_containers_than_one_page_reads_are_said(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet()
    monkeypatch.setattr("fleet.foresight.loss_rows.MOST_READ", 1)
    assert "it rests on the first 1 containers" in text(viewer, "/what-if/?host=prod-01")


def test_a_silent_host_elsewhere_leaves_a_doubt(viewer: Client) -> None:
    fleet()
    Host.objects.filter(name="prod-02").update(answered_at=NOW.replace(year=2025))
    assert "Whether web-3 on prod-02 works cannot be told" in text(viewer, "/what-if/?host=prod-01")


def test_hosts_of_the_ranking_lead_to_themselves_and_numbers_to_the_answer(viewer: Client) -> None:
    fleet()
    page = viewer.get("/what-if/").content.decode()
    assert '<a href="/hosts/prod-01/">prod-01</a>' in page
    assert '<a href="/what-if/?host=prod-01#degraded">1</a>' in page
    answer = viewer.get("/what-if/?host=prod-01").content.decode()
    assert 'id="degraded"' in answer
    assert 'id="lost-data"' in answer
    assert '<a class="quiet-link" href="/hosts/prod-01/">See prod-01</a>' in answer


def test_hosts_of_two_environments_move_to_their_own(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.foresight.loss_rows.MOST_CANDIDATES", 2)
    swept(host_row("prod-01"), one("web", 1))
    swept(host_row("test-01", environment="test"), one("toy", 2))
    for number, (name, environment) in enumerate((("prod-02", "production"), ("test-02", "test"), ("test-03", "test"))):
        busy = [one(f"busy-{number}", 10 * number + 10 + n) for n in range(5 if name == "prod-02" else 1)]
        swept(host_row(name, environment=environment), *busy)
    found = viewer.get("/what-if/?host=prod-01&host=test-01").context["answer"].services
    assert {one.case.name: one.move.hosts for one in found if one.move} == {"web": ("prod-02",), "toy": ("test-02",)}
