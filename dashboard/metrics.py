"""/metrics for Prometheus: the numbers of the pages, asked of the same queries when they are scraped."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from fleet.models import Container, Finding, Host, Service, Waiver
from fleet.models.judged import PILLARS
from fleet.readiness.vocabulary import Severity, Stage, Status, Verdict

_PREFIX: Final = "loadline_"
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
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Fleet(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


_ASK: Final = {"WWW-Authenticate": 'Bearer realm="Loadline metrics"', "Content-Type": "text/plain"}


class Fleet(Collector):
    """The fleet as of one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._hosts()
        yield from self._sweeps()
        yield _counted("containers", "Containers that the last sweep of their host saw.", "state", _by_state())
        yield self._services()
        yield self._pillars()
        yield self._findings()
        yield self._waivers()

    def _hosts(self) -> Iterator[Metric]:
        hosts = Host.objects.filter(enabled=True)
        answering, stale = hosts.answering(self._now).count(), hosts.stale(self._now).count()
        total = hosts.count()
        states = {"answering": answering, "failing": total - answering - stale, "stale": stale}
        yield _counted("hosts", "Enabled hosts; failing ones still have evidence that is not stale.", "state", states)

    def _sweeps(self) -> Iterator[Metric]:
        found = Host.objects.filter(enabled=True).aggregate(oldest=Min("answered_at"), longest=Max("sweep_seconds"))
        if found["oldest"] is not None:
            age = max(0.0, (self._now - found["oldest"]).total_seconds())
            yield _one(
                "sweep_age_seconds_max", "Age of the oldest evidence of an enabled host that ever answered.", age
            )
        if found["longest"] is not None:
            yield _one("sweep_seconds_max", "The longest last sweep of an enabled host.", found["longest"])

    def _services(self) -> Metric:
        family = GaugeMetricFamily(
            f"{_PREFIX}services", "Services of the catalogue; stale verdicts are unknown.", labels=["stage", "verdict"]
        )
        rows = Service.objects.in_catalogue().with_verdict_now(self._now)
        found = Counter(rows.values_list(*_STAGE_AND_VERDICT))
        for stage in Stage:
            for verdict in Verdict:
                family.add_metric([stage.value, verdict.value], found[stage.value, verdict.value])
        return family

    def _pillars(self) -> Metric:
        family = GaugeMetricFamily(
            f"{_PREFIX}production_services", "Services in production by pillar.", labels=["pillar", "verdict"]
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
        return _counted("failing_findings", "Findings that fail and that no waiver covers.", "severity", counts)

    def _waivers(self) -> Metric:
        counts = {"waiting": Waiver.objects.waiting().count(), "standing": Waiver.objects.standing(self._now).count()}
        counts["expiring"] = Waiver.objects.announced(self._now).count()
        return _counted("waivers", "Waivers; expiring ones cover something and end within two weeks.", "state", counts)


def _by_state() -> dict[str, int]:
    present = Container.objects.present().order_by()
    return {state or "unknown": n for state, n in present.values_list("state").annotate(n=Count("pk"))}


def _counted(name: str, text: str, label: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}{name}", text, value=value)
