"""What people decide: environments, declared services, the load line, and who holds a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from fleet.admin.reading import ReadOnly
from fleet.models import ApiToken, Environment, Preferences, Service
from fleet.naming import free_slug
from fleet.tokens import revoke_token

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin  # cannot be subscripted at run time


@admin.register(Environment)
class EnvironmentAdmin(Base):
    list_display = ("name", "slug", "stage", "position")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Service)
class ServiceAdmin(Base):
    """Those that run come from sweeps; a person adds those that do not run in containers yet, and names teams."""

    list_display = ("name", "team", "stage", "verdict", "declared", "containers_total")
    list_filter = ("stage", "verdict", "declared", "simulated")
    search_fields = ("name", "team")
    fields = ("name", "team", "declared")

    def get_readonly_fields(self, request: HttpRequest, obj: Service | None = None) -> tuple[str, ...]:
        # The name is what the next sweep finds the service by.
        return ("name",) if obj else ("declared",)

    def has_delete_permission(self, request: HttpRequest, obj: Service | None = None) -> bool:
        # One that still runs would be back with the next sweep, without its history.
        return super().has_delete_permission(request, obj) and (obj is None or obj.containers_total == 0)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: Any) -> None:
        if change:
            obj.save(update_fields=["team", "declared"])
            return
        obj.slug, obj.declared, obj.first_seen = free_slug(obj.name), True, timezone.now()
        obj.save()


@admin.register(Preferences)
class PreferencesAdmin(Base):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Preferences.objects.exists()


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Issued by `./loadline token create` alone, where a secret can be shown once and to one person."""

    list_display = ("name", "role", "hint", "created_at", "last_used_at", "revoked_at")
    list_filter = ("role",)
    fields = list_display
    actions = ("revoke",)

    @admin.action(description="Revoke for good")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        if not request.user.has_perm("fleet.change_apitoken"):
            self.message_user(request, "You may not revoke tokens.", messages.ERROR)
            return
        for token in queryset:
            revoke_token(token.name, now=timezone.now())
        self.message_user(request, f"Revoked: {', '.join(token.name for token in queryset)}")
