"""The forms of the catalogue: a service's entry, a file of many, and a mapping."""

from __future__ import annotations

from typing import Any

from django import forms

from dashboard.sheet_forms import SheetForm
from fleet.catalogue import Entry
from fleet.inventory.mapping import Terms
from fleet.models import Service, ServiceMapping
from fleet.models.mapping import PATTERNS, TERMS
from fleet.models.service import DECLARABLE

_TIERS = [
    ("", "Nobody said"),
    ("1", "1: the company stands still without it"),
    ("2", "2: customers notice"),
    ("3", "3: it can wait until Monday"),
    *((str(number), str(number)) for number in range(4, 10)),
]


class EntryForm(forms.Form):
    """What a person knows of a service; what is wrong with it is said by `fleet.catalogue`."""

    name = forms.CharField(
        max_length=200,
        help_text="As its containers will name it, such as checkout or shop/web.",
        error_messages={"required": "Give the service a name, the one that its containers bear or will bear."},
    )
    team = forms.CharField(max_length=100, required=False, help_text="Who owns it, and mends it.")
    tier = forms.ChoiceField(
        choices=_TIERS, required=False, help_text="How critical it is. Rules treat a service without one as tier 2."
    )
    stage = forms.ChoiceField(
        choices=[("", "Nobody said"), *reversed(DECLARABLE)],
        required=False,
        label="Declared stage",
        help_text="Where it stands today, in containers or not. It counts only while no container tells.",
    )
    runbook = forms.CharField(
        max_length=500, required=False, help_text="The address of the page for whoever is woken by it."
    )
    oncall = forms.CharField(
        max_length=500, required=False, label="On call", help_text="Whom to call: an address, a mailbox or a rota."
    )
    source_url = forms.CharField(max_length=500, required=False, label="Source", help_text="Where its code is.")

    def entry(self) -> Entry:
        data: dict[str, Any] = self.cleaned_data
        return Entry(**{name: data[name] for name in self.fields})

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        return {
            "name": service.name,
            "team": service.team,
            "tier": "" if service.tier is None else str(service.tier),
            "stage": service.declared_stage,
            "runbook": service.runbook,
            "oncall": service.oncall,
            "source_url": service.source_url,
        }


class ServicesFileForm(SheetForm):
    columns = "A column name; team, tier, stage, runbook, oncall and source_url if you like."


class MappingForm(forms.Form):
    """Which containers, and what they belong to; a prefilled one comes from the list of unmapped services."""

    label = forms.CharField(max_length=500, required=False, help_text="A key, or key=value: app=checkout, app=*.")
    project = forms.CharField(max_length=200, required=False, label="Compose project", help_text="Such as shop, or *.")
    image = forms.CharField(
        max_length=300,
        required=False,
        label="Image repository",
        help_text="Without its tag: registry.internal/shop/*, redis.",
    )
    host = forms.CharField(max_length=200, required=False, help_text="The name it is registered under: db-*.")
    container = forms.CharField(max_length=200, required=False, label="Container name", help_text="Such as billing-*.")
    service = forms.CharField(
        max_length=200, required=False, help_text="The service they belong to. A * is what the first * above stood for."
    )
    team = forms.CharField(
        max_length=100, required=False, help_text="Who owns that service, unless a person entered a team."
    )
    note = forms.CharField(max_length=300, required=False, help_text="Why, for whoever wonders later.")

    def patterns(self) -> list[forms.BoundField]:
        return [self[name] for name in PATTERNS]

    def meaning(self) -> list[forms.BoundField]:
        return [self[name] for name in ("service", "team", "note")]

    def terms(self) -> Terms:
        return Terms(**{name: self.cleaned_data[name] for name in TERMS})

    @staticmethod
    def initial_of(mapping: ServiceMapping) -> dict[str, Any]:
        return {**{name: getattr(mapping, name) for name in TERMS}, "note": mapping.note}
