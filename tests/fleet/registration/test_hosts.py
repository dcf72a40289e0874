"""Registering, changing and removing one host."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry

from fleet.models import Container, Finding, Host, Service
from fleet.registration import Changes, Entry, RegistrationError, register, remove, update
from fleet.transport import TlsMaterial
from tests.builders import NOW, OWNED, container
from tests.fleet.registration.pem import material
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def _entry(name: str = "prod-01", url: str = "tcp://127.0.0.1:2375", tls: TlsMaterial | None = None) -> Entry:
    return Entry(name=name, url=url, environment="staging", team="web", tls=tls)


def test_a_registered_host_is_due_at_once() -> None:
    host = register(_entry(), now=NOW).host
    assert list(Host.objects.due(NOW)) == [host]
    assert (host.environment.slug, host.team, host.engine, host.registered_at) == ("staging", "web", "docker", NOW)
    assert not host.simulated


def test_credentials_are_sealed_and_open_again() -> None:
    tls = material()
    register(_entry(tls=tls), now=NOW)
    host = Host.objects.get()
    assert host.credentials() == (tls.ca, tls.certificate, tls.key)
    row = str(Host.objects.values().get())
    assert "BEGIN" not in row


def test_a_name_taken_in_any_case_is_refused_with_the_remedy() -> None:
    register(_entry(), now=NOW)
    with pytest.raises(RegistrationError, match=r"\./loadline host remove prod-01") as refusal:
        register(_entry("PROD-01", "tcp://127.0.0.1:1"), now=NOW)
    assert refusal.value.field == "name"


def test_an_address_taken_in_another_spelling_is_refused_with_its_host() -> None:
    register(_entry(), now=NOW)
    with pytest.raises(RegistrationError, match="as prod-01") as refusal:
        register(_entry("other", "http://127.0.0.1:2375/"), now=NOW)
    assert refusal.value.field == "url"
    assert Host.objects.count() == 1


def test_a_name_taken_between_looking_and_storing_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    register(_entry(), now=NOW)
    answers = iter([None])
    from fleet.registration import entry, hosts

    monkeypatch.setattr(hosts, "taken", lambda valid, besides: next(answers, entry.taken(valid, besides=besides)))
    with pytest.raises(RegistrationError, match="registered already"):
        register(_entry(url="tcp://127.0.0.1:1"), now=NOW)


@pytest.mark.parametrize("url", ["tcp://10.0.0.5:2375", "http://engine.internal:2375"])
def test_plain_tcp_to_another_machine_is_warned_of(url: str) -> None:
    assert any("not encrypted" in warning for warning in register(_entry(url=url), now=NOW).warnings)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:2375", "tcp://localhost:1", "ssh://host", "unix:///run/x.sock"])
def test_what_leaves_no_readable_wire_is_not_warned_of(url: str) -> None:
    assert register(_entry(url=url), now=NOW).warnings == ()


def test_tcp_with_certificates_is_not_warned_of() -> None:
    assert register(_entry(url="tcp://10.0.0.5:2376", tls=material()), now=NOW).warnings == ()


def test_a_change_of_team_alone_keeps_what_the_sweep_knows() -> None:
    host = swept(host_row(), container())
    Host.objects.filter(pk=host.pk).update(claim="running", next_sweep_at=LATER)
    update(Host.objects.get(), Changes(team="payments"), now=NOW)
    host.refresh_from_db()
    assert (host.team, host.claim, host.next_sweep_at) == ("payments", "running", LATER)


def test_what_a_sweep_writes_meanwhile_is_not_overwritten() -> None:
    loaded = host_row()
    swept(Host.objects.get(), container(), now=LATER)
    update(loaded, Changes(team="payments"), now=NOW)
    stored = Host.objects.get()
    assert stored.answered_at == LATER
    assert stored.facts


@pytest.mark.parametrize(
    "changes", [Changes(url="tcp://127.0.0.1:1"), Changes(environment="test"), Changes(tls=TlsMaterial())]
)
def test_a_change_of_what_is_asked_or_judged_makes_it_due_and_drops_a_running_sweep(changes: Changes) -> None:
    host = host_row()
    Host.objects.filter(pk=host.pk).update(claim="running", next_sweep_at=LATER, failures=5)
    update(Host.objects.get(), changes, now=NOW)
    host.refresh_from_db()
    assert (host.claim, host.next_sweep_at, host.failures) == ("", NOW, 0)


def test_a_change_that_is_refused_changes_nothing() -> None:
    register(_entry("taken", "tcp://127.0.0.1:1"), now=NOW)
    host = register(_entry(), now=NOW).host
    with pytest.raises(RegistrationError):
        update(host, Changes(team="new", name="taken"), now=NOW)
    assert Host.objects.get(pk=host.pk).team == "web"


def test_credentials_stay_unless_they_are_changed_and_can_be_taken_away() -> None:
    host = register(_entry(tls=material()), now=NOW).host
    update(host, Changes(team="x"), now=NOW)
    assert Host.objects.get().has_credentials
    update(host, Changes(tls=TlsMaterial()), now=NOW)
    assert not Host.objects.get().has_credentials


def test_removing_a_host_takes_its_containers_and_findings_along() -> None:
    host = swept(host_row(), container(privileged=True))
    remove(host, now=NOW)
    assert not Host.objects.exists()
    assert not Container.objects.exists()
    assert not Finding.objects.exists()


def test_removing_a_host_adds_its_services_up_again() -> None:
    swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}))
    bad = swept(host_row("b"), container(labels={**OWNED, "loadline.service": "shop"}, privileged=True))
    assert Service.objects.get(name="shop").verdict == "not-ready"
    remove(bad, now=NOW)
    shop = Service.objects.get(name="shop")
    assert (shop.containers_total, shop.hosts_total) == (1, 1)
    assert shop.verdict != "not-ready"


def test_registering_and_removing_leave_a_trail_without_credentials() -> None:
    host = register(_entry(tls=material()), now=NOW).host
    update(host, Changes(team="payments"), now=NOW)
    remove(host, now=NOW)
    trail = LogEntry.objects.filter(content_type__model="host")
    assert trail.count() == 3
    assert "sealed" not in str(list(trail.values_list("changes", flat=True)))
