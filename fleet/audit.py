"""Which rows leave an audit trail when a person changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from fleet.models import (
    ApiToken,
    Environment,
    EvidencePack,
    Host,
    ImageRegistry,
    PolicyVersion,
    Preferences,
    ReportSchedule,
    ServiceMapping,
    TrustRoot,
    TrustRootVersion,
    Waiver,
    WaiverApproval,
)

# What sweeps write is not what people change, and sealed credentials have no place in a trail.
_SWEPT = [
    field.name
    for field in Host._meta.get_fields()  # noqa: SLF001 - Django's documented model API
    if field.name not in {"name", "url", "engine", "environment", "team", "enabled"}
]

auditlog.register(Host, exclude_fields=_SWEPT)
auditlog.register(ApiToken, exclude_fields=["digest", "last_used_at"])
auditlog.register(Environment)
auditlog.register(Preferences)
auditlog.register(ReportSchedule)
auditlog.register(Waiver, exclude_fields=["evidence", "fingerprints"])
auditlog.register(WaiverApproval)
auditlog.register(PolicyVersion, exclude_fields=["document", "preview", "preview_state"])
auditlog.register(ServiceMapping, exclude_fields=["preview", "preview_state"])
auditlog.register(TrustRoot)
auditlog.register(TrustRootVersion, exclude_fields=["document"])
auditlog.register(ImageRegistry, exclude_fields=["sealed_password"])
auditlog.register(EvidencePack, exclude_fields=["document", "summary"])


def note_changes(row: Model, changes: Mapping[str, tuple[Any, Any]], *, new: bool = False, gone: bool = False) -> None:
    """A line about a row that sweeps write as well, so that its own signals cannot tell what a person did.

    `changes` are before and after by field.
    """
    action = LogEntry.Action.CREATE if new else LogEntry.Action.DELETE if gone else LogEntry.Action.UPDATE
    told = {field: [_plain(before), _plain(after)] for field, (before, after) in changes.items()}
    LogEntry.objects.log_create(row, force_log=True, action=action, changes=told)


def changes_of(row: Model) -> QuerySet[Any]:
    """Lines about it, newest first, with who wrote them."""
    lines: QuerySet[Any] = LogEntry.objects.get_for_object(row).select_related("actor").order_by("-timestamp", "-pk")
    return lines


def changes_in(*models: type[Model]) -> QuerySet[Any]:
    """Lines about any row of these, also of those that are gone, newest first."""
    kinds = ContentType.objects.get_for_models(*models).values()
    lines: QuerySet[Any] = LogEntry.objects.filter(content_type__in=list(kinds)).select_related("actor", "content_type")
    return lines.order_by("-timestamp", "-pk")


def _plain(value: object) -> str:
    return "" if value is None else str(value)
