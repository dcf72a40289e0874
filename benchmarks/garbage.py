"""What looking for garbage costs the answers that a benchmark measures, and what it costs between them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Looks:
    """As a process that answers pages (dashboard/between_answers.py). Milliseconds of each look, within answers by
    generation.
    """

    within: list[tuple[int, float]] = field(default_factory=list)
    between: Any = None
    _began: float = 0.0
    _answering: bool = False

    def settle(self) -> None:
        from dashboard.between_answers import Between

        self.between = Between()
        self.between.settle()
        gc.callbacks.append(self._told)

    def _told(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        elif self._answering:
            self.within.append((info["generation"], 1000 * (time.perf_counter() - self._began)))

    def answer(self, ask: Callable[[], Any], told: Callable[[], Any]) -> Any:
        """`told` is called right after the answer, before it is looked for garbage; what it gives."""
        self._answering = True
        ask().content  # noqa: B018 - what is sent is made when it is asked for
        found = told()
        self._answering = False
        self.between.ended()
        return found

    def summary(self) -> str:
        inside = f"{len(self.within)} within answers, at most {max((ms for _, ms in self.within), default=0):.1f} ms"
        one = self.between
        each = 1000 * one.seconds / max(1, one.looks)
        return f"garbage: {inside}; {one.looks} between them, {each:.1f} ms each, at most {1000 * one.longest:.1f} ms"
