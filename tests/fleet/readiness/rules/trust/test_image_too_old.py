from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.trust.image_too_old import ImageTooOld
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Stage, Status
from tests.builders import NOW, around, image, image_subject

RULE = ImageTooOld()
LABEL = "org.opencontainers.image.created"


def test_staging_has_twice_the_time() -> None:
    subject = ImageSubject(facts=image(created_at=NOW - timedelta(days=150)), around=around(stage=Stage.STAGING))
    assert RULE.judge(subject).status is Status.PASS


def test_an_image_of_the_last_quarter_but_one_fails() -> None:
    assert RULE.judge(image_subject(created_at=NOW - timedelta(days=91))).status is Status.FAIL


def test_no_date_at_all_is_unknown() -> None:
    assert RULE.judge(image_subject(created_at=None, labels={})).status is Status.UNKNOWN


def test_a_date_before_there_were_engines_is_none() -> None:
    assert RULE.judge(image_subject(created_at=NOW - timedelta(days=365 * 40), labels={})).status is Status.UNKNOWN


def test_unreported_labels_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(image_subject(created_at=None, labels=None))


def test_a_young_image_passes() -> None:
    assert RULE.judge(image_subject(created_at=NOW - timedelta(days=89))).status is Status.PASS


@pytest.mark.parametrize("own", [None, datetime(1970, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("2026-11-01T00:00:00Z", Status.PASS),
        ("2026-11-01", Status.PASS),
        ("2026-01-01T00:00:00Z", Status.FAIL),
        ("1970-01-01T00:00:00Z", Status.UNKNOWN),
        ("last week", Status.UNKNOWN),
    ],
)
def test_the_label_counts_where_the_date_is_none(own: datetime | None, said: str, status: Status) -> None:
    outcome = RULE.judge(image_subject(created_at=own, labels={LABEL: said}))
    assert outcome.status is status
    assert outcome.evidence == ({} if status is Status.UNKNOWN else {f"Config.Labels.{LABEL}": said[:10]})


def test_evidence_is_the_day_and_not_the_age() -> None:
    outcome = RULE.judge(image_subject(created_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC)))
    assert outcome.evidence == {"Created": "2026-11-01"}
