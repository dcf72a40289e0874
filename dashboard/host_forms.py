"""The forms that register, change, remove and import hosts."""

from __future__ import annotations

from typing import Any

from django import forms

from dashboard.sheet_forms import SheetForm
from fleet.models import Environment, Host
from fleet.registration import Entry, TlsMaterial
from fleet.registration.entry import ENGINES

_LARGEST = 64 * 1024  # a PEM file is a few kilobytes; whatever is larger is something else


class HostForm(forms.Form):
    """What a person types in to have a host swept. Credentials go in and never come out again."""

    name = forms.CharField(max_length=200, help_text="What people call it, such as prod-01.")
    url = forms.CharField(
        max_length=500,
        label="Engine address",
        help_text="unix:///var/run/docker.sock, tcp://host:2376, https://host:2376 or ssh://user@host",
    )
    environment = forms.ModelChoiceField(
        Environment.objects.all(),
        to_field_name="slug",
        empty_label=None,
        help_text="Where it stands on the way to production.",
    )
    team = forms.CharField(
        max_length=100, required=False, help_text="Who runs it. Services without a team of their own take it."
    )
    engine = forms.ChoiceField(choices=[(one, one.capitalize()) for one in ENGINES], initial=ENGINES[0])
    ca = forms.FileField(
        required=False, label="CA certificate (ca.pem)", help_text="Who signed the engine's certificate."
    )
    certificate = forms.FileField(required=False, label="Client certificate (cert.pem)")
    key = forms.FileField(
        required=False, label="Client key (key.pem)", help_text="Sealed before it is stored, and never shown."
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("ca", "certificate", "key"):
            given = cleaned.get(name)
            if given:
                cleaned[name] = self._text(name, given)
        return cleaned

    def _text(self, name: str, given: Any) -> str | None:
        if given.size > _LARGEST:
            self.add_error(name, "That file is larger than 64 KiB; it is no PEM file.")
            return None
        try:
            return str(given.read().decode("ascii"))
        except UnicodeDecodeError:
            self.add_error(name, "That file is not text; a PEM file begins with -----BEGIN.")
            return None

    def entry(self) -> Entry:
        data = self.cleaned_data
        tls = TlsMaterial(data.get("ca") or None, data.get("certificate") or None, data.get("key") or None)
        return Entry(
            name=data["name"],
            url=data["url"],
            environment=data["environment"].slug,
            team=data["team"],
            engine=data["engine"],
            tls=tls if tls.ca or tls.certificate or tls.key else None,
        )

    @staticmethod
    def initial_of(host: Host) -> dict[str, Any]:
        return {
            "name": host.name,
            "url": host.url,
            "environment": host.environment.slug,
            "team": host.team,
            "engine": host.engine,
        }


class RemoveForm(forms.Form):
    """Removing takes the host's name, typed in, so that it is not done by a slip."""

    name = forms.CharField(
        label="The host's name", help_text="Type it to confirm.", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, host: Host, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._host = host

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self._host.name:
            raise forms.ValidationError(f"That is not {self._host.name}.")
        return name


class ImportForm(SheetForm):
    columns = "Columns name, url, environment, team; engine if you like."
