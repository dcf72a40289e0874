"""The form that says who gets the report by mail, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from fleet.models import ReportSchedule
from fleet.models.report import WEEKDAYS

MOST: Final = 50


class ScheduleForm(forms.Form):
    """Addresses one a line or with commas between; each gets a mail of its own."""

    enabled = forms.BooleanField(required=False, label="Mail the report every week")
    recipients = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One address a line. Each gets a mail of its own, so nobody sees who else does.",
    )
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, coerce=int, label="Day")
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02}:00 UTC") for hour in range(24)],
        coerce=int,
        label="Time",
        help_text="The day's report is kept at that hour, too, every day.",
    )

    def clean_recipients(self) -> list[str]:
        given = self.cleaned_data["recipients"].replace(",", "\n").splitlines()
        addresses = list(dict.fromkeys(one.strip() for one in given if one.strip()))
        wrong = [one for one in addresses if not _valid(one)]
        if wrong:
            raise ValidationError([f"{one} is not an address such as name@example.org." for one in wrong[:5]])
        if len(addresses) > MOST:
            raise ValidationError(f"These are {len(addresses)}; give {MOST} at most, or the address of a list.")
        return addresses

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("enabled") and "recipients" not in self.errors and not cleaned.get("recipients"):
            self.add_error("recipients", "Somebody has to get it: give an address, or leave the box above empty.")
        return cleaned

    def save(self, now: datetime) -> ReportSchedule:
        """What came due before now is not mailed to whom it says."""
        schedule = ReportSchedule.current()
        for name in ("enabled", "recipients", "weekday", "hour"):
            setattr(schedule, name, self.cleaned_data[name])
        schedule.changed_at = now
        schedule.save()
        return schedule

    @staticmethod
    def initial_of(schedule: ReportSchedule) -> dict[str, Any]:
        return {
            "enabled": schedule.enabled,
            "recipients": "\n".join(schedule.recipients),
            "weekday": schedule.weekday,
            "hour": schedule.hour,
        }


class OneForm(forms.Form):
    """Where one mail is to go, now."""

    address = forms.EmailField(label="Your address", max_length=254)


def _valid(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= 254  # noqa: PLR2004 - the longest an address may be
