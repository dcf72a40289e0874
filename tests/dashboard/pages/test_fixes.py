"""Fix next: the numbers of the list are those behind its links, and the page of a change has what to type."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fleet.inventory import ContainerFacts
from tests.builders import NOW, OWNED, container, host, network, snapshot
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def one(service: str, number: int, team: str = "payments", **changes: Any) -> ContainerFacts:
    labels = {**OWNED, "loadline.team": team, "loadline.service": service}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **changes)


def text(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode())))


def link(client: Client, page: str, to: str) -> str:
    """The address of the one link on the page that begins so."""
    found = {one.href for one in read(client.get(page).content.decode()).links if one.href.startswith(to)}
    assert len(found) == 1, found
    return found.pop()


def fleet() -> None:
    bad = [one("checkout", n, memory=0) for n in (1, 2)]
    swept(
        host_row(),
        *bad,
        one("mailer", 3, memory=0, cap_add=("SYS_ADMIN",)),
        one("lab", 4, "lab", memory=0),
        one("ok", 5),
    )


def test_a_change_says_how_many_it_lifts_holds_back_and_on_how_many_things(viewer: Client) -> None:
    fleet()
    page = text(viewer, "/fix-next/")
    assert "3 services in production are below the load line" in page
    assert re.search(r"1 No memory limit \+1 3 4 High Resilience", page)
    assert "2 Dangerous capability added 0 1 1 High Hardening" in page
    assert "together 3 of 3. No other five free more." in page


def test_the_number_of_those_held_back_leads_to_just_these(viewer: Client) -> None:
    fleet()
    for query, names in (("", {"checkout", "mailer", "lab"}), ("?team=lab", {"lab"}), ("?q=mail", {"mailer"})):
        behind = next(
            one
            for one in read(viewer.get(f"/fix-next/{query}").content.decode()).links
            if "held_by=no-memory-limit" in one.href
        )
        listed = read(viewer.get(behind.href).content.decode())
        assert behind.number == len(names) == (listed.count or (0,))[0]
        assert {one.words.strip() for one in listed.links if re.fullmatch(r"/services/[a-z]+/", one.href)} >= names


def test_the_page_of_a_change_keeps_the_filter_and_counts_as_the_list_does(viewer: Client) -> None:
    fleet()
    page = text(viewer, link(viewer, "/fix-next/?team=lab", "/fix-next/no-memory-limit/"))
    assert "1 place in 1 service of production that it holds back" in page
    assert "1 would be ready by this alone: lab" in page
    assert "docker update --memory 512m --memory-swap 512m lab-4" in page
    assert "checkout-1" not in page
    everyone = text(viewer, "/fix-next/no-memory-limit/")
    assert "4 places in 3 services of production that it holds back" in everyone
    assert "docker update --memory 512m --memory-swap 512m checkout-1 checkout-2 lab-4 mailer-3" in everyone


def test_a_change_that_holds_nothing_back_by_itself_still_shows_where_it_fails(viewer: Client) -> None:
    swept(host_row(), one("checkout", 1, memory=0, user=""))
    page = text(viewer, "/fix-next/runs-as-root/")
    assert "1 place in 1 service of production that other rules hold back" in page
    assert "none would be ready by this alone" in page
    assert "docker run -d --name checkout-1 --user 10001:10001" in page


def test_what_a_name_holds_is_text_to_the_page_and_one_word_to_a_shell(viewer: Client) -> None:
    swept(host_row(), replace(one("checkout", 1, memory=0), name="<b>$(reboot)</b>"))
    page = viewer.get("/fix-next/no-memory-limit/").content.decode()
    assert "<b>$(reboot)" not in page
    assert html.escape("'<b>$(reboot)</b>'") in page


def test_a_fault_of_a_network_or_a_host_is_mended_there(viewer: Client) -> None:
    exposed = host(warnings=("WARNING: API is accessible on http://0.0.0.0:2375 without encryption.",))
    lan = network(driver="macvlan")
    swept(host_row(), seen=snapshot(one("checkout", 1), host=exposed, networks=(lan,)))
    assert "Nothing fails there any more" not in text(viewer, "/fix-next/engine-api-without-tls/")
    assert "or in daemon.json on prod-01" in text(viewer, "/fix-next/engine-api-without-tls/")
    assert "network app on prod-01" in text(viewer, "/fix-next/direct-network-attachment/")


def test_a_stage_is_chosen_and_an_unknown_one_is_production(viewer: Client) -> None:
    swept(host_row("staging-01", environment="staging"), one("toy", 1, memory=0))
    assert "1 service in staging is below the load line" in text(viewer, "/fix-next/?stage=staging")
    assert "Nothing in production is held back." in text(viewer, "/fix-next/?stage=moon")


def test_production_is_shown_as_chosen_and_any_stage_can_be(viewer: Client) -> None:
    fleet()
    swept(host_row("staging-01", environment="staging"), one("toy", 9, memory=0))
    page = viewer.get("/fix-next/").content.decode()
    assert '<option value="production" selected>' in page
    assert "Stage: <b>Production</b>" in page
    everywhere = viewer.get("/fix-next/?stage=any").content.decode()
    assert '<option value="any" selected>' in everywhere
    assert "Stage: <b>" not in everywhere
    assert "4 services in any stage are below the load line" in text(viewer, "/fix-next/?stage=any")
    behind = next(one for one in read(everywhere).links if "held_by=no-memory-limit" in one.href)
    assert behind.number == 4 == (read(viewer.get(behind.href).content.decode()).count or (0,))[0]
    assert "toy" in text(viewer, "/fix-next/no-memory-limit/?stage=any")


def test_a_rule_that_is_none_has_no_page(viewer: Client) -> None:
    assert viewer.get("/fix-next/no-such-rule/").status_code == 404


def test_services_on_old_evidence_are_not_counted(viewer: Client) -> None:
    swept(host_row(), one("checkout", 1, memory=0), now=NOW - timedelta(hours=2))
    assert "0 services in production are below the load line" in text(viewer, "/fix-next/")
    assert "Nothing fails there any more." in text(viewer, "/fix-next/no-memory-limit/")


def test_where_no_change_frees_anything_by_itself_the_overview_says_what_several_do(viewer: Client) -> None:
    swept(host_row("prod-01"), one("web", 1, memory=0, privileged=True), one("web", 2, memory=0, privileged=True))
    page = text(viewer, "/")
    assert re.search("None of them frees a service by itself; [234] changes together free 1 service", page)


def test_where_one_does_it_says_nothing_of_the_kind(viewer: Client) -> None:
    fleet()
    assert "None of them frees a service by itself" not in text(viewer, "/")
