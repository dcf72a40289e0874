"""What sweeps saw and rules said: to be read, for the next sweep would write over any change."""

from __future__ import annotations

from django.contrib import admin

from fleet.admin.reading import ReadOnly
from fleet.models import AnswerSheet, Container, Day, Finding, Image, Network, Volume


@admin.register(Container)
class ContainerAdmin(ReadOnly):
    list_display = ("name", "host", "service", "state", "verdict", "gone_at")
    list_filter = ("state", "verdict", "host__environment")
    list_select_related = ("host", "service")
    search_fields = ("name", "engine_id", "image_reference")
    exclude = ("facts_hash", "judged_key", "restart_marks")


@admin.register(Image, Network, Volume)
class ThingAdmin(ReadOnly):
    list_display = ("name", "host", "first_seen", "gone_at")
    list_select_related = ("host",)
    search_fields = ("name", "engine_id")
    exclude = ("facts_hash",)


@admin.register(Finding)
class FindingAdmin(ReadOnly):
    list_display = ("rule", "subject_kind", "subject_name", "host", "severity", "status", "first_seen")
    list_filter = ("status", "severity", "pillar", "subject_kind")
    list_select_related = ("host",)
    search_fields = ("rule", "subject_name", "subject_id")


@admin.register(AnswerSheet)
class AnswerSheetAdmin(ReadOnly):
    list_display = ("subject_kind", "subject_name", "host", "service", "pattern", "since")
    list_filter = ("subject_kind",)
    list_select_related = ("host", "service")
    search_fields = ("subject_name", "subject_id")


@admin.register(Day)
class DayAdmin(ReadOnly):
    list_display = ("day", "services", "stage_production", "ready", "at_risk", "not_ready", "unknown")
    date_hierarchy = "day"
