from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from dashboard import local_engine
from fleet.governance.policy import in_force
from fleet.models import Host, PolicyVersion
from fleet.registration import Entry, Local, register
from fleet.simulation import REGISTRIES

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Local | None], None]:
    def set_to(local: Local | None) -> None:
        monkeypatch.setattr(local_engine, "register_local", lambda *, now: local)

    return set_to


def a_real_host() -> Host:
    return register(Entry(name="prod-01", url="tcp://192.0.2.1:2376"), now=NOW).host


def test_an_empty_house_is_filled_with_the_simulated_fleet(answer: Callable[[Local | None], None]) -> None:
    answer(None)
    found = local_engine.find(now=NOW, demo=None)
    assert [child.name for child in found.children] == ["simulation"]
    assert Host.objects.filter(simulated=True).count() == Host.objects.count() > 5
    assert "simulated" in found.sentences[1]


def test_a_house_with_a_host_is_not(answer: Callable[[Local | None], None]) -> None:
    answer(None)
    a_real_host()
    found = local_engine.find(now=NOW, demo=None)
    assert (found.children, found.sentences) == ([], ("none on this machine; 1 host registered",))


def test_an_engine_that_answers_is_told_of_and_enough(answer: Callable[[Local | None], None]) -> None:
    answer(Local("vm (unix:///s), registered", a_real_host(), added=True))
    found = local_engine.find(now=NOW, demo=None)
    assert (found.children, found.sentences) == ([], ("vm (unix:///s), registered",))


def test_an_engine_that_does_not_answer_does_not_fill_the_house(answer: Callable[[Local | None], None]) -> None:
    answer(Local("unix:///s was not registered: nobody listens"))
    found = local_engine.find(now=NOW, demo=None)
    assert len(found.children) == 1
    assert found.sentences[0].endswith("nobody listens")


def test_nobody_is_shown_a_simulation_against_their_word(answer: Callable[[Local | None], None]) -> None:
    answer(None)
    assert local_engine.find(now=NOW, demo=False).children == []
    assert not Host.objects.exists()


def test_a_simulation_that_was_asked_for_stays_at_the_next_start(answer: Callable[[Local | None], None]) -> None:
    answer(None)
    a_real_host()
    local_engine.find(now=NOW, demo=True)
    hosts = set(Host.objects.values_list("pk", flat=True))
    assert len(local_engine.find(now=NOW, demo=None).children) == 1
    assert set(Host.objects.values_list("pk", flat=True)) == hosts


def test_simulated_hosts_are_registered_where_their_servers_will_listen(answer: Callable[[Local | None], None]) -> None:
    answer(None)
    (child,) = local_engine.find(now=NOW, demo=None).children
    base = child.argv[child.argv.index("--base-port") + 1]
    assert child.answers_at == int(base)
    assert Host.objects.filter(url=f"tcp://127.0.0.1:{base}").exists()


def test_the_simulated_company_has_a_policy_and_a_house_of_real_hosts_keeps_its_own(
    answer: Callable[[Local | None], None], settings: Any
) -> None:
    answer(None)
    settings.LOADLINE_ALLOWED_REGISTRIES = ()
    a_real_host()
    local_engine.find(now=NOW, demo=True)
    assert in_force().version is None
    Host.objects.all().delete()
    local_engine.find(now=NOW, demo=True)
    local_engine.find(now=NOW, demo=True)
    assert in_force().policy.allowed_registries == REGISTRIES
    assert PolicyVersion.objects.count() == 1
