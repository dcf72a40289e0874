"""Two questions a load balancer asks: is the process alive, and can it do its work?"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError

from dashboard.celery import app
from dashboard.disk import disk_full

REMEMBERED_SECONDS = 2


class NotReadyError(Exception):
    """One sentence on what is missing."""


@require_safe
@never_cache
@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(_request: HttpRequest) -> HttpResponse:
    parts = remembered.parts()
    ready = all(answer == "ok" for answer in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        raise NotReadyError("the database does not answer") from None


def migrations() -> None:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        raise NotReadyError("cannot be read without the database") from None
    if pending:
        raise NotReadyError(f"{len(pending)} not applied; run ./loadline migrate")


def broker() -> None:
    if settings.EMBEDDED_BROKER:
        if not os.access(settings.LOADLINE_DATA, os.W_OK):
            raise NotReadyError("the queue's folder cannot be written")
        return
    try:
        with app.connection_for_write(connect_timeout=2) as queue:
            queue.ensure_connection(max_retries=1, timeout=2)
    except (OSError, KombuError):
        # Its own words may hold the address, and that a password.
        raise NotReadyError("the broker does not answer") from None


def disk() -> None:
    if disk_full():
        raise NotReadyError("the disk that LOADLINE_DATA is on is full")


PROBES: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "disk": disk,
}


class Remembered:
    """Answers are kept for two seconds, so that a busy prober costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._parts: dict[str, str] = {}
        self._migrated = False

    def parts(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._parts = {name: _ask(probe) for name, probe in PROBES.items() if not self._settled(name)}
                self._migrated = self._migrated or self._parts.get("migrations") == "ok"
                self._parts.setdefault("migrations", "ok")
                self._until = time.monotonic() + REMEMBERED_SECONDS
            return self._parts

    def forget(self) -> None:
        self._until, self._migrated = 0.0, False

    def _settled(self, name: str) -> bool:
        # Applied migrations stay applied while this process runs the code that came with them.
        return name == "migrations" and self._migrated


def _ask(probe: Callable[[], None]) -> str:
    try:
        probe()
    except NotReadyError as reason:
        return str(reason)
    return "ok"


remembered = Remembered()
