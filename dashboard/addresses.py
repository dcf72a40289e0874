"""Where a request came from, as far as it can be believed: for the audit trail and for the lock on the sign-in."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """None when nothing tells. The header can be sent by anybody, so it counts only behind a proxy that sets it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.LOADLINE_HTTPS else ""
    # The last entry is the one that our own proxy wrote.
    for given in (forwarded.rpartition(",")[2].strip(), request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(given))
        except ValueError:
            continue
    return None
