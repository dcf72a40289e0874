"""/metrics for Prometheus: the numbers of the pages, asked of the same queries when they are scraped."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from dashboard import page_times
from dashboard.gauges import PREFIX, counted
from dashboard.own_metrics import Itself
from fleet.models import Container, Finding, Host, Service, Waiver
from fleet.models.judged import PILLARS
from fleet.readiness.vocabulary import Severity, Stage, Status, Verdict

_STAGE_AND_VERDICT: Final[tuple[str, ...]] = ("stage", "verdict_now")  # the second is annotated


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
    """The fleet as of one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._hosts()
        yield counted("containers", "Containers that the last sweep of their host saw.", "state", _by_state())
        yield self._services()
        yield self._pillars()
        yield self._findings()
        yield self._waivers()

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
        rows = Service.objects.in_catalogue().with_verdict_now(self._now)
        found = Counter(rows.values_list(*_STAGE_AND_VERDICT))
        for stage in Stage:
            for verdict in Verdict:
                family.add_metric([stage.value, verdict.value], found[stage.value, verdict.value])
        return family

    def _pillars(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}production_services", "Services in production by pillar.", labels=["pillar", "verdict"]
        )
        rows = Service.objects.in_catalogue().with_verdict_now(self._now).filter(stage=Stage.PRODUCTION.value)
        by_pillar = zip(*rows.values_list(*(f"now_{pillar}" for pillar in PILLARS)), strict=True)
        found = dict(zip(PILLARS, map(Counter, by_pillar), strict=False))  # empty without any such service
        for pillar in PILLARS:
            for verdict in Verdict:
                family.add_metric([pillar, verdict.value], found.get(pillar, Counter())[verdict.value])
        return family

    def _findings(self) -> Metric:
        failing = Finding.objects.filter(status=Status.FAIL.value, waiver__isnull=True).order_by()
        found = dict(failing.values_list("severity").annotate(n=Count("pk")))
        counts = {severity.value: found.get(severity.value, 0) for severity in Severity}
        return counted("failing_findings", "Findings that fail and that no waiver covers.", "severity", counts)

    def _waivers(self) -> Metric:
        counts = {"waiting": Waiver.objects.waiting().count(), "standing": Waiver.objects.standing(self._now).count()}
        counts["expiring"] = Waiver.objects.announced(self._now).count()
        return counted("waivers", "Waivers; expiring ones cover something and end within two weeks.", "state", counts)


def _by_state() -> dict[str, int]:
    present = Container.objects.present().order_by()
    return {state or "unknown": n for state, n in present.values_list("state").annotate(n=Count("pk"))}
