"""Hosts on which something changed are stored together, and each fails for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fleet.models import Container, Finding, Host
from fleet.simulation import running, synthetic
from fleet.sweeping import Swept, claim_hosts, concluding, sweep_claimed
from fleet.sweeping.pace import Pace
from tests.rows import host_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Iterator[list[Host]]:
    """Twelve hosts that were swept once, and then forgot one container each."""
    with running(synthetic(engines=12, containers=4)) as engines:
        hosts = [host_row(f"prod-{number:02}", url=one.url) for number, one in enumerate(engines)]
        sweep_all(hosts)
        spoil(hosts)
        yield hosts


def spoil(hosts: list[Host]) -> None:
    """So that one container of each seems to have changed, and has to be judged anew."""
    for host in Host.objects.filter(pk__in=[one.pk for one in hosts]):
        host.asked["looks"] = None
        host.save(update_fields=["asked"])
        first = Container.objects.filter(host=host).order_by("pk")[:1].values_list("pk", flat=True)
        Container.objects.filter(pk__in=list(first)).update(
            facts_hash="", remembered="", judged_key="", findings_hash="other", as_neighbour=None
        )


def sweep_all(hosts: list[Host]) -> dict[str, Swept]:
    shards = claim_hosts([host.pk for host in hosts], timezone.now())
    return {swept.name: swept for shard in shards for swept in sweep_claimed(shard)}


def told(name: str) -> list[tuple[str, str, str]]:
    rows = Finding.objects.filter(host__name=name).values_list("subject_name", "rule", "status")
    return sorted(rows)


def test_changed_hosts_are_as_they_would_be_stored_one_by_one(
    fleet: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_all(fleet)
    together = {host.name: told(host.name) for host in fleet}
    spoil(fleet)
    monkeypatch.setattr(concluding, "_TOGETHER", 1)
    results = sweep_all(fleet)
    assert {host.name: told(host.name) for host in fleet} == together
    assert all(told for told in together.values())
    assert {(swept.ok, swept.changed) for swept in results.values()} == {(True, 1)}
    assert set(Host.objects.values_list("claim", flat=True)) == {""}
    assert not Container.objects.filter(facts_hash="").exists()


def test_many_changed_hosts_take_few_more_statements_than_one(
    fleet: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.sweeping.underway._GATHER_SECONDS", 1.0)
    counts = []
    for some in (fleet[:1], fleet[:8]):
        spoil(some)
        with CaptureQueriesContext(connection) as queries:
            sweep_all(some)
        counts.append(len(queries))
    one, eight = counts
    assert eight - one < 12  # neither recording nor judging is by host


def test_one_that_the_database_refuses_costs_the_others_nothing(
    fleet: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = concluding.record_all

    def refuses(found: list[tuple[int, Any]], **kwargs: Any) -> Any:
        if fleet[3].pk in dict(found):
            raise DataError("value too long\nDETAIL: the row")
        return real(found, **kwargs)

    monkeypatch.setattr(concluding, "record_all", refuses)
    results = sweep_all(fleet)
    assert {name for name, swept in results.items() if not swept.ok} == {fleet[3].name}
    bad = Host.objects.get(pk=fleet[3].pk)
    assert (bad.failures, bad.claim, "DETAIL" in bad.error) == (1, "", False)
    assert set(Container.objects.filter(facts_hash="").values_list("host", flat=True)) == {bad.pk}


def test_one_that_was_claimed_anew_meanwhile_is_left_to_who_has_it(
    fleet: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = concluding.record_all
    together: list[int] = []

    def too_late(found: list[tuple[int, Any]], **kwargs: Any) -> Any:
        together.append(len(found))
        if fleet[3].pk in dict(found):
            Host.objects.filter(pk=fleet[3].pk).update(claim="another")
        return real(found, **kwargs)

    monkeypatch.setattr(concluding, "record_all", too_late)
    results = sweep_all(fleet)
    assert [name for name, swept in results.items() if not swept.ok] == [fleet[3].name]
    assert "Another sweep" in (results[fleet[3].name].error or "")
    assert together == [len(fleet), len(fleet) - 1]  # and not one by one
    assert Container.objects.filter(facts_hash="").count() == 1


class Paces(Pace):
    """What it was told of the hosts that were stored."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bool] = []

    def now_and_then(self, clock: Callable[[], datetime], *, at_first: bool = False) -> None:
        self.told.append(at_first)


def paced(*hosts: Host) -> bool:
    """Whether services were given less time because hosts were new."""
    pace = Paces()
    for shard in claim_hosts([host.pk for host in hosts], timezone.now()):
        sweep_claimed(shard, pace=pace)
    return any(pace.told)


def test_a_host_that_never_answers_is_no_new_one() -> None:
    with running(synthetic(engines=1, containers=2)) as engines:
        good, silent = host_row("good", url=engines[0].url), host_row("silent", url="tcp://127.0.0.1:1")
        assert paced(good, silent)
        assert not paced(good, silent)
