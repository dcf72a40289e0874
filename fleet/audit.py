"""Which rows leave an audit trail when a person changes them."""

from __future__ import annotations

from auditlog.registry import auditlog

from fleet.models import (
    ApiToken,
    Environment,
    EvidencePack,
    Host,
    PolicyVersion,
    Preferences,
    ReportSchedule,
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
auditlog.register(EvidencePack, exclude_fields=["document", "summary"])
