from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fleet.assessment import Outside
from fleet.inventory import NothingNew
from fleet.models import Container, Finding, Host
from fleet.simulation import running, synthetic
from fleet.sweeping import Swept, claim_hosts, concluding, sweep_claimed
from fleet.sweeping.quiet import store_quiet
from tests.rows import host_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Iterator[list[Host]]:
    """Three hosts that were swept once."""
    with running(synthetic(engines=3, containers=4)) as engines:
        hosts = [host_row(f"prod-{number}", url=one.url) for number, one in enumerate(engines)]
        sweep_all(hosts)
        yield hosts


def sweep_all(hosts: list[Host]) -> dict[str, Swept]:
    shards = claim_hosts([host.pk for host in hosts], timezone.now())
    return {swept.name: swept for shard in shards for swept in sweep_claimed(shard)}


def updates(queries: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in queries.captured_queries if query["sql"].startswith("UPDATE")]


def test_hosts_on_which_nothing_changed_are_written_together(fleet: list[Host]) -> None:
    before = dict(Host.objects.values_list("pk", "answered_at"))
    facts = dict(Host.objects.values_list("pk", "facts"))
    with CaptureQueriesContext(connection) as queries:
        results = sweep_all(fleet)
    assert {(swept.ok, swept.containers, swept.changed) for swept in results.values()} == {(True, 4, 0)}
    assert not [sql for sql in updates(queries) if "fleet_container" in sql or '"facts" =' in sql]
    for host in Host.objects.all():
        assert host.answered_at is not None
        assert host.answered_at > (before[host.pk] or host.answered_at)
        assert host.next_sweep_at > timezone.now()
        assert (host.claim, host.error, host.rows_written) == ("", "", 0)
        assert host.facts == facts[host.pk]


def test_many_quiet_hosts_take_no_more_statements_than_few(fleet: list[Host]) -> None:
    counts = []
    for some in (fleet[:1], fleet):
        sweep_all(some)
        with CaptureQueriesContext(connection) as queries:
            sweep_all(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_quiet_host_is_judged_when_the_policy_is_another(fleet: list[Host], settings: LazySettings) -> None:
    judged = dict(Host.objects.values_list("pk", "judged_on"))
    settings.LOADLINE_ALLOWED_REGISTRIES = ("elsewhere.example",)
    sweep_all(fleet)
    for host in Host.objects.all():
        assert host.judged_on["policy"] != judged[host.pk]["policy"]
    assert Finding.objects.filter(rule="registry-not-allowed", status="fail").exists()


def test_a_quiet_host_is_judged_when_time_alone_may_say_otherwise(fleet: list[Host]) -> None:
    Host.objects.update(judge_again_at=timezone.now() - timedelta(seconds=1))
    sweep_all(fleet)
    assert not Host.objects.filter(judge_again_at__lte=timezone.now()).exists()


def test_a_claim_that_was_taken_meanwhile_is_respected(fleet: list[Host]) -> None:
    now = timezone.now()
    found = {host.pk: (NothingNew(now, 0.1, None), now) for host in fleet}
    Host.objects.filter(pk=fleet[0].pk).update(claim="mine")
    stored = store_quiet(found, claim="mine", now=now, outside=Outside.load([], now))
    assert stored.containers.keys() | stored.to_judge == {fleet[0].pk}
    assert not Host.objects.filter(answered_at=now).exclude(pk=fleet[0].pk).exists()


def test_a_database_that_refuses_the_batch_gets_the_hosts_one_by_one(
    fleet: list[Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any, **__: Any) -> Any:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(concluding, "store_quiet", refuses)
    before = timezone.now()
    assert all(swept.ok for swept in sweep_all(fleet).values())
    assert Host.objects.filter(answered_at__gt=before, claim="").count() == 3


def test_a_host_that_failed_meanwhile_gets_a_closer_look(fleet: list[Host]) -> None:
    Host.objects.filter(pk=fleet[0].pk).update(failures=1, error="No answer.", error_code="timeout")
    sweep_all(fleet)
    host = Host.objects.get(pk=fleet[0].pk)
    assert (host.failures, host.error, host.error_code) == (0, "", "")
    assert Container.objects.present().filter(host=host).count() == 4
