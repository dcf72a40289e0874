"""The only code that turns an engine's replies into facts; one module per kind of engine."""

from __future__ import annotations

from fleet.engines.docker import collect, look
from fleet.engines.reading.news import attached
from fleet.engines.reading.plan import RESTLESS, Plan, fingerprint

__all__ = ["RESTLESS", "Plan", "attached", "collect", "fingerprint", "look"]
