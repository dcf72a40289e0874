"""/metrics for Prometheus: the numbers of the pages, from the same counts."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from dashboard import page_times
from dashboard.counted import FleetCounts
from dashboard.gauges import PREFIX, counted, one
from dashboard.own_metrics import Itself
from fleet.models import Host, Waiver
from fleet.readiness.vocabulary import Severity, Status


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """404 while no token is set, so that nobody's fleet is published by accident; 401 without that token."""
    token = settings.LOADLINE_METRICS_TOKEN
    if not token:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return HttpResponse("Send LOADLINE_METRICS_TOKEN as a bearer token.\n", status=401, headers=_ASK)
    now = timezone.now()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Fleet(now))
    registry.register(Itself(now))
    told = generate_latest(registry) + generate_latest(page_times.registry)
    return HttpResponse(told, content_type=CONTENT_TYPE_PLAIN_0_0_4)


_ASK: Final = {"WWW-Authenticate": 'Bearer realm="Loadline metrics"', "Content-Type": "text/plain"}


class Fleet(Collector):
    """The fleet: hosts as of now, what they carry as it was last counted."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._counts = FleetCounts(now).ask("findings")

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._hosts()
        states = {state or "unknown": number for state, number in self._counts.figures.containers_by_state.items()}
        yield counted("containers", "Containers that the last sweep of their host saw.", "state", states)
        yield self._services()
        yield self._pillars()
        yield self._findings()
        yield self._waivers()
        age = max(0.0, (self._now - self._counts.at).total_seconds())
        yield one("count_age_seconds", "Since containers, services and findings were counted, the oldest of them.", age)

    def _hosts(self) -> Iterator[Metric]:
        hosts = Host.objects.filter(enabled=True)
        answering, stale = hosts.answering(self._now).count(), hosts.stale(self._now).count()
        total = hosts.count()
        states = {"answering": answering, "failing": total - answering - stale, "stale": stale}
        yield counted("hosts", "Enabled hosts; failing ones still have evidence that is not stale.", "state", states)

    def _services(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}services", "Services of the catalogue; stale verdicts are unknown.", labels=["stage", "verdict"]
        )
        for stage, verdicts in self._counts.figures.verdicts_by_stage.items():
            for verdict, number in verdicts.items():
                family.add_metric([stage, verdict], number)
        return family

    def _pillars(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}production_services", "Services in production by pillar.", labels=["pillar", "verdict"]
        )
        for pillar, verdicts in self._counts.figures.pillars.items():
            for verdict, number in verdicts.items():
                family.add_metric([pillar, verdict], number)
        return family

    def _findings(self) -> Metric:
        found = self._counts.by_severity(Status.FAIL)
        counts = {severity.value: found[severity.value] for severity in Severity}
        return counted("failing_findings", "Findings that fail and that no waiver covers.", "severity", counts)

    def _waivers(self) -> Metric:
        counts = {"waiting": Waiver.objects.waiting().count(), "standing": Waiver.objects.standing(self._now).count()}
        counts["expiring"] = Waiver.objects.announced(self._now).count()
        return counted("waivers", "Waivers; expiring ones cover something and end within two weeks.", "state", counts)
