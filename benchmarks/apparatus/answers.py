"""When hosts answered, as their rows tell: how long they waited between two answers, and how late they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HOSTS = "SELECT name, answered_at, next_sweep_at, failures FROM fleet_host"
LATE_SECONDS = 60.0  # due every 30 s, and 30 s of grace


def percentile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 2)


@dataclass
class Answers:
    """When good hosts answered, as the rows tell. Seconds."""

    good: set[str]
    interval: float
    last: dict[str, datetime] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    gaps: dict[str, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)

    def look(self, rows: Sequence[tuple[str, datetime | None, datetime, int]]) -> None:
        """An answer is late by the time since the moment that the host's row named when the one before was stored."""
        for name, answered, due, _ in rows:
            if name not in self.good or answered is None or self.last.get(name) == answered:
                continue
            if name in self.last:
                self.gaps.setdefault(name, []).append((answered - self.last[name]).total_seconds())
                self.late.append(max((answered - self.due[name]).total_seconds(), 0.0))
            self.last[name], self.due[name] = answered, due

    def forget(self) -> None:
        """The answers until now were those of the cold start; gaps count from the last of them."""
        self.gaps.clear()
        self.late.clear()

    def close(self, now: datetime) -> None:
        """What has lasted since a host's last answer is a gap, too, once it is longer than the others."""
        for name in self.good:
            if name in self.last:
                open_gap = (now - self.last[name]).total_seconds()
                if open_gap > self.interval * 1.1:
                    self.gaps.setdefault(name, []).append(open_gap)

    def waits(self) -> list[float]:
        """All gaps, the shortest first."""
        return sorted(gap for found in self.gaps.values() for gap in found)

    def told(self) -> dict[str, Any]:
        longest = [max(found) for found in self.gaps.values()]
        return {
            "good_hosts": len(self.good),
            "hosts_with_answers": len(self.gaps),
            "answers": len(self.late),
            "longest_gap": {
                "p50": percentile(longest, 0.5),
                "p95": percentile(longest, 0.95),
                "max": percentile(longest, 1),
            },
            "late": {name: percentile(self.late, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))},
            "gaps_longer_than_60s": sum(gap > LATE_SECONDS for gap in self.waits()),
            "hosts_with_such_gaps": sum(gap > LATE_SECONDS for gap in longest),
        }
