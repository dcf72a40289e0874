from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleet.models import Report, ReportMail, ReportSchedule
from fleet.models.report import FAILED, SENDING, SENT, UNSURE
from fleet.reports import keep_todays
from fleet.reports.mailing import NotSentError, ask_for_mail, forget_lost, next_occasion, occasion, queue_due, send_due
from tests.builders import NOW
from tests.mixed_fleet import mixed_fleet

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def schedule(*, changed: datetime = MONDAY - timedelta(days=30), enabled: bool = True) -> ReportSchedule:
    return ReportSchedule(enabled=enabled, weekday=0, hour=6, recipients=["a@example.org"], changed_at=changed)


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (timedelta(seconds=-1), None),  # the week before is too long ago to be made up for
        (timedelta(0), MONDAY),
        (timedelta(hours=5), MONDAY),
        (timedelta(days=3), MONDAY),
        (timedelta(days=3, seconds=1), None),
        (timedelta(days=7), MONDAY + timedelta(days=7)),
    ],
)
def test_an_occasion_is_its_hour_and_three_days_after(after: timedelta, due: datetime | None) -> None:
    assert occasion(schedule(), MONDAY + after) == due


def test_what_came_due_before_it_was_set_is_not_mailed() -> None:
    assert occasion(schedule(changed=MONDAY + timedelta(minutes=1)), MONDAY + timedelta(hours=1)) is None
    assert occasion(schedule(enabled=False), MONDAY) is None


@pytest.mark.parametrize(
    ("at", "following"),
    [(MONDAY - timedelta(hours=1), MONDAY), (MONDAY, MONDAY + timedelta(days=7)), (NOW, MONDAY + timedelta(days=7))],
)
def test_the_next_one_is_still_to_come(at: datetime, following: datetime) -> None:
    assert next_occasion(schedule(), at) == following


@pytest.mark.django_db
def test_an_occasion_is_noted_once_and_keeps_the_days_report() -> None:
    mixed_fleet(MONDAY)
    schedule().save()
    assert queue_due(MONDAY) == 1
    assert queue_due(MONDAY + timedelta(minutes=5)) == 0
    assert queue_due(MONDAY + timedelta(days=7)) == 1
    assert [mail.day for mail in ReportMail.objects.order_by("day")] == list(
        Report.objects.order_by("day").values_list("day", flat=True)
    )


@pytest.mark.django_db
def test_who_is_at_it_already_is_not_disturbed() -> None:
    mail = ask_for_mail("a@example.org", NOW)
    assert ReportMail.objects.all().claim(mail.pk, NOW)
    assert not ReportMail.objects.all().claim(mail.pk, NOW)
    assert send_due(NOW, send=lambda _: pytest.fail("sent twice")).sent == 0


@pytest.mark.django_db
def test_a_mail_whose_sender_was_killed_is_not_sent_again() -> None:
    """It may have gone out; whoever looks decides."""
    mail = ask_for_mail("a@example.org", NOW)
    ReportMail.objects.all().claim(mail.pk, NOW)
    assert forget_lost(NOW + timedelta(minutes=14)) == 0
    assert ReportMail.objects.get().state == SENDING
    assert forget_lost(NOW + timedelta(minutes=16)) == 1
    assert ReportMail.objects.get().state == UNSURE
    assert send_due(NOW + timedelta(hours=1), send=lambda _: pytest.fail("sent twice")).sent == 0


@pytest.mark.django_db
def test_one_that_fails_keeps_no_other_from_going_out() -> None:
    for name in "abc":
        ask_for_mail(f"{name}@example.org", NOW)

    def send(mail: ReportMail) -> None:
        if mail.address.startswith("b"):
            raise NotSentError("no such person", again=False)

    assert send_due(NOW, send=send).sent == 2
    assert dict(ReportMail.objects.values_list("address", "state")) == {
        "a@example.org": SENT,
        "b@example.org": FAILED,
        "c@example.org": SENT,
    }


@pytest.mark.django_db
def test_the_days_report_is_kept_from_its_hour_on_and_once() -> None:
    assert keep_todays(NOW) is None  # nothing to report
    mixed_fleet()
    schedule().save()
    assert keep_todays(NOW.replace(hour=5)) is None
    assert keep_todays(NOW) is not None
    assert keep_todays(NOW + timedelta(hours=1)) is None
    assert Report.objects.count() == 1
