"""The forms around a waiver: asking, approving, ending."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from fleet.governance.waivers import Ask


class AskForm(forms.Form):
    """Why, what instead, which ticket, until when."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Why it cannot be mended now, in a sentence that a stranger understands.",
    )
    control = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        label="Compensating control",
        help_text="What keeps the risk small meanwhile.",
    )
    ticket = forms.URLField(
        max_length=500, assume_scheme="https", help_text="The address of the ticket that will end this waiver."
    )
    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}), help_text="The last day.")

    def __init__(self, *args: Any, latest: date, days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["max"] = latest.isoformat()
        self.fields[
            "until"
        ].help_text = f"The last day; at this severity no later than {latest.isoformat()} ({days} days)."
        self.fields["until"].initial = latest

    def ask(self) -> Ask:
        data = self.cleaned_data
        return Ask(reason=data["reason"], control=data["control"], ticket=data["ticket"], until=data["until"])


class NoteForm(forms.Form):
    """A word with a decision."""

    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What you looked at; it stays with the waiver.",
    )


class WithdrawForm(forms.Form):
    """Why somebody ends it before its day; beside the form above, so with ids of its own."""

    note = forms.CharField(
        label="Why withdraw it",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays with the waiver and in the audit trail.",
    )
