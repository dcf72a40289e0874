from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from kombu.exceptions import OperationalError

from dashboard import queueing
from fleet.models import Host
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("otto")
    user.groups.add(Group.objects.get(name="operators"))
    client.force_login(user)
    return client


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(queueing.sweep_now, "apply_async", lambda **message: sent.append(message["kwargs"]))
    return sent


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_a_sweep_that_was_asked_for_shows_until_it_is_done(operator: Client, asked: list[dict[str, Any]]) -> None:
    host = swept(host_row())
    reply = operator.post("/hosts/prod-01/sweep/", follow=True)
    assert asked == [{"hosts": [host.pk]}]
    assert b"Asked for a sweep of 1 host" in reply.content
    assert "0 of 1" in page(operator, "/hosts/prod-01/")
    Host.objects.update(attempted_at=NOW + timedelta(seconds=11))
    assert "<progress" not in page(operator, "/hosts/prod-01/")


def test_all_hosts_are_swept_but_those_switched_off(operator: Client, asked: list[dict[str, Any]]) -> None:
    first = host_row("prod-01")
    host_row("prod-02", enabled=False)
    operator.post("/hosts/sweep/")
    assert asked == [{"hosts": [first.pk]}]
    assert "0 of 1" in page(operator, "/hosts/")


def test_a_queue_that_is_away_is_said(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_message: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(queueing.sweep_now, "apply_async", away)
    host_row()
    assert b"The queue does not answer" in operator.post("/hosts/prod-01/sweep/", follow=True).content


def test_a_viewer_may_not_sweep(viewer: Client) -> None:
    host_row()
    assert viewer.post("/hosts/prod-01/sweep/").status_code == 403
    assert viewer.post("/hosts/sweep/").status_code == 403
    assert "Sweep" not in page(viewer, "/hosts/").replace("Swept", "")


def test_only_admins_see_the_ways_to_change_hosts(viewer: Client, admin_client: Client) -> None:
    host_row()
    for path, links in {
        "/hosts/": ["/hosts/add/", "/hosts/import/"],
        "/hosts/prod-01/": ["/hosts/prod-01/edit/", "/hosts/prod-01/remove/"],
    }.items():
        for link in links:
            assert f'href="{link}"' in page(admin_client, path)
            assert f'href="{link}"' not in page(viewer, path)


def test_the_facts_of_the_engine_stand_under_its_own_names(viewer: Client) -> None:
    swept(host_row())
    shown = page(viewer, "/hosts/prod-01/")
    for name, value in {"KernelVersion": "6.8.0", "MemTotal": "32 GiB", "LiveRestoreEnabled": "true"}.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in shown
    assert "<dt>BridgeNfIptables</dt><dd>true</dd>" in shown
    assert '<dt>FirewallBackend.Driver</dt><dd><span class="unsaid">not reported</span></dd>' in shown


def test_a_gap_is_named_with_its_endpoint(viewer: Client) -> None:
    swept(host_row())
    Host.objects.update(gaps=[{"endpoint": "/volumes", "reason": "It took longer than 10 s."}])
    assert "<code>/volumes</code> It took longer than 10 s." in page(viewer, "/hosts/prod-01/")


def test_a_failure_is_told_with_how_old_the_evidence_is(viewer: Client) -> None:
    swept(host_row())
    Host.objects.update(error_code="refused", error="It refuses connections.")
    shown = page(viewer, "/hosts/prod-01/")
    assert "It refuses connections." in shown
    assert "What you see is from" in shown


def test_a_host_without_a_sweep_says_so(viewer: Client) -> None:
    host_row()
    shown = page(viewer, "/hosts/prod-01/")
    assert "never answered yet" in shown
    assert "Not swept yet." in shown


def test_a_host_with_many_containers_shows_the_worst_and_leads_to_the_rest(viewer: Client) -> None:
    many = [container(id=f"{n:064x}", name=f"web-{n}") for n in range(60)]
    swept(host_row(), *many, container(id="f" * 64, name="zz-bad", privileged=True))
    shown = page(viewer, "/hosts/prod-01/")
    assert '<a href="/containers/?host=prod-01">11 more in the list</a>' in shown
    assert shown.index("zz-bad") < shown.index("web-0<")


def test_an_unknown_filter_value_is_explained_and_shows_nothing(viewer: Client) -> None:
    host_row()
    shown = page(viewer, "/hosts/?environment=moon")
    assert "Environment: Select a valid choice" in shown
    assert "<b>0</b> of 1" in shown


def test_a_simulated_host_names_the_command_that_removes_it(viewer: Client) -> None:
    host_row(simulated=True)
    assert "./loadline host remove --simulated" in page(viewer, "/hosts/")
