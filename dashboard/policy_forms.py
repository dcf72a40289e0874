"""The form that proposes a policy."""

from __future__ import annotations

from typing import Any

from django import forms

from fleet.governance.policy import PolicyError, from_yaml

_LARGEST = 256 * 1024


class PolicyForm(forms.Form):
    """YAML typed in or in a file; `cleaned_data["policy"]` is the policy."""

    yaml = forms.CharField(
        label="Policy",
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "code"}),
        max_length=_LARGEST,
        required=False,
        strip=False,
    )
    file = forms.FileField(required=False, label="Or a YAML file", help_text="It takes the place of the text above.")
    note = forms.CharField(max_length=300, help_text="What changes and why; it stands in the list of versions.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given = cleaned.get("file")
        field, text = ("file", self._text(given)) if given else ("yaml", cleaned.get("yaml") or "")
        if text is None or field in self.errors:
            return cleaned
        try:
            cleaned["policy"] = from_yaml(text)
        except PolicyError as error:
            self.add_error(field, str(error))
        return cleaned

    def _text(self, given: Any) -> str | None:
        if given.size > _LARGEST:
            self.add_error("file", "That file is larger than 256 KiB; it is no policy.")
            return None
        try:
            return str(given.read().decode())
        except UnicodeDecodeError:
            self.add_error("file", "That file is not text.")
            return None
