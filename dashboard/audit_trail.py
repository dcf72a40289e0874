"""The audit trail notes where a change came from."""

from __future__ import annotations

import ipaddress

from auditlog.middleware import AuditlogMiddleware
from django.conf import settings
from django.http import HttpRequest


class AuditTrail(AuditlogMiddleware):  # type: ignore[misc]
    """Notes an address only when it is one.

    The header can be sent by anybody, so it counts only behind a proxy that sets it; and PostgreSQL refuses to store
    what is no address, which would fail the very change that was to be noted.
    """

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        forwarded = request.headers.get("X-Forwarded-For", "") if settings.LOADLINE_HTTPS else ""
        # The last entry is the one that our own proxy wrote.
        for given in (forwarded.rpartition(",")[2].strip(), request.META.get("REMOTE_ADDR", "")):
            try:
                return str(ipaddress.ip_address(given))
            except ValueError:
                continue
        return None
