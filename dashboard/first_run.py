"""What `./loadline up` prepares before the first process starts: tables, files, the first admin."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from dashboard import broker
from dashboard.celery import app

# Neither 0/O nor 1/l/I: it will be read from one screen and typed on another.
ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"


class CannotStartError(Exception):
    """One sentence on what stands in the way."""


def lock(folder: Path) -> int:
    """Held by descriptor, so it falls with the process however that ends."""
    descriptor = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotStartError(f"Loadline is already running on {folder}; stop that one first") from None
    return descriptor


def listen(bind: str, port: int) -> socket.socket:
    """The socket the web process takes over; opened here so that a port in use is known before anything starts."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
        # Two sockets may be bound to one port before the first listens; only listening tells.
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "ports end at 65535"
        raise CannotStartError(f"port {port} on {bind} cannot be used ({reason}); choose another with --port") from None
    return listener


def migrate() -> int:
    """How many migrations were applied."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise CannotStartError(f"DATABASE_URL: the database does not answer ({_first_line(error)})") from None
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    return len(pending)


def first_admin() -> str | None:
    """The new admin's password, or None when there was one."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    users.create_superuser(username="admin", password=password)
    return password


def collect_static() -> bool:
    """Copies style sheets and scripts under names with their hash, when one of them changed since."""
    stamp, wanted = settings.STATIC_ROOT / "stamp", fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    settings.STATIC_ROOT.mkdir()
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(wanted)
    return True


def fingerprint() -> str:
    """Of every style sheet and script as it lies in its source."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda entry: entry[0]):
            status = os.stat(storage.path(name))  # noqa: PTH116
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def ask_for_first_sweep() -> None:
    """Queued before the worker is up, so that the first page does not wait for the schedule's first tick."""
    if settings.EMBEDDED_BROKER:
        broker.forget_queued(settings.LOADLINE_DATA / "queue")
    try:
        app.send_task("fleet.tasks.dispatch_due", expires=60)
    except OperationalError as error:
        raise CannotStartError(f"CELERY_BROKER_URL: the broker does not answer ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
