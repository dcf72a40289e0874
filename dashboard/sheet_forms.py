"""The form of every import from a CSV, whose second step shows what the first read."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

_LARGEST = 2 * 1024 * 1024


class SheetForm(forms.Form):
    """A CSV file, or on the second step its text again; `columns` says which ones it has."""

    columns: ClassVar[str]

    file = forms.FileField(label="CSV file", required=False, widget=forms.FileInput(attrs={"required": True}))
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = self.columns

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("file") and not cleaned.get("text"):
            self.add_error("file", "Choose a CSV file.")
        elif cleaned.get("file") and cleaned["file"].size > _LARGEST:
            self.add_error("file", "That file is larger than 2 MiB; split it.")
        return cleaned

    def content(self) -> bytes:
        data = self.cleaned_data
        return bytes(data["file"].read()) if data.get("file") else str(data["text"]).encode()
