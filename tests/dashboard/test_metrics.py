"""/metrics."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from fleet.adoption import figures
from fleet.counting import count_all
from fleet.models import Host
from fleet.recording import record_failure
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
QueryCount = Callable[[int], AbstractContextManager[Any]]
Numbers = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.LOADLINE_METRICS_TOKEN = "scrape-me"


def _get(token: str = "scrape-me") -> HttpResponse:
    with time_machine.travel(NOW, tick=False):
        return Client(headers={"Authorization": f"Bearer {token}"}).get("/metrics")


def _numbers() -> Numbers:
    """All but the times of pages: those are of this process, whatever it was asked before."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(_get().content.decode())
        for sample in family.samples
        if family.name != "loadline_page_seconds"
    }


def _total(numbers: Numbers, *beginning: str) -> float:
    return sum(value for key, value in numbers.items() if key[: len(beginning)] == beginning)


@pytest.mark.parametrize("token", ["", "wrong", "scrape-mé"])
def test_another_token_is_refused(token: str) -> None:
    assert _get(token).status_code == 401


def test_without_a_token_set_there_is_no_such_address(settings: Any) -> None:
    settings.LOADLINE_METRICS_TOKEN = None
    assert _get("None").status_code == 404
    assert Client().get("/metrics").status_code == 404


def test_it_is_prometheus_text() -> None:
    answer = _get()
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")


def test_every_enabled_host_is_answering_failing_or_stale() -> None:
    swept(host_row("fine"), container())
    failed = swept(host_row("failed"), container())
    record_failure(failed.pk, code="refused", reason="Nothing listens.", now=NOW)
    swept(host_row("old"), container(), now=NOW - timedelta(hours=1))
    host_row("never")
    host_row("off", enabled=False)
    numbers = _numbers()
    assert numbers["loadline_hosts", "answering"] == Host.objects.filter(enabled=True).answering(NOW).count() == 1
    assert numbers["loadline_hosts", "failing"] == 1
    assert numbers["loadline_hosts", "stale"] == 2
    assert numbers["loadline_sweep_age_seconds_max",] == 3600
    assert numbers["loadline_sweep_seconds_max",] == pytest.approx(0.2)


def test_the_numbers_are_those_of_the_pages() -> None:
    swept(host_row("a"), container(labels={**OWNED, "loadline.service": "shop"}, privileged=True))
    swept(host_row("b", environment="test"), container(labels={**OWNED, "loadline.service": "toy"}))
    old = NOW - timedelta(hours=1)
    swept(host_row("c"), container(labels={**OWNED, "loadline.service": "mail"}), now=old)
    numbers, shown = _numbers(), figures(NOW)
    assert _total(numbers, "loadline_services") == shown.services == 3
    for stage, count in shown.by_stage.items():
        assert _total(numbers, "loadline_services", stage) == count
    for verdict, count in shown.verdicts.items():
        assert numbers["loadline_services", "production", verdict] == count
    for pillar, verdicts in shown.pillars.items():
        for verdict, count in verdicts.items():
            assert numbers["loadline_production_services", pillar, verdict] == count
    assert _total(numbers, "loadline_containers") == shown.containers == 3
    assert numbers["loadline_failing_findings", "critical"] >= 1


def test_the_times_of_pages_are_told() -> None:
    Client().get("/healthz")
    assert 'loadline_page_seconds_bucket{le="+Inf",page="healthz"}' in _get().content.decode()


def test_an_empty_fleet_is_all_zeros() -> None:
    numbers = _numbers()
    # What other tests of this process left in the queue is none of the fleet's.
    assert {value for key, value in numbers.items() if key[0] != "loadline_queue_messages"} == {0}
    assert ("loadline_services", "production", "ready") in numbers


@pytest.mark.usefixtures("kept_counts")
def test_a_scrape_costs_the_same_whatever_the_fleet(django_assert_num_queries: QueryCount) -> None:
    for name in "abc":
        swept(host_row(name), container(labels={**OWNED, "loadline.service": name}))
    count_all(NOW)
    with django_assert_num_queries(9):
        _get()
