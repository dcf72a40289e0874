"""Hosts in the admin site: changed by the same use case as everywhere, credentials never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from fleet.models import Host
from fleet.registration import Changes, remove_hosts, update, would_refuse

if TYPE_CHECKING:
    HostForm = forms.ModelForm[Host]
    Base = admin.ModelAdmin[Host]
else:
    HostForm, Base = forms.ModelForm, admin.ModelAdmin  # cannot be subscripted at run time


class ChangeHost(HostForm):
    class Meta:
        model = Host
        fields = ("name", "url", "environment", "team", "enabled")

    def changes(self) -> Changes:
        given = self.cleaned_data
        return Changes(
            name=given["name"],
            url=given["url"],
            environment=given["environment"].slug,
            team=given["team"],
            enabled=given["enabled"],
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            error = would_refuse(Host.objects.get(pk=self.instance.pk), self.changes())
            if error is not None:
                self.add_error(error.field if error.field in self.fields else None, str(error))
        return given


@admin.register(Host)
class HostAdmin(Base):
    form = ChangeHost
    list_display = ("name", "url", "environment", "team", "verdict", "answered_at", "error", "simulated", "enabled")
    list_filter = ("environment", "enabled", "simulated", "error_code")
    list_select_related = ("environment",)
    search_fields = ("name", "url", "team")
    readonly_fields = (
        "engine", "simulated", "has_credentials", "registered_at", "attempted_at", "answered_at", "failures", "error",
        "sweep_seconds", "next_sweep_at",
    )  # fmt: skip
    fields = ("name", "url", "environment", "team", "enabled", *readonly_fields)

    @admin.display(boolean=True, description="TLS credentials stored")
    def has_credentials(self, host: Host) -> bool:
        return host.has_credentials

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new host wants its credentials and a connection test: the Hosts page and `./loadline host add` have both.
        return False

    def save_model(self, request: HttpRequest, obj: Host, form: Any, change: Any) -> None:
        update(Host.objects.get(pk=obj.pk), form.changes(), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Host) -> None:
        remove_hosts(Host.objects.filter(pk=obj.pk), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Host]) -> None:
        remove_hosts(queryset, now=timezone.now())

    def get_deleted_objects(
        self, objs: QuerySet[Host] | Sequence[Host], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The hosts alone: listing each container and finding that goes with them would fill a book."""
        named = [f"{host} with {host.containers_total} containers" for host in objs]
        return named, {"hosts": len(named)}, set(), []
