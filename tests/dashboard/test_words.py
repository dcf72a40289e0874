from __future__ import annotations

import pytest

from dashboard.words import PILLARS, SEVERITIES, STAGES, STATUSES, VERDICTS, status_tone, status_word
from fleet.readiness import vocabulary
from fleet.readiness.vocabulary import Severity, Stage, Status, Verdict


def test_every_value_has_a_word() -> None:
    assert set(VERDICTS) == set(Verdict)
    assert set(STATUSES) == set(Status)
    assert set(SEVERITIES) == set(Severity)
    assert set(STAGES) == set(Stage)


def test_the_pillars_keep_their_order() -> None:
    assert list(PILLARS) == list(vocabulary.PILLARS)


@pytest.mark.parametrize(
    ("severity", "tone"), [("critical", "not-ready"), ("high", "at-risk"), ("medium", "notice"), ("info", "notice")]
)
def test_a_failure_is_drawn_as_the_verdict_it_leads_to(severity: str, tone: str) -> None:
    assert status_tone("fail", severity) == tone


def test_a_failure_of_unsaid_severity_is_drawn_as_the_worst() -> None:
    assert status_tone("fail", None) == "not-ready"


def test_a_waived_failure_is_neither_red_nor_green() -> None:
    assert status_tone("waived", "critical") == "waived"
    assert status_word("waived") == "Waived"


def test_an_unheard_of_status_is_refused() -> None:
    with pytest.raises(ValueError, match="fine"):
        status_tone("fine", None)
