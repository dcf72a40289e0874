"""The forms of candidates: which server shows which root keys, and whose fingerprints somebody knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from dashboard.trust_forms import PublicForm, only_certificates, pem_field
from fleet.proving import ProvingError
from fleet.trust.terms import Server


class FetchForm(PublicForm):
    """Which server shows which root keys; of a root that is registered its own is asked."""

    repository = forms.CharField(
        max_length=255,
        help_text="With its registry, as its images have it: registry.internal/team/web.",
        error_messages={"required": "Name the repository, such as registry.internal/team/web."},
    )
    server = forms.CharField(
        max_length=300,
        label="Server of signed metadata",
        help_text="https://notary.internal",
        error_messages={"required": "Say which server is to be asked, such as https://notary.internal."},
    )
    server_private = forms.BooleanField(required=False, label="It is inside our network")
    server_plain = forms.BooleanField(required=False, label="It speaks http, without encryption")
    server_ca = pem_field(label="Certificates to trust instead of the system’s", help_text="PEM.")

    def __init__(self, *args: Any, has_server: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_server:
            for name in ("server", "server_private", "server_plain", "server_ca"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "server_ca" in self.fields:
            self._show_again("server_ca", only_certificates(self, "server_ca", cleaned.get("server_ca") or ""))
        return cleaned

    def server_told(self) -> Server | None:
        data = self.cleaned_data
        if "server" not in self.fields:
            return None
        return Server(
            address=data["server"],
            private=data["server_private"],
            plain=data["server_plain"],
            ca=data["server_ca"] or "",
        )


class ConfirmForm(PublicForm):
    """For each key that a server shows and nobody knows yet, the fingerprint that its publisher told."""

    def __init__(self, *args: Any, fingerprints: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not by the fingerprint: what has to be known must not stand in the page.
        self._names = {one: f"key_{place}" for place, one in enumerate(fingerprints)}
        for one, name in self._names.items():
            self.fields[name] = forms.CharField(
                required=False,
                max_length=200,
                label=f"The publisher’s fingerprint of {one[:4]} {one[4:8]} …",
                help_text="All sixteen groups, or the last eight, which are not shown here.",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
            )

    def said(self) -> dict[str, str]:
        return {one: self.cleaned_data.get(name, "") for one, name in self._names.items()}

    def refuse(self, error: ProvingError) -> None:
        self.add_error(self._names.get(error.field), str(error))
