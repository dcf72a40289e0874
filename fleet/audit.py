"""Which rows leave an audit trail when a person changes them."""

from __future__ import annotations

from auditlog.registry import auditlog

from fleet.models import ApiToken, Environment, Host, Preferences

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
