"""The audit trail notes where a change came from."""

from __future__ import annotations

from auditlog.middleware import AuditlogMiddleware
from django.http import HttpRequest

from dashboard.addresses import address_of


class AuditTrail(AuditlogMiddleware):  # type: ignore[misc]
    """Notes an address only when it is one: PostgreSQL refuses to store what is none, which would fail the very
    change that was to be noted.
    """

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return address_of(request)
