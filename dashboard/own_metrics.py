"""Loadline's own numbers for /metrics: is it keeping up, and who of it is alive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.gauges import PREFIX, counted, one
from dashboard.queue_depth import depths
from fleet.models import SignOfLife
from fleet.watching import Sweeps, last_sweeps

#: Seconds of lateness at which hosts are counted; 60 is where the page calls one overdue.
LATE_BY: Final = (0, 15, 60, 300, 900, 3600)
QUANTILES: Final = (0.5, 0.95)


class Itself(Collector):
    """As of one moment: two queries, and one question to the broker."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        sweeps = last_sweeps(self._now)
        yield from self._lag(sweeps)
        yield from self._durations(sweeps)
        yield counted(
            "failing_sweeps", "Enabled hosts whose last sweep failed, by kind of failure.", "code", sweeps.failures
        )
        yield one("sweep_rows_written", "Rows that the last good sweeps of enabled hosts wrote.", sweeps.rows_written)
        waiting = depths()
        if waiting is not None:
            yield counted("queue_messages", "Messages that wait for a worker.", "queue", waiting)
        yield self._signs()

    def _lag(self, sweeps: Sweeps) -> Iterator[Metric]:
        yield one("sweep_lag_seconds_max", "By how much the most overdue enabled host is late.", sweeps.lag)
        late = {str(seconds): sweeps.late_by(seconds) for seconds in LATE_BY}
        yield counted("late_hosts", "Enabled hosts whose sweep is late by more than so many seconds.", "seconds", late)

    def _durations(self, sweeps: Sweeps) -> Iterator[Metric]:
        oldest, newest, longest = sweeps.oldest, sweeps.newest, sweeps.seconds(1)
        if oldest is not None and oldest.answered_at is not None:
            age = max(0.0, (self._now - oldest.answered_at).total_seconds())
            yield one("sweep_age_seconds_max", "Age of the oldest evidence of an enabled host that ever answered.", age)
        if longest is not None:
            yield one("sweep_seconds_max", "The longest last sweep of an enabled host.", longest)
        if newest is not None and newest.seconds is not None:
            yield one("sweep_seconds_last", "How long the sweep took that ended last.", newest.seconds)
        shares = {f"{share:g}": seconds for share in QUANTILES if (seconds := sweeps.seconds(share)) is not None}
        text = "What that share of the last sweeps of enabled hosts did not exceed."
        yield counted("sweep_seconds", text, "quantile", shares)

    def _signs(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}sign_of_life_age_seconds",
            "Since a scheduler sent, a worker finished a task, or an hourly job was done.",
            labels=["kind", "name"],
        )
        for sign in SignOfLife.objects.all():
            family.add_metric([sign.kind, sign.name], max(0.0, (self._now - sign.at).total_seconds()))
        return family
