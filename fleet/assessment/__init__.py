"""Judging what was recorded: rules over stored facts, findings into rows, findings into verdicts."""

from __future__ import annotations

from fleet.assessment.hosts import Assessed, assess_host
from fleet.assessment.services import assess_services

__all__ = ["Assessed", "assess_host", "assess_services"]
